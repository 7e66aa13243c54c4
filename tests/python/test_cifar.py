"""The CIFAR-10 job beside Python: batches pickled by numpy in every protocol, and what the job leaves, read by torch."""

import pathlib
import pickle
import sys
import unittest

import numpy as np
import safetensors.torch
import torch

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench" / "cifar10"))
import cifar_data  # noqa: E402
from net import Net  # noqa: E402

from platform_tree import Contract, Job  # noqa: E402

# A learning rate too small to change a float leaves the initial weights in the artifact.
UNTRAINED = {"epochs": "1", "lr": "1e-30", "momentum": "0", "batch_size": "64"}


def array_of(images):
    return np.frombuffer(b"".join(pixels for _, pixels in images), np.uint8).reshape(-1, 3072)


class Cifar(Contract):
    def weights(self, job):
        self.assert_trained(job.run())
        return safetensors.torch.load_file(job.base / "model/model.safetensors")

    def job(self, hyperparameters):
        job = Job(self, hyperparameters)
        cifar_data.put(job.channel(), "py")
        return job

    def test_initial_weights_of_a_seed_are_those_of_pytorch(self):
        for net, dropout in (("cnn", False), ("cnn-dropout", True)):
            found = self.weights(self.job({**UNTRAINED, "seed": "7", "net": net}))
            torch.manual_seed(7)
            expected = Net(dropout=dropout).state_dict()
            self.assertEqual(set(found), set(expected))
            for name, tensor in expected.items():
                self.assertTrue(torch.equal(found[name], tensor), name)

    def test_model_pt_equals_a_python_module_and_gives_the_metrics(self):
        images = list(cifar_data.rows(cifar_data.COUNTS["test_batch"], "test_batch"))
        inputs = torch.from_numpy(array_of(images).copy()).view(-1, 3, 32, 32).float() / 255 * 2 - 1
        labels = torch.tensor([label for label, _ in images])
        for net, dropout in (("cnn", False), ("cnn-dropout", True)):
            with self.subTest(net):
                job = self.job({"epochs": "2", "lr": "0.01", "batch_size": "8", "net": net})
                module = Net(dropout=dropout)
                module.load_state_dict(self.weights(job))
                script = torch.jit.load(job.base / "model/model.pt")
                with torch.no_grad():
                    output = script(inputs)
                    torch.testing.assert_close(output, module.eval()(inputs), rtol=0, atol=1e-5)
                metrics = job.manifest()["metrics"]
                self.assertEqual(metrics["validation_accuracy"], (output.argmax(1) == labels).sum().item() / len(labels))
                loss = torch.nn.functional.cross_entropy(output, labels).item()
                self.assertAlmostEqual(metrics["validation_loss"], loss, places=4)

    def rewritten(self, protocol, labels_of=list, pixels_of=np.array, spell=str, rename=lambda pickled: pickled):
        """The weights from a job on the same images, pickled again."""
        job = Job(self, {"epochs": "1", "batch_size": "16"})
        for name, count in cifar_data.COUNTS.items():
            rows = list(cifar_data.rows(count, name))
            batch = {spell("data"): pixels_of(array_of(rows)), spell("labels"): labels_of([label for label, _ in rows]),
                     spell("filenames"): np.array([f"{i}.png" for i in range(len(rows))]), spell("batch_label"): name}
            (job.channel() / name).write_bytes(rename(pickle.dumps(batch, protocol)))
        return self.weights(job)

    def assert_reference(self, found):
        if not hasattr(Cifar, "reference"):
            Cifar.reference = self.weights(self.job({"epochs": "1", "batch_size": "16"}))
        for name, tensor in Cifar.reference.items():
            self.assertTrue(torch.equal(found[name], tensor), name)

    def test_batches_rewritten_by_python_3_are_the_same(self):
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            for spell in (str, str.encode):
                with self.subTest(protocol=protocol, keys=spell):
                    self.assert_reference(self.rewritten(protocol, spell=spell))

    def test_labels_as_numpy_has_them(self):
        kinds = {"an array": np.array, "bytes": lambda labels: np.array(labels, np.uint8), "scalars": lambda labels: list(np.array(labels)),
                 "narrow scalars": lambda labels: list(np.array(labels, np.uint8)), "int32": lambda labels: list(np.array(labels, np.int32)),
                 "a column": lambda labels: np.array(labels)[:, None], "big-endian": lambda labels: np.array(labels, ">i4"),
                 "objects": lambda labels: np.array(labels, object), "a tuple": tuple}
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            for name, labels_of in kinds.items():
                if protocol not in (2, 5) and name not in ("an array", "scalars"):
                    continue
                with self.subTest(protocol=protocol, labels=name):
                    self.assert_reference(self.rewritten(protocol, labels_of))

    def test_pixels_as_numpy_has_them(self):
        kinds = {"by columns": np.asfortranarray, "images": lambda pixels: pixels.reshape(-1, 3, 32, 32),
                 "images by columns": lambda pixels: np.asfortranarray(pixels.reshape(-1, 3, 32, 32)),
                 "a view": lambda pixels: np.ascontiguousarray(pixels.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2),
                 "every other": lambda pixels: np.repeat(pixels, 2, axis=0)[::2], "a list of rows": list}
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            for name, pixels_of in kinds.items():
                if protocol not in (4, 5) and name != "by columns":
                    continue
                with self.subTest(protocol=protocol, pixels=name):
                    self.assert_reference(self.rewritten(protocol, pixels_of=pixels_of))

    def test_names_of_numpy_1(self):
        """Its pickles differ in the modules' name; lengths of strings and frames change with it."""
        def rename(pickled):
            for name in (b"multiarray", b"numeric"):
                new, old = b"numpy._core." + name, b"numpy.core." + name
                pickled = pickled.replace(b"c" + new + b"\n", b"c" + old + b"\n")
                pickled = pickled.replace(b"\x8c" + bytes([len(new)]) + new, b"\x8c" + bytes([len(old)]) + old)
            return pickled

        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            for labels_of in (list, lambda labels: list(np.array(labels))):
                with self.subTest(protocol=protocol):
                    self.assert_reference(self.rewritten(protocol, labels_of, rename=rename))

    def test_names_of_classes_as_numpy_has_them(self):
        names = [f"Klasse {i} \u00e4" for i in range(10)]
        for protocol in (2, 5):
            for names_of in (list, np.array, lambda names: list(np.array(names)), lambda names: np.array(names, object)):
                job = self.job(UNTRAINED)
                folder = job.channel() / "cifar-10-batches-py"
                (folder / "batches.meta").write_bytes(pickle.dumps({"label_names": names_of(names)}, protocol))
                self.weights(job)
                self.assertEqual(job.manifest()["labels"], names)

    def test_arrays_that_are_no_plain_bytes_are_refused(self):
        images = list(cifar_data.rows(20, 1))
        data, labels = array_of(images), [label for label, _ in images]
        channels_last = np.ascontiguousarray(data.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1))
        for batch, phrase in (({"data": data.astype(np.float32)}, "under 'data' in '{}', found a numpy array of type 'f4'"),
                              ({"data": data.astype(np.int64)}, "type 'i8'"), ({"data": data.astype(object)}, "type 'O8'"),
                              ({"data": data.tolist()}, "found a list"), ({"data": channels_last}, "shape (20, 32, 32, 3) for 20 labels"),
                              ({"data": data[:, :100].copy()}, "3072 bytes of pixels per label"),
                              ({"data": data[1:]}, "shape (19, 3072) for 20 labels"),
                              ({"labels": np.array(labels, np.float64)}, "found a numpy array of type 'f8' at index 0"),
                              ({"labels": list(np.array(labels, np.float32))}, "found something that is not an integer at index 0"),
                              ({"labels": list(np.array(labels) - 100)}, "labels from 0 to 9")):
            for protocol in (2, 4, 5):
                job = Job(self, {"epochs": "1"})
                (job.channel() / "data_batch_1").write_bytes(pickle.dumps({"labels": labels, "data": data, **batch}, protocol))
                self.assert_refused(job.run(), phrase.format(job.channel() / "data_batch_1"))


if __name__ == "__main__":
    unittest.main()
