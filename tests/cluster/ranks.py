"""Starts the ranks of a job as processes of their own (rank.cpp) and waits for them to end."""
import os
import subprocess
import tempfile
import time

from ports import free_port

RANK = os.environ["SMLT_CLUSTER_RANK"]


class Ranks:
    """`hosts`: one per rank. `inside`: for each rank the words that run a command on its host. Limits in seconds."""

    def __init__(self, mode, hosts, interval, silence, inside=None):
        port = str(free_port() if inside is None else 7777)
        environment = dict(os.environ, SMLT_INTERVAL=str(int(1000 * interval)), SMLT_SILENCE=str(int(1000 * silence)),
                           OMP_NUM_THREADS="1")
        self.outputs = [tempfile.TemporaryFile("w+") for _ in hosts]
        self.errors = [tempfile.TemporaryFile("w+") for _ in hosts]
        self.processes = [
            subprocess.Popen([*(inside[rank] if inside else []), RANK, str(rank), port, mode, *hosts], env=environment,
                             stdin=subprocess.DEVNULL, stdout=self.outputs[rank], stderr=self.errors[rank])
            for rank in range(len(hosts))]

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        for process in self.processes:
            process.kill()
            process.wait()
        for file in [*self.outputs, *self.errors]:
            file.close()

    @staticmethod
    def text(file):
        file.flush()
        return os.pread(file.fileno(), 1 << 20, 0).decode()

    def output(self, rank):
        return self.text(self.outputs[rank])

    def error(self, rank):
        """The last line of stderr."""
        return (self.text(self.errors[rank]).splitlines() or [""])[-1]

    def wait_for_line(self, text, seconds=60):
        end = time.monotonic() + seconds
        while not all(text in self.output(rank) for rank in range(len(self.processes))):
            assert time.monotonic() < end, [self.output(r) + self.error(r) for r in range(len(self.processes))]
            time.sleep(0.05)

    def end_of(self, ranks, seconds):
        """Waits for the ranks to end; returns their exit codes and after how long the last one ended."""
        start = time.monotonic()
        codes = [self.processes[rank].wait(max(0.01, start + seconds - time.monotonic())) for rank in ranks]
        return codes, time.monotonic() - start
