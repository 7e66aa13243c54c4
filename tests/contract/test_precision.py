"""serve --precision bf16: how its answers compare with fp32's, what the log and /metrics tell, and what is refused."""
import functools
import json
import math
import pathlib
import re
import shutil
import tempfile
import unittest

from platform_tree import Contract, Job
from running_endpoint import Endpoint, npy, read_npy
from test_endpoint import digit, normalised, trained

FLAGS = next((set(line.split()) for line in open("/proc/cpuinfo", encoding="utf-8") if line.startswith("flags")), set())
HAS_BFLOAT16 = bool({"amx_bf16", "avx512_bf16"} & FLAGS)
BF16 = {"SMLT_PRECISION": "bf16"}
SAID = re.compile(r"Precision bf16: probes differ from fp32 by at most ([0-9.e-]+)[.,]")
KEPT = []


@functools.cache
def birds():
    """The /opt/ml tree of a ResNet-18 trained for an epoch."""
    class Keep:
        def addCleanup(self, *_, **__):
            pass
    job = Job(Keep(), {"backbone": "resnet18", "initial_epochs": "1", "batch_size": "4"}, ("train", "validation")).add_photographs()
    result = job.run()
    assert result.code == 0, result.err
    KEPT.append(tempfile.TemporaryDirectory())
    return pathlib.Path(shutil.move(job.base, KEPT[-1].name + "/ml"))


def metric(endpoint, name):
    """The value of a gauge, or None."""
    found = re.search(rf"^{name} (\S+)$", endpoint.request("GET", "/metrics").text, re.MULTILINE)
    return found and float(found.group(1))


def photograph(rows=3):
    return npy([math.sin(i * 0.37) for i in range(rows * 3 * 224 * 224)], (rows, 3, 224, 224))


class Precision(Contract):
    def probabilities(self, base, body, environment, size=3):
        endpoint = Endpoint(self, base, environment)
        answer = endpoint.invoke(body, "application/x-npy", "application/x-npy; dtype=float32")
        self.assertEqual(answer.status, 200, answer.body[:500])
        kind, shape, values = read_npy(answer.body)
        self.assertEqual((kind, shape), ("<f4", (3, size)))
        return [math.exp(value) for value in values], endpoint

    def bare(self, base, *left_out):
        """A copy of the model directory without these files."""
        folder = tempfile.TemporaryDirectory(prefix="smlt-precision-")
        self.addCleanup(folder.cleanup)
        shutil.copytree(base / "model", folder.name + "/model", ignore=shutil.ignore_patterns(*left_out))
        return pathlib.Path(folder.name)

    def assert_close(self, found, expected, most, least=0.0):
        difference = max(abs(one - other) for one, other in zip(found, expected))
        self.assertLessEqual(difference, most)
        self.assertGreaterEqual(difference, least)


@unittest.skipUnless(HAS_BFLOAT16, "the processor has neither AMX nor AVX512-BF16")
class WithBfloat16(Precision):
    def test_a_resnet_answers_in_bf16_from_either_file(self):
        expected, endpoint = self.probabilities(birds(), photograph(), {})
        self.assertIsNone(metric(endpoint, "smlt_precision_largest_difference"))
        self.assertNotIn("Precision", endpoint.output())
        for left_out in ("model.safetensors", "model.pt"):
            with self.subTest(left_out=left_out):
                found, endpoint = self.probabilities(self.bare(birds(), left_out), photograph(), BF16)
                self.assert_close(found, expected, most=0.02, least=1e-7)
                said = float(SAID.search(endpoint.output()).group(1))
                self.assertIn("The model computes 20 layers in bfloat16, the rest in float32.", endpoint.output())
                self.assertTrue(0 < said < 0.1, said)
                self.assertAlmostEqual(metric(endpoint, "smlt_precision_largest_difference"), said, delta=said / 100)
                endpoint.stop()

    def test_a_small_network_gains_nothing_and_stays_as_it_is(self):
        body = npy([value for index in range(3) for value in normalised(digit(index))], (3, 1, 28, 28))
        expected, _ = self.probabilities(trained("mnist"), body, {}, 10)
        found, endpoint = self.probabilities(trained("mnist"), body, BF16, 10)
        self.assert_close(found, expected, most=1e-6)
        self.assertIn("Precision bf16: probes differ from fp32 by at most 0, because no layer gains from it.", endpoint.output())
        self.assertEqual(metric(endpoint, "smlt_precision_largest_difference"), 0)

    def test_many_models(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="smlt-precision-"))
        self.addCleanup(shutil.rmtree, folder)
        for name, base in (("birds", birds()), ("digits", trained("mnist"))):
            shutil.copytree(base / "model", folder / "models" / name)
        endpoint = Endpoint(self, folder, {"SAGEMAKER_MULTI_MODEL": "true", **BF16})
        for name in ("birds", "digits"):
            body = json.dumps({"model_name": name, "url": str(folder / "models" / name)})
            self.assertEqual(endpoint.request("POST", "/models", body).status, 200)
        said = [float(each) for each in SAID.findall(endpoint.output())]
        self.assertEqual(len(said), 2)
        self.assertAlmostEqual(metric(endpoint, "smlt_precision_largest_difference"), max(said), delta=max(said) / 100)
        weights = (birds() / "model/model.safetensors").stat().st_size
        self.assertLess(metric(endpoint, "smlt_model_weight_bytes"), 0.6 * weights)
        # Counted with care: as if both the weights and a form of them for speed were there in fp32.
        self.assertLess(metric(endpoint, "smlt_models_bytes"), 2.1 * weights + (4 << 20))

    def test_a_model_that_cannot_be_compared_is_refused(self):
        endpoint = Endpoint(self, self.bare(trained("mnist"), "model.json"), BF16, wait=False)
        self.assertIn("Expected a model.json that tells the shape of an input for --precision bf16", endpoint.wait_until_refused())


class Anywhere(Precision):
    @unittest.skipIf(HAS_BFLOAT16, "the processor computes in bfloat16")
    def test_a_processor_without_it_is_refused(self):
        endpoint = Endpoint(self, trained("mnist"), BF16, wait=False)
        self.assertIn("Expected a processor with AMX or AVX512-BF16 for --precision bf16, found one without",
                      endpoint.wait_until_refused())

    def test_another_format_is_refused(self):
        endpoint = Endpoint(self, trained("mnist"), {"SMLT_PRECISION": "fp16"}, wait=False)
        self.assertIn("must be one of auto, fp32 and bf16, but it is 'fp16'", endpoint.wait_until_refused())
