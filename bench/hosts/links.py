"""bench/hosts/links.py [--runs N] [--hosts 1,2,4] [--jobs mnist,resnet18] [--links TEXT=BITS:SECONDS,...]: milliseconds a step on
hosts with one thread each, over links of a rate (0: as fast as this machine passes packets on) and a delay in each direction.
MNIST: 32 rows a host; ResNet-18, fine-tuned whole on three species: 8 photographs a host. Each figure is the median of the
runs, of their last epoch. Needs root, scripts/build and SMLT_DATA."""
import argparse
import contextlib
import os
import pathlib
import shutil
import statistics
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
os.environ.setdefault("SMLT_PROGRAM", str(ROOT / "build/release/sagemaker-libtorch"))
os.environ.setdefault("SMLT_DRAW_DIGITS", str(ROOT / "build/release/draw-digits"))
sys.path[:0] = [str(ROOT / "tests" / name) for name in ("contract", "hosts")] + [str(ROOT / "bench")]
from cluster_job import ClusterJob  # noqa: E402
from network import Network  # noqa: E402
import processor  # noqa: E402

DATA = pathlib.Path(os.environ.get("SMLT_DATA", "."))
SPECIES = ("013.Bobolink", "035.Purple_Finch", "047.American_Goldfinch")
LINKS = "unlimited=0:0,10 Gbit/s=1e10:0.0001,1 Gbit/s=1e9:0.0005,100 Mbit/s=1e8:0.0005"


def add_mnist(job, host):
    for path in (DATA / "mnist").rglob("*-ubyte.gz"):
        (job.channel() / path.name).symlink_to(path.resolve())


def add_birds(job, host):
    for name in SPECIES:
        (job.channel() / name).symlink_to((DATA / "birds/train" / name).resolve())


JOBS = {"mnist": (add_mnist, 32, {"epochs": "2", "batch-size": "32", "lr": "0.01", "log-interval": "1000000"}),
        "resnet18": (add_birds, 8, {"backbone": "resnet18", "initial_epochs": "0", "fine_tuning_epochs": "2", "batch_size": "8",
                                    "precision": "fp32"})}


def step_milliseconds(case, network, hosts, job):
    fill, rows, hyperparameters = JOBS[job]
    cluster = ClusterJob(case, hosts, hyperparameters, fill, network=network)
    results = cluster.run()
    for result in results:
        assert result.code == 0, result.err
    rates = [entry["samples_per_second"] for entry in cluster.jobs[0].journal() if "samples_per_second" in entry]
    for each in cluster.jobs:
        shutil.rmtree(each.base)
    return 1000 * rows * hosts / rates[-1]


def main(case):
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--hosts", default="1,2,4")
    parser.add_argument("--jobs", default=",".join(JOBS))
    parser.add_argument("--links", default=LINKS)
    args = parser.parse_args()
    hosts = [int(text) for text in args.hosts.split(",")]
    network = Network(case, max(hosts))
    print(f"{processor.model()}, {processor.cores()} cores: milliseconds a step")
    for job in args.jobs.split(","):
        for text in args.links.split(","):
            name, _, numbers = text.partition("=")
            rate, delay = map(float, numbers.split(":"))
            for host in range(max(hosts)):
                network.link(host, rate, delay)
            for number in hosts:
                runs = [step_milliseconds(case, network, number, job) for _ in range(args.runs)]
                print(f"{job:10} {name:12} {number} hosts {statistics.median(runs):8.2f}  ({min(runs):.2f} to {max(runs):.2f})",
                      flush=True)


class Cleanups(contextlib.ExitStack):
    """What the tests' classes take for a test."""

    addCleanup = addClassCleanup = contextlib.ExitStack.callback


if __name__ == "__main__":
    with Cleanups() as cleanups:
        main(cleanups)
