"""Birds as the tutorial (pytorch-workshop, train-resnet.py) trains them on one CPU host, rewritten: torchvision's
ImageFolder, transforms and ResNet, torch's DataLoader, Adam on the head, validation every three steps.

The workshop's weights come from the network; --weights names a file; without it they are random.
"""
import argparse
import os
import pathlib
import sys
import time

import torch
from torch import nn
from torch.utils.data import DataLoader

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
from vision import datasets, models, transforms  # noqa: E402

NORMALIZE = transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
TRAIN = transforms.Compose([transforms.RandomResizedCrop(256, scale=(0.8, 1.0)), transforms.RandomRotation(15),
                            transforms.RandomHorizontalFlip(), transforms.CenterCrop(224), transforms.ToTensor(), NORMALIZE])
EVALUATION = transforms.Compose([transforms.Resize(256), transforms.CenterCrop(224), transforms.ToTensor(), NORMALIZE])
PRINT_EVERY = 3


def network(args, classes):
    net = getattr(models, args.backbone)(weights=None)
    if args.weights:
        net.load_state_dict(torch.load(args.weights, weights_only=True), strict=False)
    for parameter in net.parameters():
        parameter.requires_grad = False
    features = 512 if args.backbone == "squeezenet1_1" else net.fc.in_features
    head = nn.Sequential(nn.Linear(features, 256), nn.ReLU(), nn.Dropout(args.dropout), nn.Linear(256, classes),
                         nn.LogSoftmax(dim=1))
    if args.backbone == "squeezenet1_1":
        net.classifier = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), head)
    else:
        net.fc = head
    return net, head


@torch.no_grad()
def evaluate(net, loader, criterion):
    net.eval()
    loss = accuracy = 0.0
    for images, labels in loader:
        output = net(images)
        loss += criterion(output, labels).item()
        accuracy += (output.argmax(1) == labels).float().mean().item()
    net.train()
    return loss / len(loader), accuracy / len(loader)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--train", default=os.environ.get("SM_CHANNEL_TRAIN"))
    parser.add_argument("--validation", default=os.environ.get("SM_CHANNEL_VALIDATION"))
    parser.add_argument("--model-dir", default=os.environ.get("SM_MODEL_DIR"))
    parser.add_argument("--weights")
    parser.add_argument("--backbone", default="resnet50")
    parser.add_argument("--initial_epochs", type=int, default=5)
    parser.add_argument("--batch_size", type=int, default=16)
    parser.add_argument("--initial_lr", type=float, default=0.0001)
    parser.add_argument("--dropout", type=float, default=0.5)
    parser.add_argument("--threads", type=int, default=0)
    args = parser.parse_args()
    if args.threads > 0:
        torch.set_num_threads(args.threads)
    torch.manual_seed(1)
    train = datasets.ImageFolder(args.train, TRAIN)
    train_loader = DataLoader(train, batch_size=args.batch_size, shuffle=True)
    validation_loader = DataLoader(datasets.ImageFolder(args.validation, EVALUATION), batch_size=args.batch_size)
    net, head = network(args, len(train.classes))
    optimizer, criterion = torch.optim.Adam(head.parameters(), lr=args.initial_lr), nn.NLLLoss()
    net.train()
    steps, running = 0, 0.0
    for epoch in range(1, args.initial_epochs + 1):
        start = time.perf_counter()
        for images, labels in train_loader:
            steps += 1
            optimizer.zero_grad()
            loss = criterion(net(images), labels)
            loss.backward()
            optimizer.step()
            running += loss.item()
            if steps % PRINT_EVERY == 0:
                test_loss, accuracy = evaluate(net, validation_loader, criterion)
                print(f"Epoch {epoch}/{args.initial_epochs}.. Train loss: {running / PRINT_EVERY:.3f}.. Test loss: "
                      f"{test_loss:.3f}.. Test accuracy: {accuracy:.3f}", flush=True)
                running = 0.0
        print(f"epoch seconds {time.perf_counter() - start:.2f}", flush=True)
    torch.save(net.state_dict(), os.path.join(args.model_dir, "model.pth"))


if __name__ == "__main__":
    main()
