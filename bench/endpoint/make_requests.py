"""Writes what bench/endpoint/run sends: image.npy and the answer of MODEL.PT to it (answer.npy), a made-up photograph
(photo.jpg), and resnet/: torchvision's ResNet-18 with random weights, traced, with a model.json for our endpoint.

  make_requests.py MODEL.PT FOLDER
"""
import json
import pathlib
import sys

import numpy as np
import torch
from PIL import Image

for missing in ("nms", "qnms"):  # as bench/mnist/tutorial.py explains
    torch.library.define(f"torchvision::{missing}", "(Tensor boxes, Tensor scores, float iou_threshold) -> Tensor")
from torchvision import models  # noqa: E402

model, folder = torch.jit.load(sys.argv[1]).eval(), pathlib.Path(sys.argv[2])
random = np.random.default_rng(1)

image = random.random((1, 1, 28, 28), "float32")
np.save(folder / "image.npy", image)
with torch.inference_mode():
    np.save(folder / "answer.npy", model(torch.from_numpy(image)).numpy().astype("float64"))

# Smooth, so that it is about as large as a photograph: some 60 KB.
small = Image.fromarray(random.integers(0, 255, (60, 80, 3), "uint8"))
small.resize((500, 375), Image.BICUBIC).save(folder / "photo.jpg", quality=90)

(folder / "resnet").mkdir()
torch.manual_seed(1)
net = models.resnet18().eval()
torch.jit.trace(net, torch.rand(1, 3, 224, 224)).save(folder / "resnet" / "model.pt")
(folder / "resnet" / "model.json").write_text(json.dumps({
    "format": 1, "model": "resnet18", "recipe": "tutorial", "version": "0.1.0", "libtorch": torch.__version__,
    "input": {"shape": [None, 3, None, None], "dtype": "float32"}, "output": "logits", "labels": [str(i) for i in range(1000)],
    "image": {"mode": "RGB", "resize": 256, "crop": 224, "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]},
    "hyperparameters": {}, "metrics": {}}))
