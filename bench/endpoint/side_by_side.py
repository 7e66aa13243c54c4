"""Starts each server in turn on the same model.pt, sends it the same requests, and prints how they compare. bench/endpoint/run
prepares what it needs.

  side_by_side.py --case TEXT --load BENCH-LOAD --body FILE --type TYPE [--accept TYPE] [--expect FILE]
                  [--connections 1,8,32,128] [--seconds N] [--runs N] NAME=COMMAND...

--case says what is sent: it is printed first, and recorded with the requests per second and their ratios (history.py).
In a command {port} stands for the port and {folder} for an empty folder. Columns: seconds from exec to the first
prediction, milliseconds for 1,000 requests one after the other on one connection, then for each number of connections
requests per second with the ratio to the first server, p50 and p99 in milliseconds, and last the memory of all of the
server's processes (proportional set size) in MiB. Medians of the runs. A peer's errors
are not counted as answers and named below; an error of the first server ends it all.
"""
import argparse
import datetime
import http.client
import json
import os
import pathlib
import shlex
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
import history  # noqa: E402
import processor  # noqa: E402


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def ask(port, args):
    """The status of one request, or None if nobody answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        headers = {"Content-Type": args.type, **({"Accept": args.accept} if args.accept else {})}
        connection.request("POST", "/invocations", pathlib.Path(args.body).read_bytes(), headers)
        response = connection.getresponse()
        response.read()
        return response.status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def processes_of(group):
    for path in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if os.getpgid(int(path.name)) == group:
                yield path
        except OSError:
            pass


def memory_mib(group):
    total = 0
    for path in processes_of(group):
        try:
            lines = (path / "smaps_rollup").read_text().splitlines()
            total += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        except (OSError, StopIteration):
            pass
    return total / 1024


class Server:
    """A process group, from exec until it is left."""

    def __init__(self, name, command, args):
        self.folder = tempfile.TemporaryDirectory()
        self.port = free_port()
        self.log = tempfile.TemporaryFile("w+", errors="replace")
        words = [word.format(port=self.port, folder=self.folder.name + "/work") for word in shlex.split(command)]
        os.mkdir(self.folder.name + "/work")
        start = time.perf_counter()
        self.process = subprocess.Popen(words, stdout=self.log, stderr=subprocess.STDOUT, start_new_session=True)
        while ask(self.port, args) != 200:
            if self.process.poll() is not None or time.perf_counter() - start > 180:
                self.log.seek(0)
                sys.exit(f"side_by_side: expected {name} to answer, found this: {command}\n{self.log.read()[-3000:]}")
            time.sleep(0.005)
        self.first_prediction = time.perf_counter() - start

    def __enter__(self):
        return self

    def __exit__(self, *_):
        group = self.process.pid
        os.killpg(group, signal.SIGTERM)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            pass
        for path in list(processes_of(group)):
            os.kill(int(path.name), signal.SIGKILL)
        self.process.wait()
        self.folder.cleanup()


def load(server, args, connections, may_refuse=False, **limits):
    command = [args.load, "--port", str(server.port), "--connections", str(connections), "--type", args.type, "--body", args.body]
    for name in ("accept", "expect", "tolerance"):
        if getattr(args, name):
            command += [f"--{name}", str(getattr(args, name))]
    for name, value in limits.items():
        command += [f"--{name}", str(value)]
    found = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=False).stdout)
    if found["errors"] and not may_refuse:
        sys.exit(f"side_by_side: expected no errors, found {found}")
    return found


def measured(name, command, args, is_peer):
    with Server(name, command, args) as server:
        load(server, args, 8, seconds=args.warm_up)
        row = {"first": server.first_prediction}
        if args.sequential:
            row["sequential"] = load(server, args, 1, seconds=120, requests=args.sequential)["seconds"] * 1000
        for connections in args.connections:
            found = load(server, args, connections, may_refuse=is_peer, seconds=args.seconds)
            row |= {f"{key}@{connections}": found[key] for key in ("per_second", "p50_ms", "p99_ms", "errors")}
        return row | {"memory": memory_mib(server.process.pid)}


def ratio(first, row, connections):
    return first[f"per_second@{connections}"] / row[f"per_second@{connections}"]


def table(results, args):
    yield ["", "first s", f"{args.sequential} ms"] + [text for c in args.connections for text in (f"{c}: a second", "ratio", "p50", "p99")] + ["MiB"]
    first = next(iter(results.values()))
    for name, row in results.items():
        cells = [name, f"{row['first']:.2f}", f"{row.get('sequential', 0):.0f}"]
        for c in args.connections:
            cells += [f"{row[f'per_second@{c}']:.0f}", f"{ratio(first, row, c):.1f}",
                      f"{row[f'p50_ms@{c}']:.2f}", f"{row[f'p99_ms@{c}']:.2f}"]
        yield cells + [f"{row['memory']:.0f}"]


def record(results, args):
    """One comparison for each number of connections, without the peers that refused requests: their rate says nothing."""
    first = next(iter(results.values()))
    for c in args.connections:
        rows = {name: row for name, row in results.items() if not row[f"errors@{c}"]}
        history.append(f"{args.case}, connections: {c}", f"median of {args.runs}", "requests/s",
                       {name: row[f"per_second@{c}"] for name, row in rows.items()},
                       {name: ratio(first, row, c) for name, row in rows.items()})


def named(text):
    name, separator, command = text.partition("=")
    if not separator or not name or not command:
        raise argparse.ArgumentTypeError(f"expected NAME=COMMAND, found '{text}'")
    return name, command


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--case", required=True)
    parser.add_argument("--load", required=True)
    parser.add_argument("--body", required=True)
    parser.add_argument("--type", required=True)
    parser.add_argument("--accept")
    parser.add_argument("--expect")
    parser.add_argument("--tolerance", type=float)
    parser.add_argument("--connections", type=lambda text: [int(each) for each in text.split(",")], default=[1, 8, 32, 128])
    parser.add_argument("--sequential", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--warm-up", type=float, default=2)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("commands", type=named, nargs="+")
    args = parser.parse_args()
    print(f"{args.case}\n{datetime.date.today()}, {processor.cores()} processors, load {os.getloadavg()[0]:.2f} at the start, "
          f"medians of {args.runs}", flush=True)
    runs = {name: [] for name, _ in args.commands}
    for _ in range(args.runs):
        for name, command in args.commands:
            runs[name].append(measured(name, command, args, is_peer=name != args.commands[0][0]))
    results = {name: {key: statistics.median(row[key] for row in rows) for key in rows[0]} for name, rows in runs.items()}
    lines = list(table(results, args))
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    for line in lines:
        print("  ".join([line[0].ljust(widths[0])] + [cell.rjust(width) for cell, width in zip(line[1:], widths[1:])]))
    for name, row in results.items():
        for connections in args.connections:
            if row[f"errors@{connections}"]:
                print(f"{name} at {connections} connections: {row[f'errors@{connections}']:.0f} errors, which do not count as answers")
    record(results, args)


if __name__ == "__main__":
    main()
