"""The network of AWS's PyTorch MNIST example and its defaults."""

import pathlib
import sys

import torch.nn.functional as F
from torch import nn

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))  # for common and vision

HYPERPARAMETERS = {"batch-size": 64, "test-batch-size": 1000, "epochs": 10, "lr": 0.01, "momentum": 0.5, "seed": 1, "log-interval": 100}


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
