"""A refused job leaves the previous model intact; one that trains replaces it."""
import resource
import struct
import subprocess
import unittest

from platform_tree import PROGRAM, Contract, Job, Result

FILES = {"model.json": b'{"format": 1}', "model.pt": b"script", "model.safetensors": b"weights"}
EPOCHS = {"epochs": "1", "batch-size": "64"}


class PreviousModel(Contract):
    def with_model(self, job):
        for name, content in FILES.items():
            (job.base / "model" / name).write_bytes(content)
        return job

    def assert_kept(self, result, *phrases, code=1):
        self.assertEqual(result.code, code, result.out + result.err)
        for phrase in phrases:
            self.assertIn(phrase, result.last_error)
        self.assertEqual({path.name: path.read_bytes() for path in (result.job.base / "model").iterdir()}, FILES)

    def digits(self, hyperparameters=EPOCHS):
        return self.with_model(Job(self, hyperparameters).add_digits())

    def test_a_job_that_trains_replaces_it(self):
        job = self.digits()
        self.assert_trained(job.run())
        self.assertNotEqual((job.base / "model/model.json").read_bytes(), FILES["model.json"])

    def test_bad_hyperparameters_and_bad_data(self):
        self.assert_kept(self.digits({"epochs": "ten"}).run(), "epochs")
        job = self.digits()
        (job.channel() / "train-labels-idx1-ubyte").unlink()
        self.assert_kept(job.run(), "Expected labels")
        job = self.digits()
        (job.channel() / "train-images-idx3-ubyte").write_bytes(b"\0\0\x08\x03")
        self.assert_kept(job.run(), "train-images")

    def test_a_dry_run(self):
        job = self.digits()
        self.assertEqual(job.run("--dry-run").code, 0)
        self.assert_kept(job.run("--dry-run"), code=0)

    def test_pretrained_weights_that_do_not_fit(self):
        for content in (b"PK\x03\x04 damaged", struct.pack("<Q", 2) + b"{}"):
            job = self.with_model(Job(self, {"initial_epochs": "1"}, channels=("train", "validation", "pretrained")).add_photographs())
            (job.channel("pretrained") / "weights.pth").write_bytes(content)
            self.assert_kept(job.run(), "weights.pth")

    def test_a_checkpoint_of_another_identity_or_of_more_epochs(self):
        job = Job(self, {**EPOCHS, "epochs": "2"}).add_digits()
        (job.base / "checkpoints").mkdir()
        self.assert_trained(job.run())
        self.with_model(job)
        for changes, phrase in (({"lr": "0.5"}, "lr (0.01 in the checkpoint, 0.5 now)"), ({"epochs": "1"}, "2 epochs")):
            job.write_config("hyperparameters.json", {**EPOCHS, "epochs": "2", **changes})
            self.assert_kept(job.run(), phrase)

    def test_an_output_that_cannot_be_written(self):
        job = self.digits()
        (job.base / "output/data").rmdir()
        (job.base / "output/data").write_text("")
        self.assert_kept(job.run(), "output/data", code=2)

    def test_data_for_which_memory_is_too_small(self):
        job = self.digits()
        images = job.channel() / "train-images-idx3-ubyte"
        with open(images, "wb") as file:
            file.write(struct.pack(">IIII", 0x803, 1 << 26, 28, 28))
            file.truncate(16 + (784 << 26))  # 50 GB, none of which is on the disk
        variables = {"PATH": "/usr/bin:/bin", "SAGEMAKER_BASE_DIR": str(job.base), "OMP_NUM_THREADS": "1"}
        limit = 16 << 30
        process = subprocess.run([PROGRAM, "train"], env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120,
                                 preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)))
        self.assert_kept(Result(job, process), "Out of memory", code=2)


if __name__ == "__main__":
    unittest.main()
