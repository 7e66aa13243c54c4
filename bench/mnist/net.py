"""The network of AWS's PyTorch MNIST example, its defaults, and what both training scripts do alike at the end."""

import argparse
import os

import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    """Images [N, 1, 28, 28] to log-probabilities [N, 10]."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 10, kernel_size=5)
        self.conv2 = nn.Conv2d(10, 20, kernel_size=5)
        self.conv2_drop = nn.Dropout2d()
        self.fc1 = nn.Linear(320, 50)
        self.fc2 = nn.Linear(50, 10)

    def forward(self, x):
        x = F.relu(F.max_pool2d(self.conv1(x), 2))
        x = F.relu(F.max_pool2d(self.conv2_drop(self.conv2(x)), 2))
        x = F.relu(self.fc1(x.view(-1, 320)))
        x = F.dropout(x, training=self.training)
        return F.log_softmax(self.fc2(x), dim=1)


def parse_arguments(description):
    """The tutorial's hyperparameters with its defaults, and --threads (0 leaves PyTorch's own choice)."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--test-batch-size", type=int, default=1000)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--lr", type=float, default=0.01)
    parser.add_argument("--momentum", type=float, default=0.5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--log-interval", type=int, default=100)
    parser.add_argument("--data-dir", default=os.environ.get("SM_CHANNEL_TRAINING"))
    parser.add_argument("--model-dir", default=os.environ.get("SM_MODEL_DIR"))
    parser.add_argument("--threads", type=int, default=0)
    return parser.parse_args()


def set_threads(threads):
    if threads > 0:
        torch.set_num_threads(threads)
    print(f"{torch.get_num_threads()} compute threads", flush=True)


def save(model, model_dir):
    """model.pt as TorchScript, which AWS's default handlers load."""
    torch.jit.script(model.cpu().eval()).save(os.path.join(model_dir, "model.pt"))
