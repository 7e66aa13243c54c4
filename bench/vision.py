"""torchvision beside a CPU torch. PyPI's is built for CUDA, and its operators cannot load here. Nothing uses them, but the
import fails for lack of two names, which are therefore declared first; everything that runs after that is torchvision's own code."""

import torch

for missing in ("nms", "qnms"):
    torch.library.define(f"torchvision::{missing}", "(Tensor boxes, Tensor scores, float iou_threshold) -> Tensor")
from torchvision import datasets, models, transforms  # noqa: E402, F401
