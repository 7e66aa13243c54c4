"""The CIFAR-10 job: every layout, both tutorials' lines, and one sentence for each bad input."""
import gzip
import os
import pathlib
import re
import unittest

import cifar_data
from platform_tree import Contract, Job


class CifarJob(Contract):
    def job(self, hyperparameters=None, form="py", packed=False):
        job = Job(self, {"epochs": "1", "batch_size": "16", "lr": "0.01", **(hyperparameters or {})})
        cifar_data.put(job.channel(), form, packed)
        return job

    def test_every_layout_gives_the_same_bits(self):
        def weights(*places):
            job = Job(self, {"epochs": "1", "batch_size": "16"})
            for form, packed in places:
                cifar_data.put(job.channel(), form, packed)
            self.assert_trained(job.run())
            self.assertEqual(job.manifest()["labels"], cifar_data.NAMES)
            return (job.base / "model/model.safetensors").read_bytes()

        folder, archive = ("py", False), ("py", True)
        reference = weights(folder)
        for places in ([archive], [("bin", False)], [("bin", True)], [folder, archive], [("bin", False), archive]):
            with self.subTest(places):
                self.assertEqual(weights(*places), reference)

    def test_the_tutorials_hyperparameters_and_lines(self):
        job = self.job({"workers": "4", "dist_backend": '"gloo"', "momentum": "0.9"})
        result = self.assert_trained(job.run())
        self.assertIn("\nFinished Training\nSaving the model.\n", result.out)
        self.assertNotIn("Test set:", result.out)
        self.assertEqual(len(re.findall(r"^epoch=1; .*validation_accuracy=", result.out, re.MULTILINE)), 1)
        manifest = job.manifest()
        self.assertEqual((manifest["model"], manifest["output"]), ("cifar10", "logits"))
        self.assertEqual(manifest["input"], {"shape": [None, 3, 32, 32], "dtype": "float32"})
        self.assertEqual(manifest["image"], {"mode": "RGB", "resize": 32, "crop": 32, "mean": [0.5] * 3, "std": [0.5] * 3})

    def test_a_line_every_2000_steps_has_the_mean_of_their_losses(self):
        job = Job(self, {"epochs": "2", "batch_size": "1"})
        images = list(cifar_data.rows(2001, "many"))
        (job.channel() / "data_batch_1.bin").write_bytes(cifar_data.binary(images))
        result = self.assert_trained(job.run())
        lines = re.findall(r"^\[(\d), ( 2000)\] loss: (\d\.\d{3})$", result.out, re.MULTILINE)
        self.assertEqual([line[0] for line in lines], ["1", "2"])
        for line, epoch in zip(lines, job.journal()):
            self.assertAlmostEqual(float(line[2]), epoch["train_loss"], delta=0.01)

    def test_log_interval_prints_the_lines_of_the_horovod_script(self):
        job = self.job({"log-interval": "5", "net": "cnn-dropout", "seed": "42"})
        result = self.assert_trained(job.run())
        self.assertIn("Processes 320/320 (100%) of train data\n", result.out)
        self.assertRegex(result.out, r"\nTrain Epoch: 1 \[80/320 \(25%\)\] Loss: \d\.\d{6}\n")
        loss, accuracy = re.findall(r"^Test set: Average loss: (\d\.\d{4}), Accuracy: (\d+\.\d\d)%$", result.out, re.MULTILINE)[0]
        self.assertAlmostEqual(float(loss), job.manifest()["metrics"]["validation_loss"], places=4)
        self.assertAlmostEqual(float(accuracy) / 100, job.manifest()["metrics"]["validation_accuracy"], places=4)
        self.assertIn("\nTraining is finished\nSaving the model.\n", result.out)
        self.assertEqual(job.manifest()["output"], "log_probabilities")
        self.assertNotIn("] loss: ", result.out)

    def test_the_images_are_learned(self):
        job = self.job({"epochs": "12", "net": "cnn"})
        self.assert_trained(job.run())
        self.assertGreater(job.manifest()["metrics"]["validation_accuracy"], 0.5)

    def test_a_test_channel_and_cifar_100(self):
        job = Job(self, {"epochs": "1", "batch_size": "16"}, channels=("train", "test"))
        for name, count in (("train", 100), ("test", 30)):
            folder = job.channel(name) / "cifar-100-binary"
            folder.mkdir()
            (folder / f"{name}.bin").write_bytes(cifar_data.binary(cifar_data.rows(count, name, classes=100), coarse=b"\1"))
        result = self.assert_trained(job.run())
        self.assertIn("validation_accuracy=", result.out)
        self.assertEqual(len(job.manifest()["labels"]), 100)


class BadCifar(Contract):
    def refused(self, content, *phrases, name="cifar-10-batches-py/data_batch_1", form="py"):
        job = Job(self, {"epochs": "1"})
        if form:
            cifar_data.put(job.channel(), form)
        path = job.channel() / name
        path.parent.mkdir(exist_ok=True)
        if content is None:
            path.unlink()
        else:
            path.write_bytes(content)
        self.assert_refused(job.run(), *phrases)

    def test_a_pickle_that_would_run_something(self):
        trace = pathlib.Path(f"/tmp/smlt-executed-{os.getpid()}")
        self.addCleanup(trace.unlink, missing_ok=True)
        for bad in (b"cos\nsystem\n(S'touch %s'\ntR." % str(trace).encode(),
                    b"\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x20touch " + str(trace).encode() + b"\x85R."):
            self.refused(bad, "data_batch_1", "system'", "nothing in it was run")
        self.assertFalse(trace.exists())

    def test_a_batch_that_is_cut_off_or_something_else(self):
        whole = cifar_data.files("py")["data_batch_1"]
        self.refused(whole[:10000], "data_batch_1", "cut off or damaged")
        self.refused(b"", "data_batch_1")
        self.refused(b"hello", "data_batch_1")
        self.refused(cifar_data.pickled(cifar_data.rows(3, 1), key="names"), "the key 'labels'", "data_batch_1")
        self.refused(cifar_data.files("bin")["data_batch_1.bin"][:-1], "rows of 3073 bytes",
                     name="cifar-10-batches-bin/data_batch_1.bin", form="bin")

    def test_a_label_outside_the_classes(self):
        images = [(3, bytes(3072)), (10, bytes(3072))]
        self.refused(cifar_data.pickled(images), "labels from 0 to 9", "found 10 at index 1")

    def test_a_missing_batch(self):
        self.refused(None, "Expected data_batch_1 to data_batch_2", "no data_batch_1")

    def test_an_archive_that_is_cut_off_or_holds_too_much(self):
        whole = cifar_data.archive("py")
        name = "cifar-10-python.tar.gz"
        self.refused(whole[: len(whole) // 2], name, "cut off or damaged", name=name, form=None)
        self.refused(b"", name, "not an archive", name=name, form=None)
        self.refused(gzip.compress(b"text"), name, name=name, form=None)
        huge = bytearray(512)
        huge[:29] = b"cifar-10-batches-py/test_batch"[:29]
        huge[124:136] = b"\x80" + bytes(6) + b"\x7f" + bytes(4)
        huge[148:156] = b" " * 8
        huge[148:155] = b"%06o\0" % sum(huge)
        self.refused(gzip.compress(bytes(huge) + bytes(1 << 20)), name, name=name, form=None)

    def test_two_data_sets(self):
        other = cifar_data.binary(cifar_data.rows(10, "other", classes=100), coarse=b"\1")
        self.refused(other, "CIFAR-10 in", "another CIFAR-100", "keep one of them", name="cifar-100-binary/train.bin")
        changed = cifar_data.archive("py", {"data_batch_1": cifar_data.pickled(cifar_data.rows(200, "other"))})
        self.refused(changed, "keep one of them", name="cifar-10-python.tar.gz")


class RealCifar(Contract):
    def test_one_epoch_from_both_forms(self):
        weights = []
        for form in ("cifar10", "cifar10-bin"):
            job = Job(self, {"epochs": "1", "lr": "0.01", "batch_size": "64", "log-interval": "100"}).use_real(form)
            self.assertIn("Processes 50000/50000 (100%) of train data", self.assert_trained(job.run()).out)
            self.assertGreater(job.manifest()["metrics"]["validation_accuracy"], 0.35)
            weights.append((job.base / "model/model.safetensors").read_bytes())
        self.assertEqual(weights[0], weights[1])


if __name__ == "__main__":
    unittest.main()
