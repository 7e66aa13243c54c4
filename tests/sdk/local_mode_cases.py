"""What both SDKs' local modes must do with the image; test_v2.py and test_v3.py add what is specific to each."""
import json
import re
import subprocess
import unittest

from local_mode import LocalJob
from platform_tree import IMAGE, docker

# A value of every Python type; no model has a knob for a truth value, a list or an object, but clients send them.
EVERY_TYPE = {
    "epochs": 2, "lr": 0.05, "keep": "best", "seed": None, "batch-size": '"32"', "sagemaker_enable_cloudwatch_metrics": True,
    "sagemaker_distribution_instance_groups": [1, 2], "sagemaker_mpi_custom_mpi_options": {"a": 1}}


class Cases(unittest.TestCase):
    """Derived classes name the program that drives the SDK and what the SDK needs to know about AWS."""

    maxDiff = None
    program = None
    environment = {}

    def job(self):
        return LocalJob(self, self.program)

    def run_job(self, hyperparameters, job=None, **options):
        return (job or self.job()).run(hyperparameters, environment=self.environment, **options)

    def assert_trained(self, job):
        self.assertEqual(job.code, 0, job.out)
        files = job.archive("model.tar.gz")
        self.assertEqual(sorted(files), ["model.json", "model.pt", "model.safetensors"])
        self.assertNotIn("failure", job.archive("output.tar.gz"))
        return json.loads(files["model.json"])

    def assert_failed(self, job, *phrases):
        """The reason is what the failure file says and, in one line, what the SDK showed."""
        self.assertNotEqual(job.code, 0, job.out)
        failure = job.archive("output.tar.gz")["failure"].decode("utf-8")
        for phrase in phrases:
            self.assertIn(phrase, failure)
        self.assertIn(failure, [line.rstrip("\r") for line in job.container_lines()])
        self.assertNotIn("UnicodeDecodeError", job.out)
        self.assertEqual(job.archive("model.tar.gz"), {})


class LocalMode:
    """The tests themselves; not a TestCase, so that unittest does not run them without an SDK."""

    def test_a_job_trains_with_values_of_every_type(self):
        job = self.run_job(EVERY_TYPE)
        used = self.assert_trained(job)["hyperparameters"]
        expected = {"epochs": 2, "lr": 0.05, "keep": "best", "seed": 1, "batch-size": 32}
        self.assertEqual({name: used[name] for name in expected}, expected)
        printed = "\n".join(job.container_lines())
        self.assertEqual(len(re.findall(r"Test set: Average loss: ([0-9\.]+)", printed)), 2)
        self.assertEqual(len(re.findall(r"train_loss=(-?[0-9]+\.[0-9]+);", printed)), 2)
        self.assertIn("metrics.jsonl", " ".join(job.archive("output.tar.gz")))

    def test_output_has_neither_colours_nor_a_progress_bar(self):
        job = self.run_job({"epochs": 1})
        lines = [line.rstrip("\r") for line in job.container_lines()]
        self.assertGreater(len(lines), 10)
        self.assertEqual([line for line in lines if "\x1b" in line or "\r" in line], [])

    def test_results_are_readable_and_go_away(self):
        job = self.run_job({"epochs": 1})
        self.assertEqual(self.assert_trained(job)["hyperparameters"]["epochs"], 1)
        self.assertEqual(job.as_user("find", ".", "!", "-readable"), "")
        # The way SDK 3 itself removes what root's container has written (platform 13.2).
        clean_up = ["--rm", "-v", f"{job.folder}:/delete", IMAGE, "chmod", "-R", "777", "/delete"]
        subprocess.run([docker(), "run", *clean_up], check=True)
        self.assertEqual(job.as_user("rm", "-r", "results", "tmp"), "")

    def test_a_value_that_is_refused(self):
        self.assert_failed(self.run_job({"lr": "nan"}), "lr", "'nan'", "finite")

    def test_data_that_no_model_reads(self):
        self.assert_failed(self.run_job({}, data="unknown"), "no data", "'training'", "idx3-ubyte", "caf")

    def test_a_job_on_two_hosts(self):
        job = self.run_job({"epochs": 2, "batch-size": 32, "backend": "gloo"}, hosts=2)
        self.assertEqual(self.assert_trained(job)["hyperparameters"]["epochs"], 2)
        printed = "\n".join(job.container_lines())
        self.assertIn("'gloo' backend on 2 nodes. Current host rank is 0.", printed)
        self.assertEqual(len(re.findall(r"Test set: Average loss: ([0-9\.]+)", printed)), 2)
