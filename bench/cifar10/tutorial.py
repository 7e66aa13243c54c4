"""CIFAR-10 as AWS's tutorial (pytorch_cnn_cifar10) trains it on one CPU host, rewritten.

torchvision's data set, less the check of the files' MD5, its transforms and torch's DataLoader with the tutorial's
settings: an image a sample, in `workers` processes.
"""

import torch
from torch import nn
from torch.utils.data import DataLoader

from net import HYPERPARAMETERS, Net
from common import parse_arguments, save, set_threads
from vision import datasets, transforms


class CIFAR10(datasets.CIFAR10):
    train_list = [[name, None] for name, _ in datasets.CIFAR10.train_list]
    test_list = [[name, None] for name, _ in datasets.CIFAR10.test_list]
    meta = {**datasets.CIFAR10.meta, "md5": None}


def main():
    args = parse_arguments(__doc__, HYPERPARAMETERS)
    set_threads(args.threads)
    torch.manual_seed(args.seed)
    transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
    loader = DataLoader(CIFAR10(args.data_dir, train=True, transform=transform), batch_size=args.batch_size, shuffle=True,
                        num_workers=args.workers)
    model = Net()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=args.lr, momentum=args.momentum)
    for epoch in range(args.epochs):
        running_loss = 0.0
        for i, (inputs, labels) in enumerate(loader):
            optimizer.zero_grad()
            loss = criterion(model(inputs), labels)
            loss.backward()
            optimizer.step()
            running_loss += loss.item()
            if i % 2000 == 1999:
                print("[%d, %5d] loss: %.3f" % (epoch + 1, i + 1, running_loss / 2000), flush=True)
                running_loss = 0.0
    print("Finished Training")
    save(model, args.model_dir)


if __name__ == "__main__":
    main()
