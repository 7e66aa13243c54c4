"""The tutorial's job as careful Python: the data set in memory, normalised once, and batches by index; no loader."""

import os

import numpy as np
import torch
import torch.nn.functional as F

from net import HYPERPARAMETERS, Net
from common import parse_arguments, save, set_threads

HEADER_BYTES = {"images-idx3": 16, "labels-idx1": 8}


def read_idx(data_dir, split, kind):
    path = os.path.join(data_dir, "MNIST", "raw", f"{split}-{kind}-ubyte")
    return np.fromfile(path, dtype=np.uint8, offset=HEADER_BYTES[kind])


def read_split(data_dir, split):
    """Normalised images [N, 1, 28, 28] and labels [N]."""
    labels = torch.from_numpy(read_idx(data_dir, split, "labels-idx1").astype(np.int64))
    pixels = torch.from_numpy(read_idx(data_dir, split, "images-idx3")).view(len(labels), 1, 28, 28)
    return pixels.float().div_(255).sub_(0.1307).div_(0.3081), labels


def train_epoch(args, epoch, model, images, labels, optimizer):
    model.train()
    order = torch.randperm(len(labels))
    batches = order.split(args.batch_size)
    for number, rows in enumerate(batches, 1):
        optimizer.zero_grad(set_to_none=True)
        loss = F.nll_loss(model(images[rows]), labels[rows])
        loss.backward()
        optimizer.step()
        if number % args.log_interval == 0:
            print(f"Train Epoch: {epoch} [{number * len(rows)}/{len(labels)} ({100.0 * number / len(batches):.0f}%)] "
                  f"Loss: {loss.item():.6f}", flush=True)


@torch.inference_mode()
def test(args, model, images, labels):
    model.eval()
    loss, correct, total = 0.0, 0, len(labels)
    for batch, target in zip(images.split(args.test_batch_size), labels.split(args.test_batch_size)):
        output = model(batch)
        loss += F.nll_loss(output, target, reduction="sum").item()
        correct += (output.argmax(1) == target).sum().item()
    print(f"Test set: Average loss: {loss / total:.4f}, Accuracy: {correct}/{total} ({100.0 * correct / total:.0f}%)\n",
          flush=True)


def main():
    args = parse_arguments(__doc__, HYPERPARAMETERS)
    set_threads(args.threads)
    torch.manual_seed(args.seed)
    train_images, train_labels = read_split(args.data_dir, "train")
    test_images, test_labels = read_split(args.data_dir, "t10k")
    model = Net()
    optimizer = torch.optim.SGD(model.parameters(), lr=args.lr, momentum=args.momentum, fused=True)
    for epoch in range(1, args.epochs + 1):
        train_epoch(args, epoch, model, train_images, train_labels, optimizer)
        test(args, model, test_images, test_labels)
    save(model, args.model_dir)


if __name__ == "__main__":
    main()
