"""Writes VERSION/model.pt with this Python's PyTorch, for tests/python/test_bare_models.py: a small convolutional network,
one half traced, the other scripted, that takes [N, 3, 32, 32]. It runs with any PyTorch from 1.0 on.

  make_model.py FOLDER
"""
import os
import sys

import torch


class Head(torch.nn.Module):
    def __init__(self):
        super(Head, self).__init__()
        self.layer = torch.nn.Linear(16, 10)

    def forward(self, x):
        if x.dim() > 2:
            x = x.flatten(1)
        return torch.log_softmax(self.layer(x), dim=1)


class Net(torch.nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        trunk = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3, padding=1), torch.nn.BatchNorm2d(8), torch.nn.ReLU(),
                                    torch.nn.MaxPool2d(2), torch.nn.Conv2d(8, 16, 3), torch.nn.ReLU(), torch.nn.AdaptiveAvgPool2d(1))
        self.trunk = torch.jit.trace(trunk.eval(), torch.rand(1, 3, 32, 32))
        self.head = torch.jit.script(Head())

    def forward(self, x):
        return self.head(self.trunk(x))


torch.manual_seed(0)
folder = os.path.join(sys.argv[1], torch.__version__.split("+")[0])
os.makedirs(folder)
torch.jit.script(Net().eval()).save(os.path.join(folder, "model.pt"))
print(folder)
