"""The tutorial's job as careful Python: the data set in memory, normalised once, and batches by index; no loader. The
test images are evaluated too, which the tutorial never does."""

import os
import pickle

import numpy as np
import torch
import torch.nn.functional as F

from net import HYPERPARAMETERS, Net
from common import parse_arguments, save, set_threads


def read_split(data_dir, names):
    """Normalised images [N, 3, 32, 32] and labels [N]."""
    batches = []
    for name in names:
        with open(os.path.join(data_dir, "cifar-10-batches-py", name), "rb") as file:
            batches.append(pickle.load(file, encoding="latin1"))
    pixels = torch.from_numpy(np.concatenate([batch["data"] for batch in batches])).view(-1, 3, 32, 32)
    return pixels.float().div_(255).sub_(0.5).div_(0.5), torch.tensor([label for batch in batches for label in batch["labels"]])


def train_epoch(args, epoch, model, images, labels, optimizer):
    running_loss = 0.0
    for number, rows in enumerate(torch.randperm(len(labels)).split(args.batch_size), 1):
        optimizer.zero_grad(set_to_none=True)
        loss = F.cross_entropy(model(images[rows]), labels[rows])
        loss.backward()
        optimizer.step()
        running_loss += loss.item()
        if number % 2000 == 0:
            print("[%d, %5d] loss: %.3f" % (epoch, number, running_loss / 2000), flush=True)
            running_loss = 0.0


@torch.inference_mode()
def test(model, images, labels):
    outputs = torch.cat([model(batch) for batch in images.split(1000)])
    accuracy = (outputs.argmax(1) == labels).float().mean().item()
    print(f"Test set: Average loss: {F.cross_entropy(outputs, labels):.4f}, Accuracy: {100 * accuracy:.2f}%", flush=True)


def main():
    args = parse_arguments(__doc__, HYPERPARAMETERS)
    set_threads(args.threads)
    torch.manual_seed(args.seed)
    train_images, train_labels = read_split(args.data_dir, [f"data_batch_{number}" for number in range(1, 6)])
    test_images, test_labels = read_split(args.data_dir, ["test_batch"])
    model = Net()
    optimizer = torch.optim.SGD(model.parameters(), lr=args.lr, momentum=args.momentum, fused=True)
    for epoch in range(1, args.epochs + 1):
        train_epoch(args, epoch, model, train_images, train_labels, optimizer)
    test(model, test_images, test_labels)
    save(model, args.model_dir)


if __name__ == "__main__":
    main()
