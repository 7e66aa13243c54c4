"""Checkpoints: after kill -9 at any instant the next start continues, and ends with the bits of an uninterrupted run."""
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from platform_tree import PROGRAM, Contract, Job, Result

# Rounds of the random kill: ten in the unit tier, a hundred in the tier `full`.
ROUNDS = int(os.environ.get("SMLT_KILLS", "10"))
HYPERPARAMETERS = {"epochs": "4", "batch-size": "16", "lr": "0.02", "keep": "best", "checkpoint_interval_steps": "1"}


class CheckpointedJob(Job):
    def __init__(self, case, hyperparameters=None, **changes):
        super().__init__(case, {**HYPERPARAMETERS, **(hyperparameters or {}), **changes})
        self.folder = self.base / "checkpoints"
        self.folder.mkdir()
        self.add_digits()

    def files(self):
        return sorted(self.folder.glob("*.checkpoint"), key=lambda path: path.stat().st_mtime_ns)

    def start(self, *arguments, environment=None):
        variables = {"PATH": os.environ["PATH"], "SAGEMAKER_BASE_DIR": str(self.base), "OMP_NUM_THREADS": "1",
                     **(environment or {})}
        return subprocess.Popen([PROGRAM, "train", *arguments], env=variables, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE)

    def weights(self):
        return (self.base / "model/model.safetensors").read_bytes()

    def start_again(self, hyperparameters):
        """The same job's next process: the platform keeps only the checkpoints of the last one."""
        self.write_config("hyperparameters.json", hyperparameters)


def finish(job, process, timeout=120):
    process.stdout, process.stderr = process.communicate(timeout=timeout)
    return Result(job, process)


class Checkpoints(Contract):
    @classmethod
    def setUpClass(cls):
        # What every interrupted job must end with.
        case = unittest.TestCase()
        job = CheckpointedJob(case)
        begun = time.monotonic()
        result = job.run()
        assert result.code == 0, result.err
        cls.seconds = time.monotonic() - begun  # on this machine, as busy as it is
        cls.expected = job.weights()
        cls.journal = [{k: v for k, v in entry.items() if k != "samples_per_second"} for entry in job.journal()]
        case.doCleanups()

    def assert_same_result(self, job):
        self.assertEqual(job.weights(), self.expected)
        journal = [{k: v for k, v in entry.items() if k != "samples_per_second"} for entry in job.journal()]
        self.assertEqual(journal, self.journal)

    def killed_at_checkpoint(self, job, nth, after="1"):
        """Runs the job until it kills itself right after its nth checkpoint, or before it gets its name (after="0"): whoever
        watches from outside may be too late. On a slow disk a job has fewer checkpoints than steps, so it may have to run again."""
        if "SMLT_KILL_AT_RENAME" not in os.environ:
            self.skipTest("needs the library of tests/contract/kill_at_rename.cpp")
        environment = {"LD_PRELOAD": os.environ["SMLT_KILL_AT_RENAME"], "KILL_AT": str(nth), "KILL_AFTER": after}
        for _ in range(20):
            code = finish(job, job.start(environment=environment)).code
            if code != 0:
                break
            for path in job.folder.iterdir():
                path.unlink()
        self.assertEqual(code, -signal.SIGKILL)

    def test_killed_at_random_instants_it_ends_with_the_same_bits(self):
        generator = random.Random(3)
        continued = 0
        window = self.seconds  # what is busy then may be quiet now, and the other way round
        for round_number in range(ROUNDS):
            job = CheckpointedJob(self)
            for _ in range(generator.randint(1, 3)):
                process = job.start()
                time.sleep(generator.uniform(0.05, 1.0) * window)
                process.send_signal(signal.SIGKILL)
                if finish(job, process).code == 0:
                    window *= 0.7  # the kill came too late
                elif not job.files():
                    window *= 1.3  # too early to tell anything
            result = self.assert_trained(job.run())
            continued += "Continuing from a checkpoint" in result.out
            self.assert_same_result(job)
            self.assertEqual([path for path in job.base.rglob(".*")], [], f"round {round_number}")
            shutil.rmtree(job.base)
        self.assertGreater(continued, ROUNDS // 4)  # otherwise the kills came too early to say anything

    def test_killed_between_write_and_rename(self):
        for nth in (1, 2, 3, 5):
            for after in ("0", "1"):
                job = CheckpointedJob(self)
                self.killed_at_checkpoint(job, nth, after)
                if after == "0":
                    self.assertTrue([path for path in job.folder.glob(".*")])  # what the kill left behind
                self.assert_trained(job.run())
                self.assert_same_result(job)
                self.assertEqual(list(job.folder.glob(".*")), [])

    def test_a_damaged_newest_checkpoint_is_skipped_for_the_previous(self):
        def torn(data):
            return data[: len(data) // 2]

        def bit_flipped(data):
            at = len(data) * 2 // 3
            return data[:at] + bytes([data[at] ^ 4]) + data[at + 1:]

        def label_changed(data):
            self.assertIn(b" bytes; ", data)
            return data.replace(b" bytes; ", b" byteX; ", 1)

        for damage in (torn, bit_flipped, label_changed, lambda data: b"", lambda data: data[:-1], lambda data: b"\0" * len(data)):
            job = CheckpointedJob(self)
            self.killed_at_checkpoint(job, 3)
            newest = job.files()[-1]
            newest.write_bytes(damage(newest.read_bytes()))
            result = self.assert_trained(job.run())
            self.assertIn(f"The checkpoint '{newest}' cannot be used and is skipped: ", result.out)
            self.assertIn("Continuing from a checkpoint", result.out)
            self.assert_same_result(job)

    def test_with_both_damaged_training_starts_anew(self):
        job = CheckpointedJob(self)
        self.killed_at_checkpoint(job, 3)
        for path in job.files():
            path.write_bytes(path.read_bytes()[:100])
        result = self.assert_trained(job.run())
        self.assertEqual(result.out.count("cannot be used and is skipped"), 2)
        self.assertNotIn("Continuing", result.out)
        self.assert_same_result(job)

    def test_sigterm_writes_one_more_in_mid_epoch(self):
        job = CheckpointedJob(self, epochs="100000", checkpoint_interval_steps="0", checkpoint_interval_seconds="0",
                              **{"log-interval": "1"})
        process = job.start()
        for line in process.stdout:
            if b"Train Epoch: 2 [" in line:
                break
        process.send_signal(signal.SIGTERM)
        result = self.assert_trained(finish(job, process))
        self.assertIn("\nStopped by a signal: the model so far is saved.\n", result.out)
        self.assertEqual(len(job.files()), 1)
        again = job.start()
        text = b""
        for line in again.stdout:
            text += line
            if b"Continuing from a checkpoint: " in line:
                break
        again.kill()
        finish(job, again)
        self.assertRegex(text.decode(), r"Continuing from a checkpoint: \d+ epochs? finished, [1-9]\d* steps? of the next")
        self.assertEqual(result.err, "")

    def test_epochs_may_be_raised_and_not_lowered(self):
        job = CheckpointedJob(self, epochs="2")
        self.assert_trained(job.run())
        result = self.assert_trained(job.run())  # nothing left to do: the model is exported again, and described
        self.assertRegex(result.out, r"(?m)^epoch=[12]; ")
        job.start_again({**HYPERPARAMETERS, "epochs": "4"})
        self.assertIn("2 epochs finished", self.assert_trained(job.run()).out)
        self.assert_same_result(job)
        job.start_again({**HYPERPARAMETERS, "epochs": "3"})
        self.assertIn("at least the 4 epochs that the checkpoint", job.run().last_error)

    def test_another_identity_is_refused_with_both_values(self):
        job = CheckpointedJob(self)
        self.assert_trained(job.run())
        for name, old, new in (("lr", "0.02", "0.05"), ("seed", "1", "2"), ("batch-size", "16", "32")):
            job.start_again({**HYPERPARAMETERS, name: new})
            result = job.run()
            self.assertEqual(result.code, 1)
            self.assertIn(f"{name} ({old} in the checkpoint, {new} now)", result.last_error)
            self.assertIn("resume=never", result.last_error)
        labels = job.channel() / "train-labels-idx1-ubyte"
        content = labels.read_bytes()
        job.start_again(HYPERPARAMETERS)
        labels.write_bytes(content[:-1] + bytes([(content[-1] + 1) % 10]))  # of the same size
        self.assertIn("data (", job.run().last_error)
        (job.channel() / "train-labels-idx1-ubyte").rename(job.channel() / "other-labels-idx1-ubyte")
        (job.channel() / "train-images-idx3-ubyte").rename(job.channel() / "other-images-idx3-ubyte")
        job.start_again(HYPERPARAMETERS)
        self.assertIn("data (", job.run().last_error)

    def test_resume_never_starts_anew_and_says_so(self):
        job = CheckpointedJob(self)
        self.killed_at_checkpoint(job, 3)
        job.start_again({**HYPERPARAMETERS, "resume": "never"})
        result = self.assert_trained(job.run())
        self.assertIn("resume=never: training starts anew", result.out)
        self.assertNotIn("Continuing", result.out)
        self.assert_same_result(job)

    def test_jobs_that_share_a_directory_never_meet(self):
        job = CheckpointedJob(self)
        for number, lr in enumerate(("0.02", "0.05", "0.02")):
            job.start_again({**HYPERPARAMETERS, "lr": lr})
            result = self.assert_trained(job.run(environment={"TRAINING_JOB_NAME": f"tuning-{number}"}))
            self.assertEqual("Continuing" in result.out, number == 2)  # the same identity: the same bits
        self.assertEqual(len({path.name[:-len("-a.checkpoint")] for path in job.files()}), 2)

    def test_another_thread_count_goes_on_and_says_that_bits_may_differ(self):
        job = CheckpointedJob(self)
        self.killed_at_checkpoint(job, 3)
        result = self.assert_trained(job.run("--threads", "2"))
        self.assertIn("Continuing from a checkpoint", result.out)
        self.assertRegex(result.out, "It was written with 1 threads? on .* may differ")

    def test_without_a_directory_nothing_breaks(self):
        job = CheckpointedJob(self)
        job.folder.rmdir()
        self.assert_trained(job.run())
        self.assert_same_result(job)
        self.assertFalse(job.folder.exists())

    def test_a_full_disk_leaves_the_old_checkpoint_and_training_goes_on(self):
        disk = tempfile.mkdtemp(prefix="smlt-disk-")
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1200k", "tmpfs", disk], stderr=subprocess.DEVNULL)
        if mounted.returncode != 0:
            os.rmdir(disk)
            self.skipTest("a small disk can only be mounted as root")
        try:
            job = CheckpointedJob(self)
            job.folder.rmdir()
            job.folder.symlink_to(disk)
            self.killed_at_checkpoint(job, 3)
            with open(os.path.join(disk, "filler"), "wb", buffering=0) as filler:  # what other jobs have written meanwhile
                try:
                    while True:
                        filler.write(b"\0" * 4096)
                except OSError:
                    pass
            before = {path.name: path.read_bytes() for path in job.files()}
            result = self.assert_trained(job.run())
            self.assertIn("No checkpoint was written, and training continues: ", result.out)
            self.assertIn("No space left on device", result.out)
            self.assertEqual({path.name: path.read_bytes() for path in job.files()}, before)
            self.assert_same_result(job)
        finally:
            subprocess.run(["umount", disk], check=True)
            os.rmdir(disk)

    def test_a_directory_that_cannot_be_written_to_breaks_nothing(self):
        job = CheckpointedJob(self)
        job.folder.rmdir()
        job.folder.symlink_to("/proc")  # a directory in which nobody creates files
        result = self.assert_trained(job.run())
        self.assertIn("No checkpoint was written, and training continues: ", result.out)
        self.assert_same_result(job)


if __name__ == "__main__":
    sys.exit(unittest.main())
