"""A model.pt that Python made, without a model.json, behind the endpoint and behind AWS's default handlers: the same
answers to the same requests. SMLT_OTHER_MODELS names a folder of further ones (VERSION/model.pt, made with other PyTorch
versions by bench/endpoint/make_model.py); each takes [N, 3, 32, 32].
"""
import io
import itertools
import json
import os
import pathlib
import tempfile
import unittest

import numpy as np
import torch
from sagemaker_inference import decoder
from sagemaker_pytorch_serving_container.default_pytorch_inference_handler import DefaultPytorchInferenceHandler

from running_endpoint import Endpoint

JSON, CSV, NPY = "application/json", "text/csv", "application/x-npy"


class Same(torch.nn.Module):
    def forward(self, x):
        return x


class Branching(torch.nn.Module):
    """Scripted, with control flow that depends on the input."""
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(4, 3)

    def forward(self, x):
        if x.sum() > 0:
            x = x * 2
        return torch.softmax(self.layer(x), dim=-1)


def convolutional():
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3, padding=1), torch.nn.BatchNorm2d(8), torch.nn.ReLU(), torch.nn.MaxPool2d(2),
                              torch.nn.Conv2d(8, 16, 3), torch.nn.ReLU(), torch.nn.Dropout(), torch.nn.AdaptiveAvgPool2d(1),
                              torch.nn.Flatten(), torch.nn.Linear(16, 10))
    net(torch.rand(64, 3, 32, 32))  # statistics of its own
    return net


def encoded(array, content_type):
    if content_type == JSON:
        return json.dumps(array.tolist()).encode()
    stream = io.BytesIO()
    if content_type == CSV:
        np.savetxt(stream, array, delimiter=",", fmt="%s")
    else:
        np.save(stream, array)
    return stream.getvalue()


class BareModels(unittest.TestCase):
    def served(self, module, name="model.pt"):
        base = pathlib.Path(tempfile.mkdtemp())
        (base / "model").mkdir()
        torch.jit.save(module, base / "model" / name)
        self.model = torch.jit.load(base / "model" / name)
        return Endpoint(self, base)

    def by_aws(self, body, content_type, accept):
        handler = DefaultPytorchInferenceHandler()
        data = body.decode() if content_type in (JSON, CSV) else body
        answer = handler.default_output_fn(handler.default_predict_fn(handler.default_input_fn(data, content_type), self.model), accept)
        return answer if isinstance(answer, bytes) else answer.encode()

    def test_the_same_bytes_come_back_as_from_aws(self):
        endpoint = self.served(torch.jit.script(Same()), "net.pth")
        random = np.random.default_rng(1)
        for shape in ((1,), (5,), (1, 1), (2, 3), (7, 1), (2, 3, 4), (1, 2, 1, 3)):
            for scale in (1, 1e-6, 1e20):
                array = (random.standard_normal(shape) * scale).astype("float32")
                for content_type, accept in itertools.product((JSON, CSV, NPY), repeat=2):
                    if (content_type == CSV and array.size == 1) or (CSV in (content_type, accept) and len(shape) > 2):
                        continue  # a cell alone is no array in numpy; savetxt writes two dimensions at most
                    body = encoded(array, content_type)
                    answer = endpoint.invoke(body, content_type, accept)
                    with self.subTest(shape=shape, scale=scale, content_type=content_type, accept=accept):
                        self.assertEqual((answer.status, answer.type), (200, accept))
                        self.assertEqual(answer.body, self.by_aws(body, content_type, accept))

    def test_types_of_numbers_are_kept(self):
        endpoint = self.served(torch.jit.script(Same()))
        for dtype in ("bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64"):
            body = encoded(np.array([[0, 1], [1, 0]], dtype), NPY)
            for accept in (JSON, CSV, NPY):
                answer = endpoint.invoke(body, NPY, accept)
                self.assertEqual(answer.body, self.by_aws(body, NPY, accept), (dtype, accept))

    def test_a_scripted_network_with_branches(self):
        endpoint = self.served(torch.jit.script(Branching().eval()))
        for sign in (1, -1):
            body = encoded(sign * np.ones((2, 4), "float32"), JSON)
            np.testing.assert_allclose(endpoint.invoke(body, JSON).json(), json.loads(self.by_aws(body, JSON, JSON)), atol=1e-6)

    def test_a_traced_convolutional_network(self):
        endpoint = self.served(torch.jit.trace(convolutional().eval(), torch.rand(1, 3, 32, 32)))
        images = np.random.default_rng(2).random((4, 3, 32, 32), "float32")
        body = encoded(images, NPY)  # as the tutorial's client sends it
        answer = endpoint.invoke(body, NPY, NPY)
        found = decoder.decode(answer.body, NPY)
        self.assertEqual((found.dtype, found.shape), (np.float64, (4, 10)))
        np.testing.assert_allclose(found, decoder.decode(self.by_aws(body, NPY, NPY), NPY), atol=1e-5)
        # Saved in training mode it is served in eval mode, and whole numbers are taken although the weights are not.
        endpoint = self.served(torch.jit.script(convolutional()))
        np.testing.assert_allclose(decoder.decode(endpoint.invoke(body, NPY, NPY).body, NPY), found, atol=1e-5)
        whole = endpoint.invoke(encoded((images * 255).astype("uint8"), NPY), NPY, NPY)
        self.assertEqual(whole.status, 200)

    def test_what_the_network_refuses(self):
        endpoint = self.served(torch.jit.script(Branching().eval()))
        answer = endpoint.invoke("[[1, 2]]", JSON)
        self.assertEqual(answer.status, 400)
        self.assertIn("shape (1, 2)", answer.json()["error"])
        self.assertEqual(endpoint.invoke("[[1, 2, 3, 4]]", JSON).status, 200)

    def test_weights_instead_of_a_network(self):
        for legacy in (False, True):
            base = pathlib.Path(tempfile.mkdtemp())
            (base / "model").mkdir()
            torch.save(convolutional().state_dict(), base / "model" / "model.pt", _use_new_zipfile_serialization=not legacy)
            endpoint = Endpoint(self, base, wait=False)
            self.assertIn("torch.jit.trace", endpoint.wait_until_refused())

    def test_models_of_other_versions(self):
        folder = os.environ.get("SMLT_OTHER_MODELS")
        if not folder:
            self.skipTest("SMLT_OTHER_MODELS names no folder")
        body = encoded(np.random.default_rng(2).random((2, 3, 32, 32), "float32"), NPY)
        for model in sorted(pathlib.Path(folder).glob("*/model.pt")):
            with self.subTest(version=model.parent.name):
                self.model = torch.jit.load(model)
                base = pathlib.Path(tempfile.mkdtemp())
                (base / "model").symlink_to(model.parent.resolve())
                endpoint = Endpoint(self, base)
                found = decoder.decode(endpoint.invoke(body, NPY, NPY).body, NPY)
                np.testing.assert_allclose(found, decoder.decode(self.by_aws(body, NPY, NPY), NPY), atol=1e-5)


if __name__ == "__main__":
    unittest.main()
