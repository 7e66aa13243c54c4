"""Images as the network sees them, against torchvision's own transforms on the same file and the same random draws."""
import os
import pathlib
import subprocess
import tempfile
import unittest

import numpy as np
import torch
from PIL import Image

import vision  # noqa: F401, before torchvision
from torchvision.transforms import functional as F

TOOL = os.environ["SMLT_TRANSFORM_IMAGE"]
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
# In levels of 0..255: both resize with fixed-point weights, of different widths, and round twice (rows, then columns).
MOST, MEAN_MOST = 2.0, 0.15


def photograph(width, height, seed=1):
    """Structure at every scale, as photographs have it."""
    random = np.random.default_rng(seed)
    pixels = np.zeros((height, width, 3), np.float64)
    for side in (4, 16, 64):
        noise = Image.fromarray(random.integers(0, 255, (side, side, 3), np.uint8)).resize((width, height), Image.BICUBIC)
        pixels += np.asarray(noise, np.float64) / 3
    return Image.fromarray(pixels.astype(np.uint8))


class Transforms(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def ours(self, image, *draw, **options):
        path = pathlib.Path(self.folder.name) / "image"
        image.save(path, format=options.pop("format", "JPEG"), **options)
        done = subprocess.run([TOOL, path, *map(str, draw)], check=True, stdout=subprocess.PIPE)
        return torch.from_numpy(np.frombuffer(done.stdout, np.float32).reshape(3, 224, 224).copy()), Image.open(path).convert("RGB")

    def assert_close(self, ours, theirs):
        difference = (ours - theirs).abs() * torch.tensor(STD).view(3, 1, 1) * 255
        self.assertLessEqual(difference.max().item(), MOST + 1e-3)
        self.assertLessEqual(difference.mean().item(), MEAN_MOST)

    def evaluated(self, image):
        return F.normalize(F.to_tensor(F.center_crop(F.resize(image, 256), 224)), MEAN, STD)

    def test_evaluation(self):
        for size in ((500, 375), (341, 256), (227, 227), (640, 427), (100, 300)):
            with self.subTest(size):
                ours, image = self.ours(photograph(*size), quality=92)
                self.assert_close(ours, self.evaluated(image))

    def test_kinds_of_files(self):
        picture = photograph(400, 300)
        for mode, options in (("RGB", {"progressive": True}), ("L", {}), ("CMYK", {}), ("RGB", {"subsampling": 0}),
                              ("P", {"format": "PNG"}), ("RGB", {"format": "PNG"})):
            with self.subTest(mode=mode, **options):
                ours, image = self.ours(picture.convert(mode), **options)
                self.assert_close(ours, self.evaluated(image))

    def test_a_large_photograph_is_decoded_smaller(self):
        # Decoded at a half, so not the same to the last level.
        ours, image = self.ours(photograph(2048, 1536), quality=92)
        difference = (ours - self.evaluated(image)).abs() * torch.tensor(STD).view(3, 1, 1) * 255
        self.assertLessEqual(difference.mean().item(), 1.0)

    def test_augmentation(self):
        for seed, (size, draw) in enumerate([((500, 375), (11, 23, 340, 450, 0, 0)), ((500, 375), (0, 0, 375, 480, 7.3, 0)),
                                             ((500, 375), (5, 9, 350, 400, -14.9, 1)), ((227, 227), (10, 3, 201, 215, 3.25, 1)),
                                             ((240, 320), (0, 0, 320, 240, 15, 0))]):
            with self.subTest(size=size, draw=draw):
                ours, image = self.ours(photograph(*size, seed), *draw, quality=92)
                top, left, height, width, angle, flipped = draw
                theirs = F.rotate(F.resized_crop(image, top, left, height, width, [256, 256]), angle)
                theirs = F.center_crop(F.hflip(theirs) if flipped else theirs, 224)
                self.assert_close(ours, F.normalize(F.to_tensor(theirs), MEAN, STD))


if __name__ == "__main__":
    unittest.main()
