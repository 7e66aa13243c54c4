"""The first contact: the program on a machine without a job, and paths that lead nowhere or cannot be followed."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from platform_tree import PROGRAM, Contract, Job

WAYS = ("SAGEMAKER_BASE_DIR", "describe", "serve --model-dir")


class Hand(Contract):
    """Runs the program in its own folder, without a tree."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="smlt-hand-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def run_program(self, *arguments, **environment):
        return subprocess.run([PROGRAM, *arguments], env={"PATH": os.environ["PATH"], **environment}, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, cwd=self.folder, timeout=60)

    def contents(self):
        return sorted(str(path.relative_to(self.folder)) for path in self.folder.rglob("*"))

    def assert_sentence(self, process, code, *phrases):
        self.assertEqual(process.returncode, code, process.stderr)
        sentence = process.stderr.rstrip("\n").split("\n")[-1]
        for phrase in phrases:
            self.assertIn(phrase, sentence)
        self.assertNotIn("bug in this program", sentence)
        self.assertNotIn("filesystem error", sentence)
        return sentence


class ByHand(Hand):
    def test_without_a_tree_nothing_is_made(self):
        for arguments in ((), ("train",), ("train", "--dry-run"), ("--epochs", "1"), ("train", "--epochs", "ten")):
            for base in ("absent", "absent/deeper", "empty", "file"):
                with self.subTest(arguments, base=base):
                    (self.folder / "empty").mkdir(exist_ok=True)
                    (self.folder / "file").write_text("")
                    process = self.run_program(*arguments, SAGEMAKER_BASE_DIR=base)
                    self.assert_sentence(process, 1, f"{base}/input'", *WAYS)
                    self.assertEqual(process.stdout, "")
                    self.assertEqual(len(process.stderr.splitlines()), 1)
                    self.assertEqual(self.contents(), ["empty", "file"])

    @unittest.skipIf(os.path.exists("/opt/ml"), "this machine has an /opt/ml")
    def test_a_bare_call_shows_help_and_makes_no_opt_ml(self):
        for arguments in ((), ("train",)):
            process = self.run_program(*arguments)
            self.assert_sentence(process, 1, "'/opt/ml/input'", *WAYS)
            for line in ("sagemaker-libtorch describe", "sagemaker-libtorch serve", "sagemaker-libtorch train"):
                self.assertIn(line, process.stderr)
            self.assertEqual(process.stdout, "")
            self.assertFalse(os.path.exists("/opt/ml"))

    def test_channels_named_by_variables_or_options_are_a_job_without_a_tree(self):
        data = Job(self).add_digits().channel()
        for arguments, variables in ((("--data-dir", str(data)), {}), ((), {"SM_CHANNEL_TRAINING": str(data)})):
            process = self.run_program("train", "--dry-run", *arguments, SAGEMAKER_BASE_DIR="absent", **variables)
            self.assertEqual(process.returncode, 0, process.stderr)
            self.assertIn("Dry run", process.stdout)
            self.assertEqual(self.contents(), [])
        self.assert_sentence(self.run_program("train", "--data-dir", "nothing", SAGEMAKER_BASE_DIR="absent"), 1, "'training'")
        self.assertEqual(self.contents(), [])

    def test_a_job_that_is_refused_still_has_its_failure_file(self):
        job = Job(self, "not json")
        shutil.rmtree(job.base / "output")  # the platform makes it; a plain docker run may not
        result = job.run()
        self.assertEqual(result.code, 1)
        self.assertEqual(result.failure, result.last_error)


class BadPaths(Hand):
    """Names too long, links to themselves, files on the way: a sentence with the path, whichever part has to read it."""

    def bad_paths(self):
        (self.folder / "loop").symlink_to("loop")
        (self.folder / "file").write_text("x")
        return {"a" * 300: "File name too long", "loop": "Too many levels of symbolic links", "a/" * 2500: "File name too long"}

    def test_the_base_directory(self):
        for path, cause in self.bad_paths().items():
            with self.subTest(cause):
                for command in ((), ("train", "--dry-run")):
                    self.assert_sentence(self.run_program(*command, SAGEMAKER_BASE_DIR=path), 2, cause)
                self.assert_sentence(self.run_program("predict", "file", SAGEMAKER_BASE_DIR=path), 2, cause)

    def test_the_model_directory(self):
        for path, cause in self.bad_paths().items():
            for command in (("predict", "file"), ("serve", "--port", "0")):
                with self.subTest(cause, command=command):
                    self.assert_sentence(self.run_program(*command, "--model-dir", path), 2, cause)
        for command in (("predict", "file"), ("serve", "--port", "0")):
            self.assert_sentence(self.run_program(*command, "--model-dir", "file/inside"), 1, "file/inside")
        job = Job(self, {"epochs": "1"}).add_digits()
        for path, cause in self.bad_paths_again().items():
            self.assert_sentence(self.run_program("train", "--model-dir", path, SAGEMAKER_BASE_DIR=str(job.base)), 2, cause)

    def bad_paths_again(self):
        return {"a" * 300: "File name too long", "loop/model": "Too many levels of symbolic links", "file/model": "Not a directory"}

    def test_the_files_to_predict(self):
        job = Job(self, {"epochs": "1"}).add_digits()
        self.assert_trained(job.run())
        for path, cause in self.bad_paths().items():
            for file in (path, path + "#3"):
                with self.subTest(cause, file=file[-5:]):
                    self.assert_sentence(self.run_program("predict", file, SAGEMAKER_BASE_DIR=str(job.base)), 2, cause)
        self.assert_sentence(self.run_program("predict", "file/inside", SAGEMAKER_BASE_DIR=str(job.base)), 1, "file/inside")

    def test_channels_and_other_folders_of_a_job(self):
        for path, cause in self.bad_paths().items():
            with self.subTest(cause):
                job = Job(self, {"epochs": "1"})
                process = self.run_program("train", "--data-dir", path, SAGEMAKER_BASE_DIR=str(job.base))
                self.assertIn(process.returncode, (1, 2))
                self.assert_sentence(process, process.returncode, cause)
        for name in ("output/data", "model", "checkpoints"):
            job = Job(self, {"epochs": "1"}).add_digits()
            if name != "checkpoints":
                (job.base / name).rmdir()
            (job.base / name).symlink_to(name.split("/")[-1])
            result = job.run()
            self.assertEqual(result.code, 2, result.err)
            self.assertIn(name, result.last_error)
            self.assertNotIn("bug in this program", result.last_error)

    def test_a_nul_byte_in_a_path_of_the_configuration(self):
        for name in ("model-dir", "data-dir", "train"):
            job = Job(self, {name: str(self.folder) + "\0/x"}).add_digits()
            self.assert_refused(job.run("--dry-run"), name, "NUL", "hyperparameters.json")


if __name__ == "__main__":
    unittest.main()
