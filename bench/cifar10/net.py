"""The network of both CIFAR-10 tutorials and their defaults."""

import pathlib
import sys

import torch.nn.functional as F
from torch import nn

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))  # for common and vision

HYPERPARAMETERS = {"workers": 2, "epochs": 2, "batch_size": 4, "lr": 0.001, "momentum": 0.9, "seed": 1}


class Net(nn.Module):
    """Images [N, 3, 32, 32] to logits [N, classes], or (dropout) log-probabilities from half of the logits."""

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
