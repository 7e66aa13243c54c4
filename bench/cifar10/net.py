"""The network of both CIFAR-10 tutorials, their defaults, and what both training scripts do alike at the end."""

import argparse
import os

import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    """Images [N, 3, 32, 32] to logits [N, classes], or (dropout) log-probabilities of half of the logits."""

    def __init__(self, classes=10, dropout=False):
        super().__init__()
        self.dropout = dropout
        self.conv1 = nn.Conv2d(3, 6, 5)
        self.pool = nn.MaxPool2d(2, 2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, classes)

    def forward(self, x):
        x = self.pool(F.relu(self.conv1(x)))
        x = self.pool(F.relu(self.conv2(x)))
        x = F.relu(self.fc1(x.view(-1, 16 * 5 * 5)))
        x = self.fc3(F.relu(self.fc2(x)))
        if self.dropout:
            x = F.log_softmax(F.dropout(x, training=self.training), dim=1)
        return x


def parse_arguments(description):
    """The tutorial's hyperparameters with its defaults, and --threads (0 leaves PyTorch's own choice)."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--batch_size", type=int, default=4)
    parser.add_argument("--lr", type=float, default=0.001)
    parser.add_argument("--momentum", type=float, default=0.9)
    parser.add_argument("--seed", type=int, default=1)
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
