"""A model.pt made in Python, without a model.json: what the endpoint answers and says when the network fails, and what is no
network."""
import pathlib
import tempfile
import unittest

import torch

from bare_model import Bare, Branching, convolutional
from running_endpoint import Endpoint

JSON = "application/json"


class Broken(torch.nn.Module):
    """Fails like LibTorch: only the text is left by TorchScript's interpreter."""
    def __init__(self, text):
        super().__init__()
        self.text = text

    def forward(self, x):
        if x.dim() > 1:
            raise RuntimeError(self.text)
        return x


class Raising(torch.nn.Module):
    def __init__(self, kind: int):
        super().__init__()
        self.kind = kind

    def forward(self, x):
        if self.kind == 0:
            raise ValueError("broken")
        if self.kind == 1:
            raise KeyError("broken")
        if self.kind == 2:
            assert x.dim() > 5, "broken"
        if self.kind == 3:
            raise Exception("broken")
        if self.kind == 4:
            raise NotImplementedError("broken")
        return x


class BareModelErrors(Bare):
    def test_what_the_network_refuses(self):
        endpoint = self.served(torch.jit.script(Branching().eval()))
        answer = endpoint.invoke("[[1, 2]]", JSON)
        self.assertEqual(answer.status, 400)
        self.assertIn("shape (1, 2)", answer.json()["error"])
        self.assertEqual(endpoint.invoke("[[1, 2, 3, 4]]", JSON).status, 200)

    def test_a_model_that_fails_is_told_from_a_request_that_does_not_fit(self):
        endpoint = self.served(torch.jit.script(Broken("no such table")))
        answer = endpoint.invoke("[[1]]", JSON)
        self.assertEqual((answer.status, answer.json()["code"]), (500, "model_error"))
        self.assertIn("no such table", answer.json()["error"])
        self.assertEqual(endpoint.invoke("[1]", JSON).text, "[1.0]")
        self.assertEqual(endpoint.invoke("[1]\n[2]", "application/jsonlines").status, 200)
        endpoint.process.terminate()
        endpoint.process.wait(20)
        self.assertRegex(endpoint.output(), r'POST /invocations 500 .*no such table.*"code": "model_error"')
        self.assertRegex(endpoint.output(), r"POST /invocations 200 .*2 lines failed, the first: .*no such table")

    def test_what_a_script_raises_tells_whose_fault_it_is(self):
        for kind, status, code in ((0, 400, "bad_request"), (1, 400, "bad_request"), (2, 400, "bad_request"), (3, 500, "model_error"),
                                   (4, 500, "model_error")):
            endpoint = self.served(torch.jit.script(Raising(kind)))
            answer = endpoint.invoke("[[1]]", JSON)
            self.assertEqual((answer.status, answer.json()["code"]), (status, code), kind)
            self.assertIn("broken", answer.json()["error"])
            endpoint.stop()

    def test_a_gpu_that_has_failed_ends_the_process(self):
        for text in ("CUDA error: device-side assert triggered\nCompile with `TORCH_USE_CUDA_DSA`", "CUDA error: an illegal memory access was encountered"):
            endpoint = self.served(torch.jit.script(Broken(text)))
            self.assertEqual(endpoint.invoke("[1]", JSON).text, "[1.0]")
            answer = endpoint.invoke("[[1]]", JSON)
            self.assertEqual((answer.status, answer.json()["code"]), (500, "device_error"))
            self.assertEqual(endpoint.process.wait(20), 2)
            last = endpoint.output().rstrip("\n").split("\n")[-1]
            self.assertTrue(last.startswith("Expected a working GPU"), last)
            self.assertIn(text.split("\n")[0], last)

    def test_a_gpu_without_memory_does_not_end_the_process(self):
        for text in ("CUDA out of memory. Tried to allocate 2.00 GiB.", "CUDA error: out of memory",
                     "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"):
            endpoint = self.served(torch.jit.script(Broken(text)))
            answer = endpoint.invoke("[[1]]", JSON)
            self.assertEqual((answer.status, answer.json()["code"]), (500, "out_of_memory"))
            self.assertEqual(endpoint.request("GET", "/ping").status, 200)
            self.assertEqual(endpoint.invoke("[1]", JSON).text, "[1.0]")
            endpoint.stop()

    def test_weights_instead_of_a_network(self):
        for legacy in (False, True):
            base = pathlib.Path(tempfile.mkdtemp())
            (base / "model").mkdir()
            torch.save(convolutional().state_dict(), base / "model" / "model.pt", _use_new_zipfile_serialization=not legacy)
            endpoint = Endpoint(self, base, wait=False)
            self.assertIn("torch.jit.trace", endpoint.wait_until_refused())

    def test_an_archive_of_torch_export(self):
        """Written by the class that torch.export.save writes with, under its names; what is in the records does not matter."""
        for record, said_of_it in (("models/model.json", "torch._inductor.aoti_compile_and_package(program"),
                                   ("data/aotinductor/model/model.so", "no metadata")):
            for name in ("model.pt2", "net.pt2", "model.pt"):
                base = pathlib.Path(tempfile.mkdtemp())
                (base / "model").mkdir()
                writer = torch._C.PyTorchFileWriter(str(base / "model" / name))
                for each in ("archive_format", "archive_version", record, "data/weights/weight_0"):
                    writer.write_record(each, b"pt2", 3)
                writer.write_end_of_file()
                endpoint = Endpoint(self, base, wait=False)
                said = endpoint.wait_until_refused()
                with self.subTest(record=record, name=name):
                    self.assertIn(said_of_it, said)


if __name__ == "__main__":
    unittest.main()
