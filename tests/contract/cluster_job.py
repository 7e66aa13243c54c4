"""One job on several hosts, each a process here with an /opt/ml tree and a loopback address of its own."""
import os
import socket
import subprocess

from platform_tree import PROGRAM, Job, Result


def free_port():
    with socket.socket() as free:
        free.bind(("", 0))
        return free.getsockname()[1]


class ClusterJob:
    """`hosts` trees with the same hyperparameters; `fill` puts the data into each."""

    def __init__(self, case, hosts, hyperparameters, fill=lambda job, host: job.add_digits(), channels=("training",)):
        self.case = case
        self.names = [f"127.0.0.{host + 1}" for host in range(hosts)]
        self.jobs = []
        for host, name in enumerate(self.names):
            job = Job(case, hyperparameters, channels)
            job.write_config("resourceconfig.json", {"current_host": name, "hosts": list(reversed(self.names)),
                                                     "network_interface_name": "ethwe"})
            fill(job, host)
            self.jobs.append(job)

    def start(self, *arguments, hosts=None, environment=None):
        """The processes of these hosts, all by default."""
        port = str(free_port())
        self.processes = {}
        for host in range(len(self.jobs)) if hosts is None else hosts:
            variables = {"PATH": os.environ["PATH"], "SAGEMAKER_BASE_DIR": str(self.jobs[host].base), "OMP_NUM_THREADS": "1",
                         "MASTER_PORT": port, **(environment or {})}
            self.processes[host] = subprocess.Popen([PROGRAM, "train", *arguments], env=variables,
                                                    stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            self.case.addCleanup(self.processes[host].kill)
        return self

    def finish(self, timeout=120):
        results = []
        for host, process in self.processes.items():
            process.stdout, process.stderr = process.communicate(timeout=timeout)
            results.append(Result(self.jobs[host], process))
        return results

    def run(self, *arguments, **options):
        return self.start(*arguments, **options).finish()
