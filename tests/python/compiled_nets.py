"""Networks that test_compiled_models.py compiles, as a user's module has them."""
import functools

import torch


def mlp(classes=3):
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(8, 16), torch.nn.ReLU(), torch.nn.Linear(16, classes)).eval()


def convolutional():
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3, padding=1), torch.nn.BatchNorm2d(8), torch.nn.ReLU(), torch.nn.MaxPool2d(2),
                              torch.nn.Conv2d(8, 16, 3), torch.nn.ReLU(), torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(),
                              torch.nn.Linear(16, 10))
    net(torch.rand(64, 3, 32, 32))  # gives it its own statistics
    return net.eval()


@functools.cache
def torchvision_models():
    for missing in ("nms", "qnms"):  # as bench/mnist/tutorial.py explains
        torch.library.define(f"torchvision::{missing}", "(Tensor boxes, Tensor scores, float iou_threshold) -> Tensor")
    from torchvision import models
    return models


def resnet18():
    torch.manual_seed(0)
    return torchvision_models().resnet18(weights=None).eval()


class Several(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(8, 3)

    def forward(self, x):
        y = self.layer(x)
        return {"scores": y, "others": [y * 2, (y.sum(1),)]}


def several():
    torch.manual_seed(0)
    return Several().eval()
