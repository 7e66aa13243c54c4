"""What goes wrong on the platform's side: crashes, missing libraries, full disks, directories that cannot be written."""
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import unittest

from platform_tree import PROGRAM, Contract, Job, Result

IS_ROOT = os.geteuid() == 0


class Crashes(Contract):
    def test_each_signal_leaves_its_reason_and_its_exit_code(self):
        for number, word in ((signal.SIGSEGV, "SIGSEGV"), (signal.SIGABRT, "SIGABRT"), (signal.SIGBUS, "SIGBUS"),
                             (signal.SIGILL, "SIGILL"), (signal.SIGFPE, "SIGFPE")):
            with self.subTest(word):
                job = Job(self, {"epochs": "100000", "log-interval": "1"}).add_digits()
                variables = {"PATH": os.environ["PATH"], "SAGEMAKER_BASE_DIR": str(job.base), "OMP_NUM_THREADS": "1"}
                process = subprocess.Popen([PROGRAM, "train"], env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                while b"Train Epoch" not in process.stdout.readline():
                    self.assertIsNone(process.poll())
                process.send_signal(number)
                process.stdout, process.stderr = process.communicate(timeout=30)
                result = Result(job, process)
                self.assertEqual(result.code, -number)  # a shell and the platform see 128 + number
                self.assertIn(word, result.failure)
                self.assertEqual(result.failure.rstrip("\n"), result.last_error)
                self.assertEqual(job.model_files(), [])


class Libraries(Contract):
    def copied_program(self):
        folder = tempfile.TemporaryDirectory(prefix="smlt-program-")
        self.addCleanup(folder.cleanup)
        return pathlib.Path(shutil.copy(PROGRAM, folder.name))

    def run_copy(self, program, *arguments):
        job = Job(self, {"epochs": "1"}).add_digits()
        variables = {"PATH": os.environ["PATH"], "SAGEMAKER_BASE_DIR": str(job.base)}
        process = subprocess.run([program, *arguments], env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        return Result(job, process)

    def test_a_missing_library_is_named(self):
        self.assert_refused(self.run_copy(self.copied_program(), "train"), "libsmlt.so", "cannot open shared object file", code=2)

    def test_a_file_that_is_no_library_is_named(self):
        program = self.copied_program()
        (program.parent / "libsmlt.so").write_text("not a library")
        self.assert_refused(self.run_copy(program, "train"), "libsmlt.so", code=2)

    def test_a_library_without_the_entry_point_is_named(self):
        program = self.copied_program()
        other = next(pathlib.Path(line.split()[2]) for line in subprocess.run(["ldd", PROGRAM], capture_output=True, text=True).stdout.splitlines()
                     if "libz.so" in line or "libpng" in line)
        shutil.copy(other, program.parent / "libsmlt.so")
        self.assert_refused(self.run_copy(program, "train"), "is not this program's library", code=2)

    def test_help_needs_no_library(self):
        self.assertEqual(self.run_copy(self.copied_program(), "--help").code, 0)
        self.assertEqual(self.run_copy(self.copied_program(), "describe").code, 0)


class Disks(Contract):
    def small_disk(self, folder, size):
        if not IS_ROOT:
            self.skipTest("mounting a small tmpfs needs root")
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], capture_output=True)
        if done.returncode != 0:
            self.skipTest(f"a tmpfs cannot be mounted here: {done.stderr.decode().strip()}")
        self.addCleanup(subprocess.run, ["umount", folder], check=True)

    def test_a_full_disk_for_the_model(self):
        for size in ("4k", "60k", "120k"):  # too small for the weights, for model.pt, for nothing but model.pt
            with self.subTest(size):
                job = Job(self, {"epochs": "1"}).add_digits()
                self.small_disk(job.base / "model", size)
                result = job.run()
                self.assertEqual(result.code, 2, result.out + result.err)
                self.assertIn("Cannot write", result.last_error)
                self.assertIn("model", result.last_error)
                self.assertEqual(result.failure, result.last_error)
                self.assertEqual(list((job.base / "model").iterdir()), [])

    def test_a_full_disk_for_the_output(self):
        job = Job(self, {"epochs": "1"}).add_digits()
        self.small_disk(job.base / "output/data", "4k")
        (job.base / "output/data/filler").write_bytes(bytes(4096))
        result = job.run()
        self.assertEqual(result.code, 2, result.out + result.err)
        self.assertIn("No space left on device", result.last_error)
        self.assertEqual(job.model_files(), [])

    @unittest.skipUnless(IS_ROOT, "changing the user needs root")
    def test_directories_that_cannot_be_written(self):
        for name in ("model", "output/data"):
            job = Job(self, {"epochs": "1"}).add_digits()
            for path in [job.base, *job.base.rglob("*")]:
                os.chmod(path, 0o777 if path.is_dir() else 0o644)
            os.chmod(job.base / name, 0o555)
            variables = {"PATH": os.environ["PATH"], "SAGEMAKER_BASE_DIR": str(job.base)}
            process = subprocess.run([self.readable_program(), "train"], env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, user=1234)
            self.assert_refused(Result(job, process), "Permission denied", name, code=2)

    def readable_program(self):
        """The program where an ordinary user can reach it."""
        if subprocess.run(["test", "-x", PROGRAM], user=1234).returncode != 0:
            self.skipTest("the build folder cannot be entered by an ordinary user")
        return PROGRAM


if __name__ == "__main__":
    unittest.main()
