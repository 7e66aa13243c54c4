"""Packages that the AOTInductor compiled: made by examples/compile-model.py, served by the program, and equal to eager PyTorch;
what cannot be served is refused in a sentence. ResNet-18 takes minutes to compile: it is in the tier `full`."""
import io
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest
import zipfile

import numpy as np
import torch

import compiled_nets
from running_endpoint import Endpoint

HERE = pathlib.Path(__file__).resolve().parent
COMPILE = HERE.parents[1] / "examples" / "compile-model.py"
JSON, NPY = "application/json", "application/x-npy"


def compiled(folder, factory, shape, *options):
    """The package that examples/compile-model.py makes of a network of compiled_nets.py."""
    folder.mkdir(parents=True)
    command = [sys.executable, COMPILE, f"{HERE / 'compiled_nets.py'}:{factory}", "--shape", shape, "--output", folder / "model.pt2", *options]
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise AssertionError(done.stdout)
    return folder / "model.pt2"


def npy(array):
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def expected(net, inputs):
    with torch.no_grad():
        return net(torch.from_numpy(inputs)).numpy()


def inner(name):
    return name.split("/", 1)[1]


class CompiledModels(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.made = pathlib.Path(temporary.name)
        os.environ["TORCHINDUCTOR_CACHE_DIR"] = str(cls.made / "cache")
        cls.mlp = compiled(cls.made / "mlp", "mlp", "8", "--manifest", "mlp", "--labels", "a,b,c")

    def base(self, package=None, name="model.pt2", manifest=False):
        """A new folder as /opt/ml, with the package in its model folder."""
        base = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, base)
        (base / "model").mkdir()
        if package is not None:
            shutil.copy(package, base / "model" / name)
        if manifest:
            shutil.copy(self.made / "mlp" / "model.json", base / "model")
        return base

    def changed(self, change, source=None):
        """The package with other members: `change` maps names, without the archive's folder, and contents to new ones, or None."""
        base = self.base()
        with zipfile.ZipFile(source or self.mlp) as old, zipfile.ZipFile(base / "model" / "model.pt2", "w") as new:
            for info in old.infolist():
                kept = change(inner(info.filename), old.read(info))
                if kept is not None:
                    new.writestr(kept[0] if kept[0].startswith("/") else f"model/{kept[0]}", kept[1])
        return base

    def refused(self, base, *arguments, code=1):
        before = set(pathlib.Path("/tmp").glob("sagemaker-libtorch-*"))
        endpoint = Endpoint(self, base, arguments=arguments, wait=False)
        self.assertEqual(endpoint.process.wait(60), code, endpoint.output())
        self.assertEqual(set(pathlib.Path("/tmp").glob("sagemaker-libtorch-*")) - before, set())
        return endpoint.output().rstrip("\n").split("\n")[-1]

    def assert_equal(self, endpoint, net, shape, rows=(1, 2, 3, 33)):
        for count in rows:
            inputs = np.random.default_rng(count).random((count, *shape), "float32")
            answer = endpoint.invoke(npy(inputs), NPY, NPY)
            self.assertEqual(answer.status, 200, answer.body[:500])
            np.testing.assert_allclose(np.load(io.BytesIO(answer.body)), expected(net, inputs), rtol=1e-4, atol=1e-5)

    def test_an_mlp_with_a_description_answers_as_eager_and_joins_requests(self):
        endpoint = Endpoint(self, self.base(self.mlp, manifest=True), arguments=["--workers", "1", "--max-batch-delay", "300"])
        self.assert_equal(endpoint, compiled_nets.mlp(), (8,))
        row = np.random.default_rng(5).random((1, 8), "float32")
        threads = [threading.Thread(target=endpoint.invoke, args=(npy(row), NPY)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        line, = [line for line in endpoint.request("GET", "/metrics").text.splitlines() if line.startswith("smlt_batch_rows_count")]
        self.assertLess(float(line.split()[1]), 5 + 8)
        line = endpoint.invoke("[1, 2, 3, 4, 5, 6, 7, 8]", "application/jsonlines", "application/jsonlines").json()
        self.assertIn(line["label"], "abc")

    def test_a_bare_package_under_any_name(self):
        for name in ("net.pt2", "model.pt", "weights-of-monday"):
            endpoint = Endpoint(self, self.base(self.mlp, name))
            self.assert_equal(endpoint, compiled_nets.mlp(), (8,))
            self.assertEqual(list(pathlib.Path("/tmp").glob("sagemaker-libtorch-*")), [])
            endpoint.stop()

    def test_inputs_that_do_not_fit_are_refused_and_change_nothing(self):
        endpoint = Endpoint(self, self.base(self.mlp))
        for body in ("[1, 2, 3]", "[[1, 2]]", "[[[1]]]", "[]", "3", "[[[1, 2, 3, 4, 5, 6, 7, 8]]]", "[1, 2, 3, 4, 5, 6, 7, 8]"):
            answer = endpoint.invoke(body, JSON)
            with self.subTest(body=body):
                self.assertEqual((answer.status, answer.json()["code"]), (400, "bad_request"), answer.text)
                self.assertIn("Expected an input that the model accepts", answer.json()["error"])
        for dtype in ("int64", "float64", "uint8", "bool"):  # converted to the type of the weights
            self.assertEqual(endpoint.invoke(npy(np.ones((2, 8), dtype)), NPY).status, 200)
        self.assert_equal(endpoint, compiled_nets.mlp(), (8,))

    def test_a_convolutional_network_for_every_processor(self):
        package = compiled(self.made / "convolutional", "convolutional", "3,32,32", "--isa", "baseline", "--manifest", "conv")
        base = self.base(package)
        shutil.copy(package.with_name("model.json"), base / "model")
        endpoint = Endpoint(self, base, arguments=["--workers", "2"])
        self.assert_equal(endpoint, compiled_nets.convolutional(), (3, 32, 32))

    def test_code_compiled_for_many_threads_runs_on_one(self):
        folder = self.made / "threads"
        folder.mkdir()
        rows = torch.export.Dim("rows", min=1)
        program = torch.export.export(compiled_nets.convolutional(), (torch.rand(32, 3, 32, 32),), dynamic_shapes=({0: rows},))
        options = {"cpp.threads": 4, "cpp.simdlen": 256}
        torch._inductor.aoti_compile_and_package(program, package_path=str(folder / "model.pt2"), inductor_configs=options)
        base = self.base(folder / "model.pt2")
        shutil.copy(self.made / "mlp" / "model.json", base / "model")
        manifest = json.loads((base / "model" / "model.json").read_text())
        manifest.update(input={"shape": [None, 3, 32, 32], "dtype": "float32"}, labels=[str(number) for number in range(10)])
        (base / "model" / "model.json").write_text(json.dumps(manifest))
        endpoint = Endpoint(self, base, arguments=["--workers", "2"])
        # torch.export concludes from some operators of 32 rows that there are at least 16.
        self.assertIn("refuses fewer than 16 rows, so fewer are filled up", endpoint.output())
        self.assert_equal(endpoint, compiled_nets.convolutional(), (3, 32, 32))
        self.assertLessEqual(len(os.listdir(f"/proc/{endpoint.process.pid}/task")), 6)

    def test_structures_come_back_as_forward_returns_them(self):
        package = compiled(self.made / "several", "several", "8")
        endpoint = Endpoint(self, self.base(package))
        inputs = torch.ones(2, 8)
        with torch.no_grad():
            scores = compiled_nets.several()(inputs)["scores"]
        answer = endpoint.invoke(json.dumps(inputs.tolist()), JSON, JSON)
        self.assertEqual(answer.status, 200, answer.text)
        self.assertEqual(sorted(answer.json()), ["others", "scores"])
        np.testing.assert_allclose(answer.json()["scores"], scores, rtol=1e-5)
        np.testing.assert_allclose(answer.json()["others"][0], scores * 2, rtol=1e-5)
        np.testing.assert_allclose(answer.json()["others"][1][0], scores.sum(1), rtol=1e-5)
        self.assertEqual(endpoint.invoke(npy(inputs.numpy()), NPY, NPY).status, 406)

    def test_an_unpacked_package_is_served_where_it_is(self):
        for folder in (".", "model.pt2"):
            base = self.base()
            with zipfile.ZipFile(self.mlp) as archive:
                archive.extractall(base / "unpacked")
            (content,) = (base / "unpacked").iterdir()
            shutil.copytree(content, base / "model" / folder, dirs_exist_ok=True)
            endpoint = Endpoint(self, base)
            self.assert_equal(endpoint, compiled_nets.mlp(), (8,))
            endpoint.stop()

    def test_turned_off_nothing_of_it_runs(self):
        for arguments, environment in ((["--compiled", "off"], {}), ([], {"SMLT_COMPILED": "off"})):
            endpoint = Endpoint(self, self.base(self.mlp), environment, arguments, wait=False)
            self.assertIn("compiled packages are turned off", endpoint.wait_until_refused())

    def test_what_it_was_compiled_for_must_be_here(self):
        for key, value, said in (("AOTI_CPU_ISA", "AVX2 AVX1024", "of which it lacks avx1024"), ("AOTI_MACHINE", "aarch64", "found one for aarch64"),
                                 ("AOTI_DEVICE_KEY", "cuda", "found one for cuda")):
            def change(name, content):
                if name.endswith("_metadata.json"):
                    content = json.dumps({**json.loads(content), key: value})
                return name, content
            with self.subTest(key=key):
                self.assertIn(said, self.refused(self.changed(change)))

    def test_damaged_and_hostile_packages_are_refused(self):
        library = "data/aotinductor/model/net.so"

        def is_library(name):
            return name.endswith(".so")
        cases = {
            "sources that are not compiled": lambda name, content: None if is_library(name) else (name, content),
            "found one that cannot: Error in dlopen": lambda name, content: (name, b"no library") if is_library(name) else (name, content),
            "a file called": lambda name, content: ("data/aotinductor/model/../../../evil.so", content) if is_library(name) else (name, content),
            "a file called 'model/data/aotinductor/model//": lambda name, content: ("data/aotinductor/model//tmp/evil.so", content)
            if is_library(name) else (name, content),
            "no metadata": lambda name, content: (library, content) if is_library(name) else (name, content),
            "metadata that are not JSON": lambda name, content: (name, b"{") if name.endswith(".json") else (name, content),
            "2 of them (model and other)": lambda name, content: (name.replace("/model/", "/other/"), content)
            if name.endswith(".kernel.cpp") else (name, content),
        }
        for said, change in cases.items():
            with self.subTest(said=said):
                self.assertIn(said, self.refused(self.changed(change)))
        whole = self.mlp.read_bytes()
        base = self.base()
        (base / "model" / "model.pt2").write_bytes(whole[:len(whole) // 2])
        self.assertIn("cannot be read", self.refused(base))
        (base / "model" / "model.pt2").write_bytes(whole[:500_000] + b"\xff" * 1000 + whole[501_000:])
        self.assertIn("a checksum is wrong", self.refused(base))

    def test_a_library_that_cannot_be_loaded_names_the_versions(self):
        said = self.refused(self.changed(lambda name, content: (name, b"\x7fELF") if name.endswith(".so") else (name, content)))
        self.assertIn(f"it was compiled for cpu by PyTorch {torch.__version__.partition('+')[0]}, and this is LibTorch 2.", said)

    def test_a_tmp_that_cannot_take_it(self):
        if subprocess.run(["unshare", "--mount", "true"], stderr=subprocess.DEVNULL).returncode != 0:
            self.skipTest("only root can mount another /tmp")
        if os.path.realpath(os.environ["SMLT_PROGRAM"]).startswith("/tmp/"):
            self.skipTest("the program lies below /tmp, which this test replaces")
        with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
            shutil.copy(self.mlp, folder)
            for options, code, said in (("ro", 2, "Expected a /tmp that can be written to"), ("size=200k", 2, "Expected room in /tmp"),
                                        ("noexec", 1, "mount /tmp without noexec")):
                script = f'mount -t tmpfs -o {options} tmpfs /tmp && "$0" serve --model-dir "$1" --port 0; code=$?; ls -A /tmp; exit $code'
                done = subprocess.run(["unshare", "--mount", "sh", "-c", script, os.environ["SMLT_PROGRAM"], folder], timeout=60,
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
                with self.subTest(options=options):
                    self.assertEqual(done.returncode, code)
                    self.assertIn(said, done.stdout.rstrip("\n").split("\n")[-1])

    def test_a_program_that_is_not_compiled(self):
        for name in ("model.pt2", "net.pt2", "model.pt"):
            base = self.base()
            torch.export.save(torch.export.export(compiled_nets.mlp(), (torch.rand(2, 8),)), base / "model" / "x.pt2")
            (base / "model" / "x.pt2").rename(base / "model" / name)
            said = self.refused(base)
            self.assertIn("torch._inductor.aoti_compile_and_package(program", said)

    def test_a_description_of_other_rows_is_refused(self):
        base = self.base(self.mlp, manifest=True)
        manifest = json.loads((base / "model" / "model.json").read_text())
        manifest["input"]["shape"] = [None, 9]
        (base / "model" / "model.json").write_text(json.dumps(manifest))
        said = self.refused(base)
        self.assertIn("rows of the shape in model.json", said)
        self.assertIn("expected: 8, but got: 9", said)

    def test_a_package_for_a_single_row_takes_them_one_by_one(self):
        folder = self.made / "single"
        folder.mkdir()
        program = torch.export.export(compiled_nets.mlp(), (torch.rand(1, 8),))
        torch._inductor.aoti_compile_and_package(program, package_path=str(folder / "model.pt2"))
        endpoint = Endpoint(self, self.base(folder / "model.pt2", manifest=True))
        self.assert_equal(endpoint, compiled_nets.mlp(), (8,))
        bare = Endpoint(self, self.base(folder / "model.pt2"))
        self.assert_equal(bare, compiled_nets.mlp(), (8,), rows=(1,))
        self.assertEqual(bare.invoke(npy(np.ones((2, 8), "float32")), NPY).status, 400)


if __name__ == "__main__":
    unittest.main()
