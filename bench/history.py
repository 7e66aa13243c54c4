"""The history of measurements: a file with one JSON object per measured comparison.

`scripts/bench --record` names the file in SMLT_RECORD and the benchmark in SMLT_BENCHMARK; without the former, nothing is recorded.
"""

import datetime
import json
import os
import pathlib
import subprocess

import processor

ROOT = pathlib.Path(__file__).resolve().parents[1]
MADE_BY_RECORDING = ("bench/history.jsonl", "docs/measurements.md")

FIELDS = {"date": str, "commit": str, "processor": str, "extensions": list, "cores": int, "benchmark": str, "case": str,
          "statistic": str, "unit": str, "measured": dict, "ratios": dict}


def git(root, *arguments):
    return subprocess.run(["git", "-C", root, *arguments], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


def commit(root=ROOT):
    """The short hash, with a "+" if anything but the records themselves differs from it."""
    changed = git(root, "status", "--porcelain", "--", ".", *(f":!{name}" for name in MADE_BY_RECORDING))
    return git(root, "rev-parse", "--short", "HEAD") + ("+" if changed else "")


def rounded(numbers):
    return {name: float(f"{number:.4g}") for name, number in numbers.items()}


def append(case, statistic, unit, measured, ratios):
    """`measured` and `ratios` are numbers by contestant, the one that the others are compared with first; a ratio above 1
    means that this first one is faster. `statistic` says how a number comes from its runs."""
    if not (path := os.environ.get("SMLT_RECORD")):
        return
    now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
    record = {"date": now, "commit": commit(), "processor": processor.model(),
              "extensions": processor.extensions(processor.field("flags")), "cores": processor.cores(),
              "benchmark": os.environ["SMLT_BENCHMARK"], "case": case, "statistic": statistic, "unit": unit,
              "measured": rounded(measured), "ratios": rounded(ratios)}
    with open(path, "a", encoding="utf-8") as file:
        file.write(json.dumps(record, allow_nan=False) + "\n")


def is_record(value):
    if not isinstance(value, dict) or not all(isinstance(value.get(name), kind) for name, kind in FIELDS.items()):
        return False
    measured, ratios = value["measured"], value["ratios"]
    numbers = [*measured.values(), *ratios.values()]
    return bool(numbers) and measured.keys() == ratios.keys() and all(isinstance(number, float) for number in numbers)


def parse(line):
    """Returns None for any text but a record."""
    try:
        value = json.loads(line)
    except ValueError:
        return None
    return value if is_record(value) else None


def read(path):
    """All records in the order of the file; an absent file has none. Throws a ValueError for a damaged line."""
    records = []
    for number, line in enumerate(path.read_bytes().splitlines() if path.exists() else [], 1):
        records.append(parse(line))
        if records[-1] is None:
            raise ValueError(f"expected a record of scripts/bench in {path}, line {number}, found "
                             f"'{line[:60].decode(errors='replace')}'; correct or delete that line.")
    return records
