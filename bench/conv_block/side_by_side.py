"""Prints how the fused block compares with LibTorch's operators: microseconds forward and backward, and the share of the processor's
peak that the block reaches where that is known.

  side_by_side.py BENCH-CONV-BLOCK
"""

import json
import pathlib
import subprocess
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
import history  # noqa: E402

HEAD = "us           rows  block: fwd  bwd   LibTorch: fwd  bwd   ratio"


def text(shape, ratio):
    times = [f"{forward:>7.0f} {backward:>7.0f}" for forward, backward in (shape["block"], shape["LibTorch"])]
    line = f"{shape['shape']:<12} {shape['rows']:>3}  {times[0]}   {times[1]}   {ratio:>5.1f}x  {shape['gflops']:>5.0f} GFLOP/s"
    return line + (f"  {100 * shape['gflops'] / shape['peak']:>3.0f} % of {shape['peak']:.0f}" if shape["peak"] > 0 else "")


def report(shape):
    sums = {name: sum(shape[name]) for name in ("block", "LibTorch")}
    ratios = {name: micros / sums["block"] for name, micros in sums.items()}
    print(text(shape, ratios["LibTorch"]))
    history.append(f"{shape['shape']}, rows: {shape['rows']}", "fastest of many", "us", sums, ratios)


def main():
    found = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE, check=True, text=True).stdout
    print(HEAD)
    for line in found.splitlines():
        report(json.loads(line))


if __name__ == "__main__":
    main()
