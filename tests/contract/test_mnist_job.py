"""The MNIST job from the tree to the artifacts."""
import json
import re
import stat
import struct
import subprocess
import unittest
import zlib

from platform_tree import PROGRAM, Contract, Job, idx_bytes

TUTORIAL_REGEX = r"Test set: Average loss: ([0-9\.]+)"


def grey_png(width, height, pixels):
    """A PNG (RFC 2083) of 8-bit grey pixels."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + pixels[row * width : (row + 1) * width] for row in range(height))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


class MnistJob(Contract):
    def test_the_tutorials_hyperparameters_and_layout_train(self):
        job = Job(self, {"epochs": "2", "lr": "0.05", "batch-size": '"32"', "backend": '"gloo"', "log-interval": "4",
                         "_tuning_objective_metric": "average test loss", "sagemaker_job_name": '"job-1"'})
        job.add_digits(sub="MNIST/raw", compress=True)
        (job.base / "input/data/training-manifest").write_text("[]")
        (job.channel() / "MNIST/processed").mkdir()
        (job.channel() / "MNIST/processed/training.pt").write_bytes(b"\x80\x02")
        result = self.assert_trained(job.run())
        self.assertIn("Train Epoch: 2 [128/400 (31%)] Loss: ", result.out)
        self.assertIn("Distributed training - False\n", result.out)
        self.assertIn("Processes 400/400 (100%) of train data\n", result.out)
        self.assertIn("\nSaving the model.\n", result.out)
        losses = re.findall(TUTORIAL_REGEX, result.out)
        self.assertEqual(len(losses), 2)
        self.assertEqual(len(job.journal()), 2)
        final = job.manifest()["metrics"]
        self.assertAlmostEqual(float(losses[-1]), final["validation_loss"], places=4)
        line = re.findall(r"epoch=2; .*", result.out)[-1]
        self.assertIn(f"validation_loss={final['validation_loss']:.6f};", line)
        self.assertEqual(final["validation_accuracy"], job.journal()[-1]["validation_accuracy"])

    def test_output_is_plain_lines(self):
        job = Job(self, {"epochs": "1"}).add_digits()
        result = self.assert_trained(job.run())
        for forbidden in "\t\r\x1b":
            self.assertNotIn(forbidden, result.out + result.err)
        self.assertTrue(result.out.endswith("\n"))

    def test_files_that_are_not_read_are_counted(self):
        job = Job(self, {"epochs": "1"}).add_digits()
        (job.channel() / "photo.HEIC").write_bytes(b"x")
        (job.channel() / "notes").mkdir()
        (job.channel() / "notes/read me.txt").write_text("x")
        result = self.assert_trained(job.run())
        self.assertIn("Skipped: 1 .heic, 1 .txt, such as 'photo.HEIC' in channel 'training'.\n", result.out)

    def test_nothing_is_skipped_where_all_is_read(self):
        result = self.assert_trained(Job(self, {"epochs": "1"}).add_digits().run())
        self.assertNotIn("Skipped", result.out)

    def test_every_layout_gives_the_same_bits(self):
        def weights(**layout):
            job = Job(self, {"epochs": "1"}).add_digits(**layout)
            self.assert_trained(job.run())
            return (job.base / "model/model.safetensors").read_bytes()

        reference = weights()
        self.assertEqual(weights(sub="raw"), reference)
        self.assertEqual(weights(sub="MNIST/raw", compress=True), reference)

    def test_train_and_test_channels(self):
        for names in (("train", "test"), ("train", "validation"), ("training", "test")):
            with self.subTest(names):
                job = Job(self, {"epochs": "1"}, channels=names)
                job.add_digits(channel=names[0], parts=("train",)).add_digits(channel=names[1], parts=("t10k",))
                self.assertIn("Accuracy: ", self.assert_trained(job.run()).out)

    def test_without_test_images_undefined_metrics_are_left_out(self):
        job = Job(self, {"epochs": "1"}).add_digits(parts=("train",))
        result = self.assert_trained(job.run())
        self.assertNotIn("validation", "".join(re.findall(r"epoch=1;.*", result.out)))
        self.assertNotIn("validation_loss", job.manifest()["metrics"])

    def test_files_are_readable_by_everybody(self):
        job = Job(self, {"epochs": "1"}).add_digits()
        self.assert_trained(job.run())
        for path in [*(job.base / "model").iterdir(), *(job.base / "output/data").iterdir()]:
            self.assertTrue(path.stat().st_mode & stat.S_IROTH, path)

    def test_nothing_of_an_older_model_or_failure_stays(self):
        job = Job(self, {"epochs": "1"}).add_digits()
        (job.base / "output/failure").write_text("an older failure")
        for name in ("model.pt", "model.json", "model.safetensors"):
            (job.base / "model" / name).write_text("old")
        self.assert_trained(job.run())
        self.assertEqual(job.manifest()["format"], 1)

    def test_predict_refuses_a_description_that_makes_no_sense(self):
        job = Job(self, {"epochs": "1"}).add_digits()
        self.assert_trained(job.run())
        good = job.manifest()
        for change in ({"output": "foo"}, {"image": {**good["image"], "std": [0]}}, {"image": {**good["image"], "mode": "X"}}, {"labels": 7}):
            (job.base / "model/model.json").write_text(json.dumps({**good, **change}))
            refused = job.run(str(job.channel() / "t10k-images-idx3-ubyte#0"), command=("predict",))
            self.assertEqual((refused.code, refused.out), (1, ""))
            self.assertIn("model.json", refused.last_error)

    def test_an_older_model_never_passes_for_a_stopped_jobs(self):
        job = Job(self, {"lr": "90", "epochs": "20", "batch-size": "8"}).add_digits()
        for name in ("model.pt", "model.json", "model.safetensors"):
            (job.base / "model" / name).write_text("old")
        self.assertEqual(job.run().code, 1)
        self.assertEqual(job.model_files(), [])

    def test_local_modes_users_may_remove_what_is_left(self):
        job = Job(self, {"epochs": "1"}).add_digits()
        job.write_config("resourceconfig.json", {"current_host": "algo-1", "hosts": ["algo-1"], "current_instance_type": "local_cpu"})
        self.assert_trained(job.run())
        self.assertEqual((job.base / "model").stat().st_mode & 0o777, 0o777)
        self.assertEqual((job.base / "model/model.pt").stat().st_mode & 0o666, 0o666)

    def test_closed_streams_do_no_harm(self):
        job = Job(self, {"epochs": "1"}).add_digits()
        command = f'exec {PROGRAM} train <&- >&- 2>&-'
        subprocess.run(["sh", "-c", command], env={"SAGEMAKER_BASE_DIR": str(job.base), "OMP_NUM_THREADS": "1"}, check=True)
        self.assertEqual(len(job.journal()), 1)
        self.assertEqual(job.manifest()["format"], 1)

    def test_no_argument_means_train(self):
        job = Job(self, {"epochs": "1"}).add_digits()
        self.assert_trained(job.run(command=()))

    def test_a_dry_run_checks_and_writes_nothing(self):
        job = Job(self, {"epochs": "1"}).add_digits()
        result = job.run("--dry-run")
        self.assertEqual(result.code, 0, result.err)
        self.assertIn("400 rows to train on, 100 to evaluate on, 10 classes", result.out)
        self.assertEqual(job.model_files(), [])
        self.assertEqual(list((job.base / "output/data").iterdir()), [])

    def test_predict_reads_idx_rows_and_png(self):
        job = Job(self, {"epochs": "4", "lr": "0.05", "batch-size": "16"}).add_digits()
        self.assert_trained(job.run())
        images = job.channel() / "t10k-images-idx3-ubyte"
        all_rows = job.run(str(images), command=("predict",))
        self.assertEqual(all_rows.code, 0, all_rows.err)
        answers = [json.loads(line) for line in all_rows.out.splitlines()]
        self.assertEqual(len(answers), 100)
        labels = idx_bytes("t10k-labels-idx1-ubyte")[8:]
        correct = sum(answer["label"] == str(label) for answer, label in zip(answers, labels))
        self.assertAlmostEqual(correct / 100, job.manifest()["metrics"]["validation_accuracy"])
        one = job.run(f"{images}#7", command=("predict",))
        self.assertEqual(json.loads(one.out), answers[7])
        self.assertEqual(list(answers[7]), ["file", "label", "score", "probabilities"])
        self.assertAlmostEqual(sum(answers[7]["probabilities"]), 1, places=5)
        self.assertEqual(max(answers[7]["probabilities"]), answers[7]["score"])
        picture = job.base / "seven.png"
        picture.write_bytes(grey_png(28, 28, idx_bytes("t10k-images-idx3-ubyte")[16 + 7 * 784 : 16 + 8 * 784]))
        png = json.loads(job.run(str(picture), command=("predict",)).out)
        self.assertEqual(png, {**answers[7], "file": str(picture)})
        for bad in (f"{images}#100", f"{images}#1e3", f"{images}#-1", f"{picture}#0", str(job.base / "none.png"),
                    str(job.base / "input/config/hyperparameters.json")):
            refused = job.run(bad, command=("predict",))
            self.assertEqual(refused.code, 1)
            self.assertIn(bad.split("#")[0], refused.last_error)


if __name__ == "__main__":
    unittest.main()
