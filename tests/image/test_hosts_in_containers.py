"""Two hosts of one job, each a container of the image sagemaker-libtorch:cpu on a network of their own, as local mode has them."""
import json
import os
import subprocess
import unittest

from cluster_job import ClusterContract, weights
from platform_tree import IMAGE, Job, Result, docker

NAMES = ["algo-1", "algo-2"]
RAW = {"epochs": "2", "lr": "0.05", "batch-size": "20", "backend": "gloo"}
NETWORK = f"smlt-hosts-{os.getpid()}"


def run(*arguments):
    return subprocess.run([docker(), *arguments], check=True, capture_output=True, text=True, timeout=300).stdout.strip()


def container(name):
    return f"{NETWORK}-{name}"


class HostsInContainers(ClusterContract):
    @classmethod
    def setUpClass(cls):
        run("network", "create", NETWORK)
        cls.addClassCleanup(run, "network", "rm", NETWORK)

    def start(self, jobs, options):
        """One container a host, under its name, with the options for that host."""
        for name, job in zip(NAMES, jobs):
            self.addCleanup(run, "rm", "--force", container(name))
            run("run", "--detach", f"--name={container(name)}", f"--hostname={name}", f"--network={NETWORK}",
                f"--network-alias={name}", "--cpus=1", *job.mounts(), *options(name), IMAGE, "train")

    def finish(self, jobs):
        results = []
        for name, job in zip(NAMES, jobs):
            code = int(run("wait", container(name)))
            logs = subprocess.run([docker(), "logs", container(name)], check=True, capture_output=True)
            results.append(Result(job, subprocess.CompletedProcess(name, code, logs.stdout, logs.stderr)))
            run("rm", container(name))
        return results

    def jobs(self):
        return [Job(self, RAW).add_digits() for _ in NAMES]

    def test_they_train_as_one(self):
        by_file, by_variables = self.jobs(), self.jobs()
        for name, job in zip(NAMES, by_file):
            job.write_config("resourceconfig.json", {"current_host": name, "hosts": NAMES, "network_interface_name": "ethwe"})
        self.start(by_file, lambda name: [])
        results = self.finish(by_file)
        self.assert_all_trained(results)
        self.assertIn("'gloo' backend on 2 nodes", results[0].out)

        # As the tutorials' scripts are run by hand: with the variables that they read.
        self.start(by_variables, lambda name: [f"--env=SM_HOSTS={json.dumps(NAMES)}", f"--env=SM_CURRENT_HOST={name}"])
        self.assert_all_trained(self.finish(by_variables))
        self.assertEqual(weights(by_variables[0]), weights(by_file[0]))

    def test_a_killed_container_ends_the_other(self):
        jobs = self.jobs()
        for name, job in zip(NAMES, jobs):
            job.write_config("resourceconfig.json", {"current_host": name, "hosts": NAMES})
            job.write_config("hyperparameters.json", {**RAW, "epochs": "100000"})
        self.start(jobs, lambda name: [])
        logs = subprocess.Popen([docker(), "logs", "--follow", container(NAMES[0])], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.addCleanup(logs.wait)
        self.addCleanup(logs.stdout.close)
        self.assertTrue(any(b"epoch=2;" in line for line in logs.stdout), "no second epoch")
        run("kill", container(NAMES[1]))
        survivor, killed = self.finish(jobs)
        self.assertEqual((survivor.code, killed.code), (2, 137))
        self.assertIn(NAMES[1], survivor.failure)


if __name__ == "__main__":
    unittest.main()
