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

    def test_batches_rewritten_by_python_3_are_the_same(self):
        images = {name: list(cifar_data.rows(count, name)) for name, count in cifar_data.COUNTS.items()}
        reference = self.weights(self.job({"epochs": "1", "batch_size": "16"}))

        def put(job, protocol, spell, labels_of):
            for name, rows in images.items():
                batch = {spell("batch_label"): name, spell("labels"): labels_of([label for label, _ in rows]),
                         spell("data"): array_of(rows), spell("filenames"): [f"{i}.png" for i in range(len(rows))]}
                (job.channel() / name).write_bytes(pickle.dumps(batch, protocol))

        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            for spell in (str, str.encode):
                for labels_of in (list, np.array):
                    with self.subTest(protocol=protocol, keys=spell, labels=labels_of):
                        job = Job(self, {"epochs": "1", "batch_size": "16"})
                        put(job, protocol, spell, labels_of)
                        found = self.weights(job)
                        for name, tensor in reference.items():
                            self.assertTrue(torch.equal(found[name], tensor), name)

    def test_arrays_that_are_no_plain_bytes_are_refused(self):
        images = list(cifar_data.rows(20, 1))
        data = array_of(images)
        for wrong, phrase in ((data.astype(np.float32), "'f4'"), (np.asfortranarray(data), "column by column"),
                              (data.astype(object), "'O8'"), (data[:, :100].copy(), "3072 bytes of pixels a label")):
            for protocol in (2, 4, 5):
                job = Job(self, {"epochs": "1"})
                batch = {"labels": [label for label, _ in images], "data": wrong}
                (job.channel() / "data_batch_1").write_bytes(pickle.dumps(batch, protocol))
                result = job.run()
                self.assertEqual(result.code, 1)
                self.assertIn("data_batch_1", result.last_error)
                if protocol < 5:
                    self.assertIn(phrase, result.last_error)


if __name__ == "__main__":
    unittest.main()
