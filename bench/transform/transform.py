"""Sends rows of CSV through one connection to each server in turn; bench/transform/run prepares what it needs.

  transform.py --images FILE [--rows N] [--peer-rows N] NAME=COMMAND...

--images: pixels as IDX, plain or gzip, repeated as often as needed. In a command {port} stands for the port. Printed are rows a
second, with the ratio to the first server's, and the resident memory of the server before and its peak. The first server also gets
all rows as one chunked body, and must answer each row with a line.
"""
import argparse
import gzip
import http.client
import pathlib
import shlex
import subprocess
import sys
import threading
import time

BENCH = pathlib.Path(__file__).resolve().parents[1]
sys.path += [str(BENCH), str(BENCH / "endpoint")]
from side_by_side import free_port  # noqa: E402
import processor  # noqa: E402

PAYLOAD = 6 << 20


def blocks(images):
    """The rows as CSV, in pieces of at most a request's size; (text, rows)."""
    data = pathlib.Path(images).read_bytes()
    data = gzip.decompress(data) if images.endswith(".gz") else data
    lines = [",".join(map(str, data[at:at + 784])) + "\n" for at in range(16, len(data), 784)]
    pieces, piece, size = [], [], 0
    for line in lines:
        if size + len(line) > PAYLOAD:
            pieces.append(("".join(piece).encode(), len(piece)))
            piece, size = [], 0
        piece.append(line)
        size += len(line)
    return [*pieces, ("".join(piece).encode(), len(piece))]


def pieces_of(pieces, rows):
    """Pieces until there are so many rows."""
    sent = 0
    while sent < rows:
        for text, count in pieces:
            if sent >= rows:
                return
            sent += count
            yield text, count


class Server:
    def __init__(self, command):
        self.port = free_port()
        self.process = subprocess.Popen(shlex.split(command.format(port=self.port)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                connection = self.connection()
                connection.request("GET", "/ping")
                if connection.getresponse().status == 200:
                    return
            except OSError:
                pass
            time.sleep(0.05)
        raise SystemExit(f"transform.py: expected {command} to become ready, found that it does not")

    def connection(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)

    def memory(self, field):
        """In MiB; VmRSS now, VmHWM the peak."""
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(text.split(field + ":")[1].split()[0]) / 1024

    def stop(self):
        self.process.terminate()
        self.process.wait()


HEADERS = {"Content-Type": "text/csv", "Accept": "text/csv"}


def in_requests(server, pieces, rows):
    """(rows, seconds) of requests one after the other."""
    connection, done, start = server.connection(), 0, time.perf_counter()
    for text, count in pieces_of(pieces, rows):
        connection.request("POST", "/invocations", text, HEADERS)
        answer = connection.getresponse()
        lines = answer.read().count(b"\n")
        if (answer.status, lines) != (200, count):
            raise SystemExit(f"transform.py: expected {count} lines, found {lines} with status {answer.status}")
        done += count
    return done, time.perf_counter() - start


def as_one_body(server, pieces, rows):
    """The same as one chunked body, sent and read at once, as the platform's client does."""
    connection, counts = server.connection(), []

    def chunks():
        for text, count in pieces_of(pieces, rows):
            counts.append(count)
            yield text

    start = time.perf_counter()
    connection.connect()
    answers = []

    def read():
        response = http.client.HTTPResponse(connection.sock, method="POST")
        response.begin()
        lines = 0
        while piece := response.read(1 << 20):
            lines += piece.count(b"\n")
        answers.append((response.status, lines))

    reader = threading.Thread(target=read)
    reader.start()
    connection.request("POST", "/invocations", chunks(), HEADERS)
    reader.join()
    if answers != [(200, sum(counts))]:
        raise SystemExit(f"transform.py: expected {sum(counts)} lines, found {answers}")
    return sum(counts), time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", required=True)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--peer-rows", type=int, default=50_000)
    parser.add_argument("servers", nargs="+", metavar="NAME=COMMAND")
    args = parser.parse_args()
    pieces = blocks(args.images)
    size = sum(len(text) for text, _ in pieces) / sum(count for _, count in pieces)
    print(f"{processor.model()}, {processor.cores()} processors; rows of {size:.0f} bytes\n")
    print(f"{'':42}{'rows':>9}{'seconds':>9}{'rows/s':>9}{'ratio':>7}{'MiB before':>12}{'peak':>7}")
    first = None
    for index, (name, command) in enumerate(given.split("=", 1) for given in args.servers):
        for label, send in (("requests of 6 MB", in_requests), ("one body without a length", as_one_body))[:1 if index else 2]:
            server = Server(command)
            in_requests(server, pieces, 1)
            before = server.memory("VmRSS")
            rows, seconds = send(server, pieces, args.peer_rows if index else args.rows)
            rate = rows / seconds
            first = first or rate
            print(f"{name + ', ' + label:42}{rows:9}{seconds:9.1f}{rate:9.0f}{first / rate:7.2f}{before:12.0f}"
                  f"{server.memory('VmHWM'):7.0f}", flush=True)
            server.stop()


if __name__ == "__main__":
    main()
