"""The network of the tutorial on synthetic data and its defaults."""

import pathlib
import sys

import torch
import torch.nn.functional as F
from torch import nn

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))  # for common and vision

# And the seed, which is a constant in the tutorial.
HYPERPARAMETERS = {"num-epochs": 20, "learning-rate": 0.001, "batch-size": 64.0, "test-batch-size": 1.0, "seed": 1337}


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
