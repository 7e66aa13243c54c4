"""Decodes and resizes class folders of images as torchvision's ImageFolder does for evaluation, one process, and
prints the rate; --make OUT instead writes N photographs of WIDTHxHEIGHT pixels there in two classes, enlarged from those
in DATA.

  decode.py DATA [--make OUT --number N --size WIDTH HEIGHT]
"""
import argparse
import pathlib
import sys
import time

import numpy as np
import torch
from PIL import Image

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
from vision import datasets, transforms  # noqa: E402

PREPARE = transforms.Compose([transforms.Resize(256), transforms.CenterCrop(224), transforms.PILToTensor()])


def make(args):
    folders = [args.make / "train" / name for name in ("odd", "even")]
    for folder in folders:
        folder.mkdir(parents=True)
    found = sorted(args.data.rglob("*.jpg"))[: args.number]
    random = np.random.default_rng(1)
    for number in range(args.number):
        if found:
            image = Image.open(found[number % len(found)]).convert("RGB")
        else:  # structure at a few scales
            image = Image.fromarray(random.integers(0, 255, (48, 64, 3), np.uint8))
        image.resize(args.size, Image.BICUBIC).save(folders[number % 2] / f"{number:05}.jpg", quality=92)


def decode(args):
    images = datasets.ImageFolder(args.data, transform=PREPARE)
    start = time.perf_counter()
    pixels = torch.stack([image for image, _ in images])
    seconds = time.perf_counter() - start
    print(f"decoded {len(pixels)} images in {seconds:.3f} s, {len(pixels) / seconds:.1f} images/s")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("--make", type=pathlib.Path)
    parser.add_argument("--number", type=int, default=600)
    parser.add_argument("--size", type=int, nargs=2, default=(500, 375))
    args = parser.parse_args()
    torch.set_num_threads(1)
    make(args) if args.make else decode(args)


if __name__ == "__main__":
    main()
