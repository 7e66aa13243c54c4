"""The networks of bench/compiled, as a user's module has them: MNIST's with the weights of the model.pt in SMLT_BENCH_MODEL, and
torchvision's ResNet-18 with random ones."""
import os
import pathlib
import sys

import torch

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "mnist"))


def mnist():
    from net import Net
    net = Net()
    net.load_state_dict(torch.jit.load(os.environ["SMLT_BENCH_MODEL"]).state_dict())
    return net.eval()


def resnet18():
    for missing in ("nms", "qnms"):  # as bench/mnist/tutorial.py explains
        torch.library.define(f"torchvision::{missing}", "(Tensor boxes, Tensor scores, float iou_threshold) -> Tensor")
    from torchvision import models
    torch.manual_seed(1)
    return models.resnet18().eval()


if __name__ == "__main__":  # nets.py FOLDER: one image for ResNet-18, and it as TorchScript
    import numpy as np
    folder = pathlib.Path(sys.argv[1])
    np.save(folder / "photo.npy", np.random.default_rng(1).random((1, 3, 224, 224), "float32"))
    torch.jit.trace(resnet18(), torch.rand(1, 3, 224, 224)).save(folder / "resnet.pt")
