"""A linear probe in Python on the features of the ImageNet SqueezeNet, with which the model `birds` is compared.

  linear_probe.py DATA WEIGHTS [--classes NAME...] [--epochs N] [--lr X] [--batch-size N] [--seeds N]

DATA has the class folders train/ and validation/; WEIGHTS is a state_dict with squeezenet1_1's convolutions. Images are
prepared as torchvision prepares them for evaluation, without augmentation; then torch's Linear and Adam.
"""
import argparse
import pathlib
import statistics
import sys

import torch
import torch.nn.functional as F
from PIL import Image

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
from vision import models, transforms  # noqa: E402

PREPARE = transforms.Compose([transforms.Resize(256), transforms.CenterCrop(224), transforms.ToTensor(),
                              transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))])


@torch.no_grad()
def features(folder, classes, trunk):
    """Features [N, 512] and labels [N]."""
    rows, labels = [], []
    for label, name in enumerate(classes):
        for path in sorted((folder / name).iterdir()):
            rows.append(trunk(PREPARE(Image.open(path).convert("RGB"))[None]).mean((2, 3)))
            labels.append(label)
    return torch.cat(rows), torch.tensor(labels)


def accuracy(args, seed, train, validation):
    torch.set_num_threads(1)  # two threads that meet in each of these small steps take longer than one
    torch.manual_seed(seed)
    (x, y), (test_x, test_y) = train, validation
    layer = torch.nn.Linear(x.shape[1], int(y.max()) + 1)
    optimizer = torch.optim.Adam(layer.parameters(), lr=args.lr)
    for _ in range(args.epochs):
        for rows in torch.randperm(len(y)).split(args.batch_size):
            optimizer.zero_grad()
            F.cross_entropy(layer(x[rows]), y[rows]).backward()
            optimizer.step()
    return (layer(test_x).argmax(1) == test_y).float().mean().item()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("weights")
    parser.add_argument("--classes", nargs="*")
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--lr", type=float, default=0.001)
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--seeds", type=int, default=3)
    args = parser.parse_args()
    trunk = models.squeezenet1_1(weights=None)
    trunk.load_state_dict(torch.load(args.weights, weights_only=True), strict=False)
    classes = sorted(path.name for path in (args.data / "train").iterdir())
    classes = [name for name in classes if not args.classes or name in args.classes]
    train, validation = (features(args.data / part, classes, trunk.features.eval()) for part in ("train", "validation"))
    found = [accuracy(args, seed, train, validation) for seed in range(1, args.seeds + 1)]
    print(f"linear probe: {len(classes)} classes, {len(train[1])} + {len(validation[1])} images, validation accuracy "
          f"{statistics.mean(found):.4f}, from {min(found):.4f} to {max(found):.4f}")


if __name__ == "__main__":
    main()
