"""The tutorial on synthetic data (hyperparameter_tuning_simple_tutorial) as it trains on a CPU, written anew: pandas, a
TensorDataset, torch's DataLoader with its defaults.
"""

import logging
import os
import sys

import numpy as np
import pandas as pd
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from net import HYPERPARAMETERS, Net
from common import parse_arguments, save_weights, set_threads

logger = logging.getLogger(__name__)
logger.setLevel(logging.DEBUG)
logger.addHandler(logging.StreamHandler(sys.stdout))


def make_loader(args, part, batch_size, shuffle):
    features, labels = (np.array(pd.read_csv(os.path.join(args.data_dir, f"{half}_{part}.csv"))) for half in "Xy")
    return DataLoader(TensorDataset(torch.Tensor(features), torch.LongTensor(labels)), batch_size=int(batch_size),
                      shuffle=shuffle)


def train_epoch(epoch, model, loader, optimizer):
    model.train()
    losses = []
    for data, target in loader:
        optimizer.zero_grad()
        loss = nn.CrossEntropyLoss()(model(data), target.view(-1))
        losses.append(loss.item())
        loss.backward()
        optimizer.step()
    print(f"\nTrain epoch: {epoch}, Loss: {np.mean(losses):.6f}", flush=True)


def test(model, loader):
    model.eval()
    loss, correct, total = 0, 0, len(loader.dataset)
    with torch.no_grad():
        for data, target in loader:
            target = target.view(-1)
            output = model(data)
            loss += nn.CrossEntropyLoss()(output, target).item()
            prediction = output.max(1, keepdim=True)[1]
            correct += prediction.eq(target.view_as(prediction)).sum().item()
    print(f"Validation: accuracy={correct * 100.0 / total}")
    print(f"Validation: loss = {loss / total}", flush=True)
    logger.info("Test set: Average loss: %.4f, Accuracy: %d/%d (%.0f%%)\n", loss / total, correct, total,
                100.0 * correct / total)


def main():
    args = parse_arguments(__doc__, HYPERPARAMETERS)
    set_threads(args.threads)
    train_loader = make_loader(args, "train", args.batch_size, shuffle=True)
    test_loader = make_loader(args, "validation", args.test_batch_size, shuffle=False)
    model = Net(args.seed)
    optimizer = torch.optim.SGD(model.parameters(), lr=args.learning_rate)
    for epoch in range(1, args.num_epochs + 1):
        train_epoch(epoch, model, train_loader, optimizer)
        test(model, test_loader)
    save_weights(model, args.model_dir)


if __name__ == "__main__":
    main()
