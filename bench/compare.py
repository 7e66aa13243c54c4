"""Runs commands in turn (A B C A B C ...) as whole processes and prints how they compare: median, minimum and maximum
seconds, the ratio to the first, processor time and peak memory.

  compare.py [--case TEXT] [--runs N] [--value NAME=REGEX]... NAME=COMMAND...

--case says what is compared: it is printed first, and recorded with the medians and ratios (history.py). Each --value is
one more column: the median of the number that the regex's group finds last in a command's output.
"""

import argparse
import datetime
import os
import re
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

import history
import processor


@dataclass
class Run:
    seconds: float
    processor_seconds: float
    peak_mib: float
    output: str


def run(name, command):
    """One process from exec to exit. Ends this program if the command fails."""
    with tempfile.TemporaryFile("w+", errors="replace") as out:
        start = time.perf_counter()
        process = subprocess.Popen(shlex.split(command), stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)  # Popen has not seen the exit, and would wait for it
        out.seek(0)
        output = out.read()
    if process.returncode != 0:
        sys.exit(f"compare: expected {name} to end with 0, found {process.returncode}: {command}\n{output[-2000:]}")
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, output)


def last_number(regex, output):
    found = re.findall(regex, output)
    return float(found[-1]) if found else None


def value_text(regex, runs):
    numbers = [number for number in (last_number(regex, each.output) for each in runs) if number is not None]
    return f"{statistics.median(numbers):g}" if numbers else "-"


def median_seconds(runs):
    return statistics.median(each.seconds for each in runs)


def row(name, runs, ratio, values):
    seconds = [each.seconds for each in runs]
    return [name, f"{median_seconds(runs):.2f}", f"{min(seconds):.2f}", f"{max(seconds):.2f}", f"{ratio:.2f}",
            f"{statistics.median(each.processor_seconds for each in runs):.2f}",
            f"{max(each.peak_mib for each in runs):.0f}"] + [value_text(regex, runs) for _, regex in values]


def print_table(rows):
    widths = [max(len(line[column]) for line in rows) for column in range(len(rows[0]))]
    for line in rows:
        print("  ".join([line[0].ljust(widths[0])] + [cell.rjust(width) for cell, width in zip(line[1:], widths[1:])]))


def report(case, runs, count, values):
    medians = {name: median_seconds(done) for name, done in runs.items()}
    first = next(iter(medians.values()))
    ratios = {name: median / first for name, median in medians.items()}
    head = ["", "seconds", "least", "most", "ratio", "processor s", "peak MiB"] + [name for name, _ in values]
    print_table([head] + [row(name, done, ratios[name], values) for name, done in runs.items()])
    history.append(case, f"median of {count}", "s", medians, ratios)


def machine():
    return f"{processor.model()}, {processor.cores()} processors, load {os.getloadavg()[0]:.2f} at the start"


def named(text):
    name, separator, rest = text.partition("=")
    if not separator or not name or not rest:
        raise argparse.ArgumentTypeError(f"expected NAME=TEXT, found '{text}'")
    return name, rest


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--case", default="")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--value", type=named, action="append", default=[])
    parser.add_argument("commands", type=named, nargs="+")
    args = parser.parse_args()
    if args.runs < 1:
        parser.error(f"expected at least one run, found {args.runs}")

    if args.case:
        print(args.case)
    print(f"{datetime.date.today()}, {machine()}, median of {args.runs}", flush=True)
    runs = {name: [] for name, _ in args.commands}
    for _ in range(args.runs):
        for name, command in args.commands:
            runs[name].append(run(name, command))
    report(args.case, runs, args.runs, args.value)


if __name__ == "__main__":
    main()
