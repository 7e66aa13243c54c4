"""MNIST's tutorial (bench/mnist/tutorial.py) as it trains on several CPU hosts, each a process here: torch.distributed with
gloo, the training data split by DistributedSampler, every parameter's gradient summed by itself, and the test data evaluated
by all."""

import os
import socket
import subprocess
import sys

import torch
import torch.distributed as dist
from torch.utils.data import DataLoader
from torch.utils.data.distributed import DistributedSampler

import tutorial
from common import parse_arguments, save, set_threads
from net import HYPERPARAMETERS, Net
from vision import datasets, transforms

HOSTS = 2


def average_gradients(model):
    for parameter in model.parameters():
        dist.all_reduce(parameter.grad.data, op=dist.ReduceOp.SUM)
        parameter.grad.data /= dist.get_world_size()


def start_others():
    """The other hosts, as processes that share this one's standard error."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port), WORLD_SIZE=str(HOSTS), RANK="0")
    return [subprocess.Popen([sys.executable, *sys.argv], env={**os.environ, "RANK": str(rank)}, stdout=subprocess.DEVNULL)
            for rank in range(1, HOSTS)]


def main():
    args = parse_arguments(__doc__, HYPERPARAMETERS)
    others = start_others() if "RANK" not in os.environ else []
    dist.init_process_group("gloo")
    set_threads(args.threads)
    torch.manual_seed(args.seed)
    transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.1307,), (0.3081,))])
    dataset = datasets.MNIST(args.data_dir, train=True, transform=transform)
    train_loader = DataLoader(dataset, batch_size=args.batch_size, sampler=DistributedSampler(dataset))
    test_loader = tutorial.make_loader(args, train=False)

    model = Net()
    optimizer = torch.optim.SGD(model.parameters(), lr=args.lr, momentum=args.momentum)
    for epoch in range(1, args.epochs + 1):
        tutorial.train_epoch(args, epoch, model, train_loader, optimizer, average_gradients)
        tutorial.test(model, test_loader)
    if dist.get_rank() == 0:
        save(model, args.model_dir)
    dist.destroy_process_group()
    for other in others:
        other.wait()


if __name__ == "__main__":
    main()
