"""What is printed: metrics that the tuner reads, nothing else that its regexes could match, a progress bar only for people."""
import os
import pty
import re
import subprocess
import unittest

import cifar_data
from platform_tree import PROGRAM, Contract, Job

# The regexes of the tutorials (their MetricDefinitions and tuner configurations), and those with which CIFAR-10's lines, for which
# its tutorials have none, are read (describe cifar10).
TUTORIALS = {
    "average test loss": r"Test set: Average loss: ([0-9\.]+)",
    "validation:acc": r".*Test accuracy: (.*$)",
    "validation:loss": r".*Test loss: (.*).. Test ac.*",
    "train:loss": r".*Train loss: (.*).. Test lo.*",
    "loss": r"\] loss: ([0-9\.]+)",
    "test accuracy": r"Accuracy: ([0-9\.]+)%",
}
COMMON = {name: rf"{name}=(-?[0-9]+\.[0-9]+);" for name in
          ("train_loss", "validation_loss", "validation_accuracy", "samples_per_second")}


def put_batches(job):
    cifar_data.put(job.channel(), "py")


def put_many_images(job):
    for name, count in (("data_batch_1.bin", 2001), ("test_batch.bin", 50)):
        (job.channel() / name).write_bytes(cifar_data.binary(cifar_data.rows(count, name)))


# Each tutorial's job: its data, hyperparameters, how it calls the learning rate, and its metrics with the start of their
# lines.
AVERAGE = {"average test loss": "Test set: "}
JOBS = {
    "mnist": (Job.add_digits, {"epochs": "3"}, "lr", AVERAGE),
    "tabular": (Job.add_table, {"num-epochs": "3"}, "learning-rate", AVERAGE),
    "birds": (Job.add_photographs, {"initial_epochs": "3", "backbone": "squeezenet1_1", "max_bad_images": "0"}, "initial_lr",
              {"validation:acc": "Epoch ", "validation:loss": "Epoch ", "train:loss": "Epoch "}),
    "cifar10": (put_many_images, {"epochs": "3", "batch_size": "1"}, "lr", {"loss": "["}),
    "cifar10 of Horovod": (put_batches, {"epochs": "3", "log-interval": "10"}, "lr", {**AVERAGE, "test accuracy": "Test set: "}),
}


class Metrics(Contract):
    def job(self, name, hyperparameters=None):
        """One of JOBS, with the definitions of all regexes, as if a user had copied them together."""
        put_data, own, _, _ = JOBS[name]
        job = Job(self, {**own, **(hyperparameters or {})}, ("train", "validation") if name == "birds" else ("training",))
        put_data(job)
        job.write_config("metric-definition-regex.json", [{"Name": key, "Regex": regex} for key, regex in TUTORIALS.items()])
        return job

    def refused(self, job):
        return self.assert_refused(job.run())

    def matches(self, result):
        found = {}
        for name, regex in {**TUTORIALS, **COMMON}.items():
            lines = [line for line in (result.out + result.err).splitlines() if re.search(regex, line)]
            if lines:
                found[name] = lines
        return found

    def test_the_regexes_match_the_metric_lines_of_a_good_job_and_nothing_else(self):
        for name, (_, _, _, metrics) in JOBS.items():
            with self.subTest(name):
                found = self.matches(self.assert_trained(self.job(name).run()))
                starts = {**metrics, **dict.fromkeys(COMMON, "epoch=")}
                self.assertEqual(set(found), set(starts))
                for metric, lines in found.items():
                    # The birds script also prints at each third step.
                    self.assertEqual(len(lines), 4 if ":" in metric else 3, metric)
                    self.assertEqual([line for line in lines if not line.startswith(starts[metric])], [])

    def test_no_regex_matches_the_output_of_any_models_bad_jobs(self):
        for name, (_, _, learning_rate, _) in JOBS.items():
            for wrong in ({learning_rate: "nan"}, {"no-such-knob": "1"}, {"device": "cuda"}):
                with self.subTest(name, wrong=wrong):
                    self.assertEqual(self.matches(self.refused(self.job(name, wrong))), {})
            with self.subTest(name, wrong="a file that is cut off"):
                job = self.job(name)
                files = [path for path in (job.base / "input/data").rglob("*") if path.is_file()]
                largest = max(files, key=lambda path: path.stat().st_size)
                largest.write_bytes(largest.read_bytes()[:100])
                self.assertEqual(self.matches(self.refused(job)), {})

    def test_no_regex_matches_the_output_of_jobs_without_a_model(self):
        jobs = [Job(self), Job(self, "not json").add_digits(), Job(self, {"Test accuracy: 1": "Test set: Average loss: 5"}).add_digits()]
        for job in jobs[:-1]:
            job.write_config("metric-definition-regex.json", [{"Name": name, "Regex": regex} for name, regex in TUTORIALS.items()])
            self.assertEqual(self.matches(job.run()), {})
        self.assertEqual(jobs[-1].run().code, 1)

    def test_a_metric_that_can_never_match_is_named_and_its_regex_never_quoted(self):
        definitions = [{"Name": "good", "Regex": TUTORIALS["average test loss"]}, {"Name": "bad", "Regex": TUTORIALS["validation:acc"]}]
        for form in (definitions, {"MetricDefinitions": definitions}, {item["Name"]: item["Regex"] for item in definitions}):
            job = Job(self, {"epochs": "1"}).add_digits()
            job.write_config("metric-definition-regex.json", form)
            result = self.assert_trained(job.run())
            self.assertIn("'bad' will stay empty", result.err)
            self.assertNotIn("'good'", result.err)
            self.assertNotIn("Test accuracy", result.err)

    def test_a_metric_that_other_hyperparameters_would_print_is_named(self):
        for name, empty in (("cifar10", ("average test loss", "test accuracy")), ("cifar10 of Horovod", ("loss",))):
            result = self.assert_trained(self.job(name).run())
            expected = {*empty, *(key for key in TUTORIALS if ":" in key)}
            self.assertEqual(set(re.findall("'(.*)' will stay empty: its regex matches no line that model cifar10 prints with "
                                            "these hyperparameters", result.err)), expected)
            self.assertEqual(self.matches(result).keys() & expected, set())

    def test_definitions_of_another_form_or_a_hostile_regex_do_no_harm(self):
        for form in ("[1, 2]", "nonsense", '{"a": 1}', '[{"Name": "a", "Regex": "((a+)+)+$("}]', '[{"Name": "a", "Regex": "([^;]+)+([^;]+)+([^;]+)+#"}]'):
            job = Job(self, {"epochs": "1"}).add_digits()
            job.write_config("metric-definition-regex.json", form)
            self.assert_trained(job.run())


class Terminal(Contract):
    def run_in_terminal(self, **extra):
        job = Job(self, {"epochs": "8", "batch-size": "4"}).add_digits()
        try:
            main, side = pty.openpty()
        except OSError as error:
            self.skipTest(f"this machine has no pseudo-terminals to give: {error}")
        variables = {"PATH": os.environ["PATH"], "SAGEMAKER_BASE_DIR": str(job.base), "OMP_NUM_THREADS": "1", "TERM": "xterm", **extra}
        process = subprocess.Popen([PROGRAM, "train"], env=variables, stdout=side, stderr=side)
        os.close(side)
        text = b""
        while True:
            try:
                chunk = os.read(main, 65536)
            except OSError:  # the other side was closed
                break
            if not chunk:
                break
            text += chunk
        self.assertEqual(process.wait(), 0)
        return text.decode()

    def test_a_person_sees_a_progress_bar(self):
        text = self.run_in_terminal()
        self.assertIn("\r\x1b[K", text)
        self.assertIn("of epoch ", text)
        self.assertIn("\x1b[36m", text)
        for line in ("Test set: ", "epoch=8; "):  # a line is whole: the bar was cleared before it
            self.assertRegex(text, rf"(\n|\x1b\[K){line}")

    def test_no_color(self):
        text = self.run_in_terminal(NO_COLOR="1")
        self.assertIn("of epoch ", text)
        self.assertNotIn("\x1b[36m", text)

    def test_a_job_has_no_progress_bar_even_at_a_terminal(self):
        text = self.run_in_terminal(TRAINING_JOB_NAME="job-1")
        self.assertNotIn("\x1b", text)
        self.assertNotIn("of epoch ", text)


if __name__ == "__main__":
    unittest.main()
