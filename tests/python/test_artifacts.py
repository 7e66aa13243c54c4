"""What a job leaves behind, read by its users' Python: torch, safetensors, AWS's default handlers.

SMLT_PROGRAM is the program, SMLT_DRAW_DIGITS the generator of its data; with SMLT_DATA the same is checked on MNIST.
"""

import io
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import numpy as np
import safetensors
import safetensors.torch
import torch

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench" / "mnist"))
from net import Net  # noqa: E402
from tensors import read_split  # noqa: E402

PROGRAM = os.environ["SMLT_PROGRAM"]
EPOCHS = 2


def train(base, *options):
    """What a job with the data in `base` printed."""
    for folder in ("input/config", "model", "output/data"):
        (base / folder).mkdir(parents=True, exist_ok=True)
    command = [PROGRAM, "train", *options]
    environment = {"SAGEMAKER_BASE_DIR": str(base), "PATH": os.environ["PATH"]}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise AssertionError(f"expected {command} to end with 0, found {done.returncode}:\n{done.stdout}")
    return done.stdout


def draw_digits(folder):
    subprocess.run([os.environ["SMLT_DRAW_DIGITS"], folder, "--train", "2000", "--test", "503"], check=True)


def unpack_real_digits(folder):
    folder.mkdir(parents=True)
    for packed in (pathlib.Path(os.environ["SMLT_DATA"]) / "mnist").rglob("*-ubyte.gz"):
        with open(folder / packed.stem, "wb") as plain:
            subprocess.run(["gzip", "-dc", packed], stdout=plain, check=True)


class Artifacts:
    """The checks; a test case sets the training data with `put_digits`."""

    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.base = pathlib.Path(temporary.name)
        channel = cls.base / "input/data/training"
        cls.put_digits(channel / "MNIST/raw")
        cls.output = train(cls.base, "--epochs", str(EPOCHS), "--lr", "0.05", "--batch-size", "32")
        cls.images, cls.labels = read_split(channel, "t10k")
        cls.model_dir = str(cls.base / "model")
        cls.script = torch.jit.load(cls.base / "model/model.pt")
        cls.description = json.loads((cls.base / "model/model.json").read_text(encoding="utf-8"))

    def loaded_net(self):
        net = Net().eval()
        net.load_state_dict(safetensors.torch.load_file(self.base / "model/model.safetensors"))
        return net

    def last_test_line(self):
        """Average loss, correct, total."""
        line = r"^Test set: Average loss: ([0-9.]+), Accuracy: (\d+)/(\d+) \(\d+%\)$"
        found = re.findall(line, self.output, re.MULTILINE)
        self.assertEqual(len(found), EPOCHS)
        loss, correct, total = found[-1]
        return float(loss), int(correct), int(total)

    def images_of(self, size):
        return self.images.repeat(-(-size // len(self.images)), 1, 1, 1)[:size]

    def test_script_equals_a_python_module_with_the_weights_of_safetensors(self):
        net = self.loaded_net()
        for size in (1, 7, 1000):
            with self.subTest(batch=size), torch.no_grad():
                images = self.images_of(size)
                torch.testing.assert_close(self.script(images), net(images), rtol=0, atol=1e-5)

    def test_script_is_in_evaluation_mode_and_owns_the_names_of_safetensors(self):
        self.assertFalse(self.script.training)
        with safetensors.safe_open(self.base / "model/model.safetensors", framework="pt") as weights:
            names = set(weights.keys())
            scripted = dict(self.script.named_parameters())
            self.assertEqual(names, set(scripted))
            for name in names:
                self.assertTrue(torch.equal(weights.get_tensor(name), scripted[name]), name)

    def test_outputs_are_log_probabilities(self):
        with torch.no_grad():
            outputs = self.script(self.images_of(100))
        self.assertEqual(outputs.dtype, torch.float32)
        torch.testing.assert_close(outputs.exp().sum(1), torch.ones(100), rtol=0, atol=1e-5)
        self.assertLessEqual(outputs.max().item(), 0)

    def test_accuracy_is_that_of_the_exported_model(self):
        with torch.no_grad():
            outputs = torch.cat([self.script(batch) for batch in self.images.split(1000)])
        correct = (outputs.argmax(1) == self.labels).sum().item()
        loss = torch.nn.functional.nll_loss(outputs, self.labels).item()
        printed_loss, printed_correct, printed_total = self.last_test_line()
        self.assertEqual((correct, len(self.labels)), (printed_correct, printed_total))
        self.assertEqual(self.description["metrics"]["validation_accuracy"], correct / len(self.labels))
        self.assertAlmostEqual(printed_loss, loss, delta=1e-4)
        self.assertAlmostEqual(self.description["metrics"]["validation_loss"], loss, delta=1e-5)

    def test_description_has_its_fields_and_no_others(self):
        found = self.description
        self.assertEqual(list(found), ["format", "model", "recipe", "version", "libtorch", "input", "output", "labels",
                                       "image", "hyperparameters", "metrics"])
        self.assertEqual((found["format"], found["model"], found["recipe"]), (1, "mnist", "tutorial"))
        self.assertEqual(found["libtorch"], torch.__version__.partition("+")[0])
        self.assertEqual(found["input"], {"shape": [None, 1, 28, 28], "dtype": "float32"})
        self.assertEqual(found["output"], "log_probabilities")
        self.assertEqual(found["labels"], [str(digit) for digit in range(10)])
        self.assertEqual(found["image"], {"mode": "L", "resize": 28, "crop": 28, "mean": [0.1307], "std": [0.3081]})
        given = {name: found["hyperparameters"][name] for name in ("epochs", "lr", "batch-size")}
        self.assertEqual(given, {"epochs": EPOCHS, "lr": 0.05, "batch-size": 32})
        self.assertIsInstance(found["hyperparameters"]["epochs"], int)

    def test_metrics_have_an_object_an_epoch_and_end_with_the_exported_model(self):
        lines = (self.base / "output/data/metrics.jsonl").read_text(encoding="utf-8").splitlines()
        metrics = [json.loads(line) for line in lines]
        names = {"epoch", "train_loss", "validation_loss", "validation_accuracy", "samples_per_second"}
        self.assertEqual([line["epoch"] for line in metrics], list(range(1, EPOCHS + 1)))
        for line in metrics:
            self.assertEqual(set(line), names)
        self.assertEqual(metrics[-1], {"epoch": EPOCHS, **self.description["metrics"]})

    def test_default_handlers_of_aws_serve_the_folder_as_it_is(self):
        # Imported here, because AWS's module imports scipy.
        from sagemaker_pytorch_serving_container.default_pytorch_inference_handler import DefaultPytorchInferenceHandler

        handler = DefaultPytorchInferenceHandler()
        model = handler.default_model_fn(self.model_dir)
        images = self.images_of(3)
        npy = io.BytesIO()
        np.save(npy, images.numpy())
        requests = {"application/x-npy": npy.getvalue(), "application/json": json.dumps(images.tolist())}
        expected = self.loaded_net()(images).detach().numpy()
        for content_type, body in requests.items():
            with self.subTest(content_type=content_type):
                prediction = handler.default_predict_fn(handler.default_input_fn(body, content_type), model)
                self.assert_replies(handler, prediction, expected)

    def assert_replies(self, handler, prediction, expected):
        json_reply = json.loads(handler.default_output_fn(prediction, "application/json"))
        np.testing.assert_allclose(json_reply, expected, atol=1e-5)
        npy_reply = np.load(io.BytesIO(handler.default_output_fn(prediction, "application/x-npy")))
        np.testing.assert_allclose(npy_reply, expected, atol=1e-5)
        csv_reply = handler.default_output_fn(prediction, "text/csv").decode()
        np.testing.assert_allclose(np.loadtxt(io.StringIO(csv_reply), delimiter=","), expected, atol=1e-5)


class DrawnDigits(Artifacts, unittest.TestCase):
    put_digits = staticmethod(draw_digits)

    def test_initial_weights_of_a_seed_are_those_of_pytorch(self):
        base = self.base / "initial"  # a separate job on the same data
        (base / "input").mkdir(parents=True)
        (base / "input/data").symlink_to(self.base / "input/data")
        # A learning rate too small to change a float leaves the initial weights in the artifact.
        train(base, "--epochs", "1", "--lr", "1e-30", "--momentum", "0", "--seed", "7")
        torch.manual_seed(7)
        expected = Net().state_dict()
        found = safetensors.torch.load_file(base / "model/model.safetensors")
        self.assertEqual(set(found), set(expected))
        for name, tensor in expected.items():
            self.assertTrue(torch.equal(found[name], tensor), name)


@unittest.skipUnless(os.environ.get("SMLT_DATA"), "SMLT_DATA is not set")
class RealDigits(Artifacts, unittest.TestCase):
    put_digits = staticmethod(unpack_real_digits)


if __name__ == "__main__":
    unittest.main()
