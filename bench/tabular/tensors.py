"""The tutorial's job as careful Python: NumPy reads the files, batches are rows of a tensor, no loader, one fused
optimizer call.
"""

import os

import numpy as np
import torch
import torch.nn.functional as F

from net import HYPERPARAMETERS, Net
from common import parse_arguments, save_weights, set_threads


def read_split(data_dir, part):
    """Features [N, 15] and labels [N]."""
    features, labels = (np.loadtxt(os.path.join(data_dir, f"{half}_{part}.csv"), dtype, delimiter=",", skiprows=1)
                        for half, dtype in (("X", np.float32), ("y", np.int64)))
    return torch.from_numpy(features), torch.from_numpy(labels)


def train_epoch(epoch, batch_size, model, rows, labels, optimizer):
    model.train()
    losses = []
    for batch in torch.randperm(len(labels)).split(batch_size):
        optimizer.zero_grad(set_to_none=True)
        loss = F.cross_entropy(model(rows[batch]), labels[batch])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    print(f"\nTrain epoch: {epoch}, Loss: {np.mean(losses):.6f}", flush=True)


@torch.inference_mode()
def test(batch_size, model, rows, labels):
    model.eval()
    loss, correct, total = 0.0, 0, len(labels)
    for batch, target in zip(rows.split(batch_size), labels.split(batch_size)):
        output = model(batch)
        loss += F.cross_entropy(output, target).item()
        correct += (output.argmax(1) == target).sum().item()
    print(f"Validation: accuracy={correct * 100.0 / total}\nValidation: loss = {loss / total}")
    print(f"Test set: Average loss: {loss / total:.4f}, Accuracy: {correct}/{total} ({100.0 * correct / total:.0f}%)\n",
          flush=True)


def main():
    args = parse_arguments(__doc__, HYPERPARAMETERS)
    set_threads(args.threads)
    rows, labels = read_split(args.data_dir, "train")
    test_rows, test_labels = read_split(args.data_dir, "validation")
    model = Net(args.seed)
    optimizer = torch.optim.SGD(model.parameters(), lr=args.learning_rate, fused=True)
    for epoch in range(1, args.num_epochs + 1):
        train_epoch(epoch, int(args.batch_size), model, rows, labels, optimizer)
        test(int(args.test_batch_size), model, test_rows, test_labels)
    save_weights(model, args.model_dir)


if __name__ == "__main__":
    main()
