"""MNIST as AWS's PyTorch tutorial (hyperparameter_tuning/pytorch_mnist) trains it on one CPU host, rewritten.

torchvision's data set and transforms and torch's DataLoader with the tutorial's settings: an image a sample, in the
main process.
"""

import logging
import sys

import torch
import torch.nn.functional as F
from torch.utils.data import DataLoader

from net import HYPERPARAMETERS, Net
from common import parse_arguments, save, set_threads
from vision import datasets, transforms

logger = logging.getLogger(__name__)
logger.setLevel(logging.DEBUG)
logger.addHandler(logging.StreamHandler(sys.stdout))


def make_loader(args, train):
    logger.info("Get %s data loader", "train" if train else "test")
    transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.1307,), (0.3081,))])
    dataset = datasets.MNIST(args.data_dir, train=train, transform=transform)
    return DataLoader(dataset, batch_size=args.batch_size if train else args.test_batch_size, shuffle=True)


def log_share(loader, name):
    seen, total = len(loader.sampler), len(loader.dataset)
    logger.debug("Processes %d/%d (%.0f%%) of %s data", seen, total, 100.0 * seen / total, name)


def train_epoch(args, epoch, model, loader, optimizer, after_backward=lambda model: None):
    model.train()
    for batch, (data, target) in enumerate(loader, 1):
        optimizer.zero_grad()
        loss = F.nll_loss(model(data), target)
        loss.backward()
        after_backward(model)
        optimizer.step()
        if batch % args.log_interval == 0:
            logger.info("Train Epoch: %d [%d/%d (%.0f%%)] Loss: %.6f", epoch, batch * len(data), len(loader.sampler),
                        100.0 * batch / len(loader), loss.item())


def test(model, loader):
    model.eval()
    loss, correct, total = 0.0, 0, len(loader.dataset)
    with torch.no_grad():
        for data, target in loader:
            output = model(data)
            loss += F.nll_loss(output, target, reduction="sum").item()
            prediction = output.max(1, keepdim=True)[1]
            correct += prediction.eq(target.view_as(prediction)).sum().item()
    logger.info("Test set: Average loss: %.4f, Accuracy: %d/%d (%.0f%%)\n", loss / total, correct, total,
                100.0 * correct / total)


def main():
    args = parse_arguments(__doc__, HYPERPARAMETERS)
    set_threads(args.threads)
    logger.debug("Distributed training - %s", False)
    logger.debug("Number of gpus available - %d", 0)
    torch.manual_seed(args.seed)
    train_loader, test_loader = make_loader(args, train=True), make_loader(args, train=False)
    log_share(train_loader, "train")
    log_share(test_loader, "test")

    model = torch.nn.DataParallel(Net())
    optimizer = torch.optim.SGD(model.parameters(), lr=args.lr, momentum=args.momentum)
    for epoch in range(1, args.epochs + 1):
        train_epoch(args, epoch, model, train_loader, optimizer)
        test(model, test_loader)
    logger.info("Saving the model.")
    save(model.module, args.model_dir)


if __name__ == "__main__":
    main()
