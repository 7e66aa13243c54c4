"""What is printed: metrics that the tuner reads, nothing else that its regexes could match, a progress bar for people alone."""
import os
import pty
import re
import subprocess
import unittest

from platform_tree import PROGRAM, Contract, Job

# The regexes of the five tutorials (their MetricDefinitions and tuner configurations).
TUTORIALS = {
    "average test loss": r"Test set: Average loss: ([0-9\.]+)",
    "validation:acc": r".*Test accuracy: (.*$)",
    "validation:loss": r".*Test loss: (.*).. Test ac.*",
    "train:loss": r".*Train loss: (.*).. Test lo.*",
}
COMMON = {name: rf"{name}=(-?[0-9]+\.[0-9]+);" for name in
          ("train_loss", "validation_loss", "validation_accuracy", "samples_per_second")}


class Metrics(Contract):
    def matches(self, result):
        found = {}
        for name, regex in {**TUTORIALS, **COMMON}.items():
            lines = [line for line in (result.out + result.err).splitlines() if re.search(regex, line)]
            if lines:
                found[name] = lines
        return found

    def test_the_regexes_match_the_metric_lines_of_a_good_job_and_nothing_else(self):
        job = Job(self, {"epochs": "3"}).add_digits()
        job.write_config("metric-definition-regex.json", [{"Name": name, "Regex": regex} for name, regex in TUTORIALS.items()])
        found = self.matches(self.assert_trained(job.run()))
        self.assertEqual(set(found), {"average test loss", *COMMON})
        for name, lines in found.items():
            self.assertEqual(len(lines), 3, name)
            self.assertTrue(all(line.startswith("Test set: " if " " in name else "epoch=") for line in lines), lines)

    def test_no_regex_matches_the_output_of_bad_jobs(self):
        jobs = [Job(self), Job(self, "not json").add_digits(), Job(self, {"lr": "nan"}).add_digits(),
                Job(self, {"Test accuracy: 1": "Test set: Average loss: 5"}).add_digits()]
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
