"""SIGTERM at any moment: exit 0 soon, with the model so far or a sentence that there is none."""
import os
import random
import re
import signal
import subprocess
import time
import unittest

from platform_tree import PROGRAM, Contract, Job, Result

EPOCH_LINE = re.compile(r"^epoch=.*$", re.MULTILINE)


class Stopping(Contract):
    def start(self, job, *arguments):
        variables = {"PATH": os.environ["PATH"], "SAGEMAKER_BASE_DIR": str(job.base), "OMP_NUM_THREADS": "1"}
        return subprocess.Popen([PROGRAM, "train", *arguments], env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def finish(self, job, process):
        process.stdout, process.stderr = process.communicate(timeout=120)  # a busy machine may take long
        return Result(job, process)

    def wait_for(self, process, phrase):
        """Reads stdout up to a line with `phrase`; returns what was read."""
        lines = []
        for line in process.stdout:
            lines.append(line.decode())
            if phrase in lines[-1]:
                return "".join(lines)
        self.fail(f"the job ended before it printed {phrase!r}")

    def test_after_the_first_step_the_model_so_far_is_exported_and_described(self):
        job = Job(self, {"epochs": "100000", "batch-size": "16", "log-interval": "1"}).add_digits()
        process = self.start(job)
        seen = self.wait_for(process, "Train Epoch: 3 [")
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGTERM)  # twice is the same
        result = self.assert_trained(self.finish(job, process))
        line = EPOCH_LINE.findall(seen + result.out)[-1]
        metrics = job.manifest()["metrics"]
        self.assertIn(f"validation_loss={metrics['validation_loss']:.6f};", line)
        self.assertEqual(job.journal()[-1]["validation_loss"], metrics["validation_loss"])

    def test_another_signal_does_not_make_it_deaf(self):
        job = Job(self, {"epochs": "100000", "batch-size": "16", "log-interval": "1"}).add_digits()
        process = self.start(job)
        self.wait_for(process, "Train Epoch: 1 [")
        process.send_signal(signal.SIGUSR1)  # not ours: its default action, never the end of watching for SIGTERM
        self.assertEqual(self.finish(job, process).code, -signal.SIGUSR1)

    def test_at_any_moment(self):
        def new_job():
            return Job(self, {"epochs": "6", "batch-size": "32"}).add_digits()

        begun = time.monotonic()
        job = new_job()
        self.assert_trained(self.finish(job, self.start(job)))
        whole = time.monotonic() - begun  # on this machine, as busy as it is
        outcomes = set()
        generator = random.Random(1)
        for attempt in range(75):
            if attempt >= 25 and outcomes >= {"no model", "model"}:
                break
            job = new_job()
            process = self.start(job)
            time.sleep(generator.uniform(0.0, whole))
            sent = time.monotonic()
            process.send_signal(signal.SIGTERM)
            result = self.finish(job, process)
            if result.code == -signal.SIGTERM:  # before main had run: no handler can be there yet
                outcomes.add("killed")
                self.assertEqual(result.out, "")
                continue
            self.assertLess(time.monotonic() - sent, 20)
            self.assertEqual((result.code, result.err, result.failure), (0, "", None))
            if "there is no model to save" in result.out:
                outcomes.add("no model")
                self.assertEqual(job.model_files(), [])
                self.assertEqual(list((job.base / "output/data").iterdir()), [])
            else:
                outcomes.add("model")
                self.assert_trained(result)
                line = EPOCH_LINE.findall(result.out)[-1]
                self.assertIn(f"validation_loss={job.manifest()['metrics']['validation_loss']:.6f};", line)
        self.assertTrue(outcomes >= {"no model", "model"}, outcomes)


if __name__ == "__main__":
    unittest.main()
