"""A model.pt made in Python, without a model.json, served by the endpoint and by AWS's default handlers: the same
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
from typing import Dict, List, NamedTuple, Optional, Tuple

import numpy as np
import torch
from sagemaker_inference import decoder
from sagemaker_pytorch_serving_container.default_pytorch_inference_handler import DefaultPytorchInferenceHandler

from bare_model import Bare, Branching, convolutional
from running_endpoint import Endpoint

JSON, CSV, NPY = "application/json", "text/csv", "application/x-npy"


class Same(torch.nn.Module):
    def forward(self, x):
        return x


class Pair(torch.nn.Module):
    def forward(self, x):
        return x * 2, x.argmax(1)


class Single(torch.nn.Module):
    def forward(self, x) -> Tuple[torch.Tensor]:
        return (x * 2,)


class Named(torch.nn.Module):
    def forward(self, x) -> Dict[str, torch.Tensor]:
        return {"logits": x * 2, "label": x.argmax(1), 'é"\\\n\u2028\x7f': x[0, 0]}


class ByNumber(torch.nn.Module):
    def forward(self, x) -> Dict[int, torch.Tensor]:
        return {7: x, -1: x.sum()}


class ByReal(torch.nn.Module):
    def forward(self, x) -> Dict[float, int]:
        return {0.5: 1, 1e-7: 2, 1e22: 3}


class Many(torch.nn.Module):
    def forward(self, x) -> List[torch.Tensor]:
        return [x, x[0], x[:, :0]]


class Missing(torch.nn.Module):
    def forward(self, x) -> Tuple[torch.Tensor, Optional[torch.Tensor]]:
        return x, None


class Nothing(torch.nn.Module):
    def forward(self, x) -> List[torch.Tensor]:
        found: List[torch.Tensor] = []
        return found


class Nested(torch.nn.Module):
    def forward(self, x) -> Dict[str, List[Tuple[torch.Tensor, str, float]]]:
        nothing: List[Tuple[torch.Tensor, str, float]] = []
        return {"boxes": [(x[0], "cat", 0.1), (x[0] == 1, "dog", float("inf"))], "none": nothing}


class Whole(torch.nn.Module):
    def forward(self, x) -> int:
        return x.size(1)


class Real(torch.nn.Module):
    def forward(self, x) -> float:
        return float(x[0, 0]) / 3


class Truth(torch.nn.Module):
    def forward(self, x) -> bool:
        return x.dim() == 2


class Text(torch.nn.Module):
    def forward(self, x) -> str:
        return "naïve \U0001f600"


class Box(NamedTuple):
    corner: torch.Tensor
    label: int


class Tupled(torch.nn.Module):
    def forward(self, x):
        return Box(x[0], 3)


STRUCTURES = (Pair, Single, Named, ByNumber, ByReal, Many, Missing, Nothing, Nested, Whole, Real, Truth, Text, Tupled)


class Cast(torch.nn.Module):
    def __init__(self, dtype):
        super().__init__()
        self.dtype = dtype

    def forward(self, x):
        return x.to(self.dtype)


class Spectrum(torch.nn.Module):
    def forward(self, x):
        return torch.fft.fft(x).conj()


def encoded(array, content_type):
    if content_type == JSON:
        return json.dumps(array.tolist()).encode()
    stream = io.BytesIO()
    if content_type == CSV:
        np.savetxt(stream, array, delimiter=",", fmt="%s")
    else:
        np.save(stream, array)
    return stream.getvalue()


class BareModels(Bare):
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
                        continue  # a single cell is not an array in numpy; savetxt writes at most two dimensions
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

    def test_outputs_that_are_no_tensor_are_answered_as_by_aws(self):
        body = encoded(np.array([[1, 2.5], [-3, 1e-7]], "float32"), JSON)
        modules = [torch.jit.script(module()) for module in STRUCTURES]
        for module in (Pair, Named):
            modules.append(torch.jit.trace(module(), torch.ones(2, 2), strict=False))
        for module in modules:
            endpoint = self.served(module)
            with self.subTest(module=module.original_name):
                self.assertEqual(endpoint.invoke(body, JSON, JSON).body, self.by_aws(body, JSON, JSON))
                self.assertEqual(endpoint.invoke(body, JSON, "*/*").status, 200)
                for accept in (CSV, NPY):
                    answer = endpoint.invoke(body, JSON, accept)
                    self.assertEqual((answer.status, answer.json()["code"]), (406, "not_acceptable"))
            endpoint.stop()

    def test_every_type_of_numbers_is_right_or_an_error(self):
        body = encoded(np.array([[1, 2.5, 0, 7]], "float32"), JSON)
        for dtype in (torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64, torch.uint16, torch.uint32, torch.uint64,
                      torch.float16, torch.float32, torch.float64, torch.bool):
            endpoint = self.served(torch.jit.trace(Cast(dtype), torch.ones(1, 4)))
            for accept in (JSON, CSV, NPY):
                self.assertEqual(endpoint.invoke(body, JSON, accept).body, self.by_aws(body, JSON, accept), (dtype, accept))
            endpoint.stop()
        for dtype in (torch.bfloat16, torch.float8_e5m2, torch.float8_e4m3fn):  # numpy, and so AWS, has none of these
            endpoint = self.served(torch.jit.trace(Cast(dtype), torch.ones(1, 4)))
            self.assertEqual(endpoint.invoke(body, JSON, JSON).json(), [[1, 2.5, 0, 7]])
            np.testing.assert_array_equal(decoder.decode(endpoint.invoke(body, JSON, NPY).body, NPY), [[1, 2.5, 0, 7]])
            endpoint.stop()
        endpoint = self.served(torch.jit.trace(Spectrum(), torch.ones(1, 4)))
        expected = np.fft.fft([[1, 2.5, 0, 7]]).conj()
        found = decoder.decode(endpoint.invoke(body, JSON, NPY).body, NPY)
        self.assertEqual(found.dtype, np.complex128)
        np.testing.assert_allclose(found, expected, atol=1e-5)
        for accept in (JSON, CSV):
            answer = endpoint.invoke(body, JSON, accept)
            self.assertEqual(answer.status, 406)
            self.assertIn("complex numbers", answer.json()["error"])

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
