"""A file that the disk cannot read ends the job as the platform's fault, with file and cause; it is never taken for damaged or
left out. The disk fails for one file at a time, by the library of tests/contract/fail_read.cpp."""
import errno
import gzip
import os
import struct
import unittest

import cifar_data
from platform_tree import Contract, Job, idx_bytes

IMAGES, TEST_IMAGES = "train-images-idx3-ubyte", "t10k-images-idx3-ubyte"


@unittest.skipUnless("SMLT_FAIL_READ" in os.environ, "needs the library of tests/contract/fail_read.cpp")
class DiskErrors(Contract):
    def run_failing(self, job, name, at=0, error=errno.EIO):
        return job.run(environment={"LD_PRELOAD": os.environ["SMLT_FAIL_READ"], "FAIL_READ": name, "FAIL_AT": str(at),
                                    "FAIL_ERROR": str(error)})

    def assert_platform_error(self, job, name, at=0, error=errno.EIO):
        result = self.assert_refused(self.run_failing(job, name, at, error), "Cannot read", name, os.strerror(error), code=2)
        self.assertNotIn("damaged", result.last_error)

    def test_a_disk_that_works_is_not_disturbed(self):
        job = Job(self, {"epochs": "1"}).add_digits()
        self.assert_trained(self.run_failing(job, "no-such-file"))

    def test_idx(self):
        for compress in (False, True):
            for name in (IMAGES, TEST_IMAGES, "train-labels-idx1-ubyte", "t10k-labels-idx1-ubyte"):
                with self.subTest(name, compress=compress):
                    for error in (errno.EIO, errno.EACCES):
                        job = Job(self, {"epochs": "1"}).add_digits(compress=compress)
                        self.assert_platform_error(job, name + ".gz" if compress else name, error=error)
        self.assert_platform_error(Job(self, {"epochs": "1"}).add_digits(), IMAGES, at=100_000)
        job = Job(self, {"epochs": "1"}).add_digits()  # the copy of a plain file is read by itself
        (job.channel() / (IMAGES + ".gz")).write_bytes(gzip.compress(idx_bytes(IMAGES)))
        self.assert_platform_error(job, IMAGES + ".gz")

    def test_tables(self):
        for name in ("X_train.csv", "y_validation.csv"):
            self.assert_platform_error(Job(self, {"num-epochs": "1"}).add_table(), name)
        for compress in (False, True):
            job = Job(self, {"num-epochs": "1"})
            rows = "".join(f"{row % 3},{row},{row * 7 % 11}\n" for row in range(30_000)).encode()
            for name in ("part-1.csv", "part-2.csv"):
                (job.channel() / name).write_bytes(gzip.compress(rows) if compress else rows)
            self.assert_platform_error(job, "part-2.csv")
        self.assert_platform_error(job, "part-1.csv", at=70_000)

    def test_cifar(self):
        for form, names in {"py": ("data_batch_2", "test_batch", "batches.meta"),
                            "bin": ("data_batch_2.bin", "test_batch.bin", "batches.meta.txt")}.items():
            for name in names:
                job = Job(self, {"epochs": "1"})
                cifar_data.put(job.channel(), form)
                self.assert_platform_error(job, name)
        for at in (0, 1000):
            job = Job(self, {"epochs": "1"})
            cifar_data.put(job.channel(), "py", packed=True)
            self.assert_platform_error(job, "cifar-10-python.tar.gz", at)
        job = Job(self, {"epochs": "1"})  # recognised only by its content
        (job.channel() / "train").write_bytes(cifar_data.pickled(cifar_data.rows(20, 1, 100), "fine_labels"))
        self.assert_platform_error(job, "/train")

    def test_pretrained_weights(self):
        for content in (b"PK\x03\x04" + bytes(9000), struct.pack("<Q", 16) + b"{}" + bytes(9000)):
            for at in (0, 4000):
                job = Job(self, {"initial_epochs": "1"}, channels=("train", "validation", "pretrained")).add_photographs()
                (job.channel("pretrained") / "weights.bin").write_bytes(content)
                self.assert_platform_error(job, "weights.bin", at)

    def test_checkpoints(self):
        job = Job(self, {"epochs": "1", "checkpoint_interval_steps": "1"}).add_digits()
        (job.base / "checkpoints").mkdir()
        self.assert_trained(job.run())
        for file in (job.base / "checkpoints").iterdir():
            for at in (0, 4000):
                result = self.run_failing(job, file.name, at)
                self.assertEqual(result.code, 2, result.out + result.err)
                for phrase in ("Cannot read", file.name, "Input/output error"):
                    self.assertIn(phrase, result.last_error)


if __name__ == "__main__":
    unittest.main()
