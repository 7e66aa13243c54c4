"""What the Python sides of several benchmarks share."""

import argparse
import os

import torch


def parse_arguments(description, hyperparameters):
    """`hyperparameters` are a tutorial's names and defaults; added to them are a SageMaker job's folders and --threads
    (0 leaves PyTorch's own choice)."""
    parser = argparse.ArgumentParser(description=description)
    for name, default in hyperparameters.items():
        parser.add_argument(f"--{name}", type=type(default), default=default)
    parser.add_argument("--data-dir", default=os.environ.get("SM_CHANNEL_TRAINING"))
    parser.add_argument("--model-dir", default=os.environ.get("SM_MODEL_DIR"))
    parser.add_argument("--threads", type=int, default=0)
    return parser.parse_args()


def set_threads(threads):
    if threads > 0:
        torch.set_num_threads(threads)
    print(f"{torch.get_num_threads()} compute threads", flush=True)


def save(model, model_dir):
    """model.pt as TorchScript, which AWS's default handlers load."""
    torch.jit.script(model.cpu().eval()).save(os.path.join(model_dir, "model.pt"))


def save_weights(model, model_dir):
    """model.pth, written as by the tutorials' scripts."""
    torch.save(model.cpu().state_dict(), os.path.join(model_dir, "model.pth"))
