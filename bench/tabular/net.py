"""The network of the tutorial on synthetic data, its defaults, and what both training scripts do alike at the end."""

import argparse
import os

import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    """Rows [N, 15] to scores [N, 3] from 0.5 to 1."""

    def __init__(self, seed=1337):
        super().__init__()
        torch.manual_seed(seed)
        self.fc1 = nn.Linear(15, 10)
        nn.init.xavier_uniform_(self.fc1.weight)
        self.fc2 = nn.Linear(10, 3)
        nn.init.xavier_uniform_(self.fc2.weight)

    def forward(self, x):
        return torch.sigmoid(F.relu(self.fc2(F.relu(self.fc1(x)))))


def parse_arguments(description):
    """The tutorial's hyperparameters with its defaults, and --seed, which it has as a constant."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--num-epochs", type=int, default=20)
    parser.add_argument("--learning-rate", type=float, default=0.001)
    parser.add_argument("--batch-size", type=float, default=64)
    parser.add_argument("--test-batch-size", type=float, default=1)
    parser.add_argument("--seed", type=int, default=1337)
    parser.add_argument("--data-dir", default=os.environ.get("SM_CHANNEL_TRAINING"))
    parser.add_argument("--model-dir", default=os.environ.get("SM_MODEL_DIR"))
    return parser.parse_args()


def save(model, model_dir):
    torch.save(model.cpu().state_dict(), os.path.join(model_dir, "model.pth"))
