"""Makes the page of measurements from their history: the newest figures of each benchmark, case and processor.

  measurements.py HISTORY PAGE
"""

import pathlib
import sys

import history

HEAD = """# Measurements

Made by `scripts/bench --record` from `bench/history.jsonl`; do not edit. Each row has the newest figures of one benchmark on one
processor, all measured in the same run. In parentheses: how many times as fast the first contestant is. A `+` after a commit means
that the checkout had other changes, not yet committed.
"""
COLUMNS = ("benchmark", "what", "processor", "date", "commit", "figures", "statistic")


def processor(record):
    return ", ".join([record["processor"], f"cores: {record['cores']}", *map(str, record["extensions"])])


def newest(records):
    """Sorted by benchmark; within one, by when a case was first measured."""
    found = {}
    for record in sorted(records, key=lambda each: each["date"]):
        found[record["benchmark"], record["case"], processor(record)] = record
    return sorted(found.values(), key=lambda each: each["benchmark"])


def figures(record):
    (first, number), *others = record["measured"].items()
    cells = [f"{first} {number:g} {record['unit']}"]
    return ", ".join(cells + [f"{name} {number:g} ({record['ratios'][name]:.2f})" for name, number in others])


def row(record):
    return (record["benchmark"], record["case"], processor(record), record["date"][:10], record["commit"], figures(record),
            record["statistic"])


def line(cells):
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |\n"


def page(records):
    if not records:
        return HEAD + "\nNothing has been recorded yet.\n"
    return HEAD + "\n" + line(COLUMNS) + "|---" * len(COLUMNS) + "|\n" + "".join(line(row(each)) for each in newest(records))


def main():
    source, destination = map(pathlib.Path, sys.argv[1:])
    try:
        destination.write_text(page(history.read(source)), encoding="utf-8")
    except ValueError as error:
        sys.exit(f"measurements: {error}")


if __name__ == "__main__":
    main()
