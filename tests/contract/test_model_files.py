"""Which file of a model directory is served, and models without TorchScript: model.safetensors and model.json."""
import json
import os
import pathlib
import shutil
import struct
import subprocess
import tempfile

from platform_tree import PROGRAM, Contract
from running_endpoint import Endpoint, npy, read_npy
from test_endpoint import digit, normalised, png, trained

DIGITS = [value for index in range(3) for value in normalised(digit(index))]


class ModelFiles(Contract):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="smlt-files-")
        self.addCleanup(folder.cleanup)
        self.base = pathlib.Path(folder.name)
        self.model = self.base / "model"

    def with_files(self, files, kind="mnist", where="model"):
        """Copies of a job's artifacts under other names."""
        (self.base / where).mkdir(parents=True, exist_ok=True)
        for name, new in files.items():
            shutil.copy(trained(kind) / "model" / name, self.base / where / new)

    def answer(self, rows=DIGITS, shape=(3, 1, 28, 28), base=None):
        endpoint = Endpoint(self, base or self.base)
        answer = endpoint.invoke(npy(rows, shape), "application/x-npy", "application/x-npy")
        self.assertEqual(answer.status, 200, answer.body[:500])
        output = endpoint.output()
        endpoint.stop()
        return read_npy(answer.body)[2], output

    def refused(self, *phrases, code=1):
        endpoint = Endpoint(self, self.base, wait=False)
        self.assertEqual(endpoint.process.wait(60), code)
        said = endpoint.output().rstrip("\n").split("\n")[-1]
        for phrase in phrases:
            self.assertIn(phrase, said)

    def assert_same(self, found, kind="mnist", **request):
        expected, _ = self.answer(base=trained(kind), **request)
        self.assertEqual(len(found), len(expected))
        for one, other in zip(found, expected):
            self.assertAlmostEqual(one, other, delta=1e-4)

    def test_native_models_answer_as_their_script(self):
        native = {"model.json": "model.json", "model.safetensors": "model.safetensors"}
        self.with_files(native)
        found, output = self.answer()
        self.assertIn("The model runs natively, from model.safetensors.", output)
        self.assert_same(found)
        self.with_files(native, "table")
        request = {"rows": [float(number) for number in range(15)], "shape": (1, 15)}
        self.assert_same(self.answer(**request)[0], "table", **request)

    def test_predict_needs_no_script_either(self):
        self.with_files({"model.json": "model.json", "model.safetensors": "model.safetensors"})
        (self.base / "digit.png").write_bytes(png(digit(0), 28, 28))
        lines = []
        for directory in (self.model, trained("mnist") / "model"):
            done = subprocess.run([PROGRAM, "predict", "--model-dir", directory, self.base / "digit.png"], stdout=subprocess.PIPE, check=True)
            lines.append(json.loads(done.stdout))
        self.assertEqual(lines[0]["label"], lines[1]["label"])
        self.assertAlmostEqual(lines[0]["score"], lines[1]["score"], delta=1e-5)

    def test_weights_of_another_job_are_refused(self):
        self.with_files({"model.json": "model.json"})
        self.with_files({"model.safetensors": "model.safetensors"}, "table")
        self.refused("Expected", "take both files from the same job")
        (self.model / "model.safetensors").write_bytes(struct.pack("<Q", 1 << 40) + b"{}")
        self.refused("Expected weights in the safetensors format", "copy it again")

    def test_a_description_that_no_model_here_fits(self):
        self.with_files({"model.json": "model.json", "model.safetensors": "model.safetensors"})
        good = json.loads((self.model / "model.json").read_text())
        for change, phrase in (({"model": "bert"}, "Expected a model of this program (mnist, cifar10, tabular and birds)"),
                               ({"hyperparameters": {"warmth": 3}}, "'warmth'"), ({"hyperparameters": {"lr": -1}}, "lr"),
                               ({"labels": ["a"]}, "of shape"), ({"labels": [str(n) for n in range(100_000)]}, "100000 labels"),
                               ({"image": {**good["image"], "crop": 16000}}, "take both files")):
            (self.model / "model.json").write_text(json.dumps({**good, **change}))
            with self.subTest(change=str(change)[:60]):
                self.refused(phrase)

    def test_a_model_may_have_any_name(self):
        for name in ("model.pt", "net.pth", "digits", "model-2026.bin"):
            shutil.rmtree(self.model, ignore_errors=True)
            self.with_files({"model.pt": name, "model.json": "model.json"})
            (self.model / "model.tar.gz").write_bytes(b"\x1f\x8bleft by local mode")
            (self.model / "notes.txt").write_text("not a model")
            with self.subTest(name=name):
                self.assert_same(self.answer()[0])
        self.assert_same(self.answer_of_file())

    def answer_of_file(self):
        """Of --model-dir naming the file itself."""
        endpoint = Endpoint(self, self.base, arguments=["--model-dir", str(self.model / "model-2026.bin")])
        return read_npy(endpoint.invoke(npy(DIGITS, (3, 1, 28, 28)), "application/x-npy", "application/x-npy").body)[2]

    def test_several_models_without_a_name_that_counts(self):
        self.with_files({"model.pt": "a.bin"})
        self.with_files({"model.pt": "b.bin"})
        self.refused("a.bin and b.bin", "rename the one to serve to model.pt")
        self.with_files({"model.pt": "c.pt", "model.json": "model.json"})
        self.assert_same(self.answer()[0])

    def test_additional_model_data(self):
        sources = "additional-model-data-sources"
        self.model.mkdir()
        self.with_files({"model.json": "model.json", "model.pt": "digits"}, where=f"{sources}/first")
        (self.base / sources / "other").mkdir()
        (self.base / sources / "other" / "notes.txt").write_text("not a model")
        found, output = self.answer()
        self.assert_same(found)
        self.assertIn("There is no model in", output)
        self.with_files({"model.json": "model.json", "model.pt": "model.pt"}, where=f"{sources}/second")
        self.refused("found one in each of 'first' and 'second'", "--model-dir")
        self.with_files({"model.json": "model.json", "model.pt": "model.pt"})
        self.assertNotIn("There is no model in", self.answer()[1])
