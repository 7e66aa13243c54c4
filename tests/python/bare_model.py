"""Networks saved without a model.json, and the endpoint that serves them."""
import pathlib
import tempfile
import unittest

import torch

from running_endpoint import Endpoint


class Branching(torch.nn.Module):
    """Scripted, with control flow that depends on the input."""
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(4, 3)

    def forward(self, x):
        if x.sum() > 0:
            x = x * 2
        return torch.softmax(self.layer(x), dim=-1)


def convolutional():
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3, padding=1), torch.nn.BatchNorm2d(8), torch.nn.ReLU(), torch.nn.MaxPool2d(2),
                              torch.nn.Conv2d(8, 16, 3), torch.nn.ReLU(), torch.nn.Dropout(), torch.nn.AdaptiveAvgPool2d(1),
                              torch.nn.Flatten(), torch.nn.Linear(16, 10))
    net(torch.rand(64, 3, 32, 32))  # gives it its own statistics
    return net


class Bare(unittest.TestCase):
    def served(self, module, name="model.pt"):
        base = pathlib.Path(tempfile.mkdtemp())
        (base / "model").mkdir()
        torch.jit.save(module, base / "model" / name)
        self.model = torch.jit.load(base / "model" / name)
        return Endpoint(self, base)
