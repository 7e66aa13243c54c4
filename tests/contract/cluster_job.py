"""One job on several hosts, each a process with an /opt/ml tree of its own."""
import json
import os
import struct
import subprocess

from platform_tree import PROGRAM, Contract, Job, Result
from ports import free_port


def weights(job):
    """Name and numbers of every tensor of model.safetensors."""
    data = (job.base / "model" / "model.safetensors").read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8: 8 + size])
    header.pop("__metadata__", None)
    out = {}
    for name, tensor in header.items():
        begin, end = (8 + size + offset for offset in tensor["data_offsets"])
        out[name] = struct.unpack(f"<{(end - begin) // 4}f", data[begin:end])
    return out


class ClusterJob:
    """`hosts` trees with the same hyperparameters; `fill` puts the data into each. The hosts are those of a `network`, else
    loopback addresses of this machine."""

    def __init__(self, case, hosts, hyperparameters, fill=lambda job, host: job.add_digits(), channels=("training",),
                 network=None):
        self.case = case
        self.network = network
        self.names = network.names[:hosts] if network else [f"127.0.0.{host + 1}" for host in range(hosts)]
        self.jobs = []
        for host, name in enumerate(self.names):
            job = Job(case, hyperparameters, channels)
            job.write_config("resourceconfig.json", {"current_host": name, "hosts": list(reversed(self.names)),
                                                     "network_interface_name": "ethwe"})
            fill(job, host)
            self.jobs.append(job)

    def start(self, *arguments, hosts=None, environment=None):
        """The processes of these hosts, all by default."""
        self.processes = {}
        variables = {**({} if self.network else {"MASTER_PORT": str(free_port())}), **(environment or {})}
        for host in range(len(self.jobs)) if hosts is None else hosts:
            self.start_one(host, *arguments, environment=variables)
        return self

    def start_one(self, host, *arguments, environment=None, under=()):
        """`under`: the words of a command that runs the program."""
        variables = {"PATH": os.environ["PATH"], "SAGEMAKER_BASE_DIR": str(self.jobs[host].base), "OMP_NUM_THREADS": "1",
                     **(environment or {})}
        inside = self.network.inside(host) if self.network else []
        self.processes[host] = subprocess.Popen([*inside, *under, PROGRAM, "train", *arguments], env=variables,
                                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.case.addCleanup(self.processes[host].kill)

    def wait_for(self, text):
        """Reads the first host's output until this is in a line."""
        for line in self.processes[0].stdout:
            if text.encode() in line:
                return
        self.case.fail(f"{text!r} was never said")

    def finish(self, timeout=120):
        results = []
        for host, process in self.processes.items():
            process.stdout, process.stderr = process.communicate(timeout=timeout)
            results.append(Result(self.jobs[host], process))
        return results

    def run(self, *arguments, **options):
        return self.start(*arguments, **options).finish()


class ClusterContract(Contract):
    def assert_all_trained(self, results):
        for result in results:
            self.assertEqual((result.code, result.err, result.failure), (0, "", None), result.out)
        self.assert_trained(results[0])
        for result in results[1:]:
            self.assertEqual(result.job.model_files(), [])
            self.assertEqual(list((result.job.base / "output/data").iterdir()), [])
