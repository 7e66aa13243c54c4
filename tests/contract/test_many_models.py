"""Multi-model endpoints: the platform loads and unloads models, and invokes them by opaque names."""
import concurrent.futures
import contextlib
import json
import os
import pathlib
import shutil
import statistics
import tempfile
import threading
import time
import urllib.parse

from platform_tree import Contract
from running_endpoint import Endpoint
from test_endpoint import digit, normalised, png, trained

COUNT = int(os.environ.get("SMLT_MODELS", "40"))  # the tier full has 1,000


def quoted(name):
    return urllib.parse.quote(name, safe="")


class ManyModels(Contract):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="smlt-models-")
        self.addCleanup(folder.cleanup)
        self.base = pathlib.Path(folder.name)
        self.root = self.base / "models"
        self.root.mkdir()
        self.body = json.dumps(normalised(digit(0)))

    def start(self, **environment):
        self.endpoint = Endpoint(self, self.base, {"SAGEMAKER_MULTI_MODEL": "true", **environment})

    def put(self, name, kind="mnist"):
        """A trained model where the platform would put it; its url."""
        folder = self.root / name / "model"
        shutil.copytree(trained(kind) / "model", folder)
        return str(folder)

    def load(self, name, url):
        return self.endpoint.request("POST", "/models", json.dumps({"model_name": name, "url": url}),
                                     {"Content-Type": "application/json"})

    def invoke(self, name, body=None, content_type="application/json", connection=None, **headers):
        return self.endpoint.request("POST", f"/models/{quoted(name)}/invoke", body or self.body,
                                     {"Content-Type": content_type, **headers}, connection)

    def unload(self, name):
        return self.endpoint.request("DELETE", f"/models/{quoted(name)}")

    def listed(self):
        """Names of all pages, and how many pages there are."""
        names, pages, token = [], 0, None
        while pages == 0 or token is not None:
            page = self.endpoint.request("GET", "/models" + (f"?next_page_token={quoted(token)}" if token else "")).json()
            names += [model["modelName"] for model in page["models"]]
            pages, token = pages + 1, page.get("nextPageToken")
        return names, pages

    def assert_close(self, found, expected):
        """Rows of log-probabilities that two forms of one network give."""
        for row, other in zip(found, expected, strict=True):
            for value, wanted in zip(row, other, strict=True):
                self.assertAlmostEqual(value, wanted, delta=1e-4)

    def metric(self, name):
        text = self.endpoint.request("GET", "/metrics").text
        return next(float(line.split()[-1]) for line in text.splitlines() if line.startswith(name + " "))


class Replies(ManyModels):
    """The table of platform 14.10."""

    def test_from_loading_to_unloading(self):
        self.start()
        self.assertEqual(self.endpoint.request("GET", "/ping").status, 200)  # without any model
        url = self.put("a")
        self.assertEqual(self.invoke("a").status, 404)
        loaded = self.load("a", url)
        self.assertEqual((loaded.status, loaded.json()), (200, {"modelName": "a", "modelUrl": url}))
        self.assertEqual(self.endpoint.request("GET", "/models/a").json(), {"modelName": "a", "modelUrl": url})
        answer = self.invoke("a", **{"X-Amzn-SageMaker-Target-Model": "a.tar.gz", "X-Amzn-SageMaker-Custom-Attributes": "t=1"})
        self.assertEqual((answer.status, len(answer.json()[0]), answer.headers["X-Amzn-SageMaker-Custom-Attributes"]), (200, 10, "t=1"))
        taken = self.load("a", url)
        self.assertEqual((taken.status, taken.json()["code"]), (409, "already_loaded"))
        self.assertEqual(self.unload("a").status, 200)
        for gone in (self.unload("a"), self.invoke("a"), self.endpoint.request("GET", "/models/a")):
            self.assertEqual((gone.status, gone.json()["code"]), (404, "model_not_found"))
        self.assertEqual(self.load("a", url).status, 200)
        self.assertEqual(self.endpoint.request("GET", "/ping").status, 200)

    def test_names_are_opaque(self):
        self.start()
        url = self.put("one")
        names = ["a/b/../c", "50% off + more", "..", "käse", "?x=1&y", "a" * 1000, "0b8e5f7d6a4c3b2a", "%2F"]
        for name in names:
            with self.subTest(name[:20]):
                self.assertEqual(self.load(name, url).status, 200)
                self.assertEqual(self.invoke(name).status, 200)
                self.assertEqual(self.endpoint.request("GET", f"/models/{quoted(name)}").json()["modelName"], name)
        self.assertEqual(self.listed(), (sorted(names, key=lambda name: name.encode()), 1))
        for name in names:
            self.assertEqual(self.unload(name).status, 200)
        self.assertEqual(self.listed(), ([], 1))

    def test_requests_that_cannot_be_meant(self):
        self.start()
        url = self.put("a")
        outside = self.base / "outside"
        shutil.copytree(url, outside)
        os.symlink(outside, self.root / "link")
        (self.root / "file").write_text("")
        cases = {
            "no JSON": "not JSON", "[]": "not an object", json.dumps({"url": url}): "model_name",
            json.dumps({"model_name": "a"}): "url", json.dumps({"model_name": 1, "url": url}): "model_name",
            json.dumps({"model_name": "", "url": url}): "model_name",
            json.dumps({"model_name": "a", "url": str(outside)}): "below",
            json.dumps({"model_name": "a", "url": f"{self.root}/a/../../outside"}): "below",
            json.dumps({"model_name": "a", "url": str(self.root / "link")}): "below",
            json.dumps({"model_name": "a", "url": str(self.root)}): "below",
            json.dumps({"model_name": "a", "url": str(self.root / "nothing")}): "found none",
            json.dumps({"model_name": "a", "url": str(self.root / "file")}): "found a file",
            json.dumps({"model_name": "a", "url": "a\0b"}): "NUL",
        }
        for body, part in cases.items():
            with self.subTest(body[:60]):
                answer = self.endpoint.request("POST", "/models", body)
                self.assertEqual((answer.status, answer.json()["code"]), (400, "bad_request"))
                self.assertIn(part, answer.json()["error"])
        for method, path, status in (("PUT", "/models", 405), ("POST", "/models/a", 405), ("GET", "/models/a/invoke", 405),
                                     ("POST", "/invocations", 404), ("POST", "/models//invoke", 404), ("POST", "/models/a/b/invoke", 404)):
            self.assertEqual(self.endpoint.request(method, path, self.body).status, status, path)
        self.assertIn("/models/{name}/invoke", self.endpoint.request("POST", "/invocations", self.body).text)

    def test_a_model_that_cannot_be_loaded_leaves_the_others_alone(self):
        self.start()
        self.assertEqual(self.load("good", self.put("good")).status, 200)
        broken = pathlib.Path(self.put("broken"))
        (broken / "model.pt").write_bytes(b"no model")
        empty = self.root / "empty"
        empty.mkdir()
        for name, folder in (("broken", broken), ("empty", empty)):
            answer = self.load(name, str(folder))
            self.assertEqual(answer.status, 400, answer.text)
            self.assertTrue(answer.json()["error"].startswith("Expected "))
            self.assertEqual(self.invoke(name).status, 404)
        self.assertEqual(self.invoke("good").status, 200)
        shutil.copytree(trained("mnist") / "model", broken, dirs_exist_ok=True)
        self.assertEqual(self.load("broken", str(broken)).status, 200)  # its name is free

    def test_beyond_the_memory_for_models_others_must_go_first(self):
        self.start(SMLT_MODELS_MEMORY_MB="3")
        url, names = self.put("a"), []
        for index in range(20):
            answer = self.load(f"m{index}", url)
            if answer.status != 200:
                break
            names.append(f"m{index}")
        self.assertEqual((answer.status, answer.json()["code"]), (507, "out_of_memory"))
        self.assertIn("--models-memory-mb", answer.json()["error"])
        self.assertGreater(len(names), 1)
        self.assertEqual(self.load("again", url).status, 507)
        self.assertEqual(self.unload(names[0]).status, 200)
        self.assertEqual(self.load("again", url).status, 200)
        self.assertEqual(self.metric("smlt_models_loaded"), len(names))
        self.assertLessEqual(self.metric("smlt_models_bytes"), self.metric("smlt_models_limit_bytes"))

    def test_models_of_every_kind_in_one_process(self):
        self.start()
        self.assertEqual(self.load("digits", self.put("digits")).status, 200)
        self.assertEqual(self.load("table", self.put("table", "tabular")).status, 200)
        bare = pathlib.Path(self.put("bare"))
        (bare / "model.json").unlink()
        self.assertEqual(self.load("bare", str(bare)).status, 200)
        columns = json.loads((trained("tabular") / "model" / "model.json").read_text())["input"]["shape"][1]
        self.assertEqual(self.invoke("table", ",".join(["0.5"] * columns), "text/csv").status, 200)
        self.assertEqual(self.invoke("digits", png(digit(0), 28, 28), "image/png").status, 200)
        self.assertEqual(self.invoke("bare", png(digit(0), 28, 28), "image/png").status, 415)
        whole = json.dumps([[[json.loads(self.body)[28 * y:28 * y + 28] for y in range(28)]]])
        self.assert_close(self.invoke("bare", whole).json(), self.invoke("digits", whole).json())


class AtOnce(ManyModels):
    def test_many_models_answer_from_one_process(self):
        self.start(SMLT_MODELS_MEMORY_MB=str(COUNT))
        url = self.put("one")
        before = self.endpoint.resident_bytes()
        start = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            statuses = list(pool.map(lambda index: self.load(f"m{index:05}", url).status, range(COUNT)))
        self.assertEqual(statuses, [200] * COUNT)
        seconds = time.monotonic() - start
        expected = self.invoke("m00000").json()
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            for answer in pool.map(lambda index: self.invoke(f"m{index:05}").json(), range(COUNT)):
                self.assert_close(answer, expected)
        names, pages = self.listed()
        self.assertEqual((names, pages), ([f"m{index:05}" for index in range(COUNT)], -(-COUNT // 100)))
        start = time.monotonic()
        metrics = self.endpoint.request("GET", "/metrics").text
        print(f"{COUNT} models: loaded in {seconds:.1f} s, {(self.endpoint.resident_bytes() - before) / COUNT / 1024:.0f} KiB each; "
              f"/metrics in {(time.monotonic() - start) * 1000:.1f} ms")
        self.assertNotIn("m00001", metrics)  # names would be labels without bound
        self.assertLess(self.metric("smlt_models_bytes"), COUNT << 20)

    def test_unloading_returns_the_memory(self):
        self.start()
        url, sizes = self.put("one"), []
        for index in range(COUNT):
            self.assertEqual(self.load(f"m{index}", url).status, 200)
            self.assertEqual(self.invoke(f"m{index}").status, 200)
            self.assertEqual(self.unload(f"m{index}").status, 200)
            sizes.append(self.endpoint.resident_bytes() / 1024)
        first, last = statistics.median(sizes[5:15]), statistics.median(sizes[-10:])
        print(f"{COUNT} loads and unloads: {first / 1024:.1f} MiB at the beginning, {last / 1024:.1f} MiB at the end")
        self.assertLess(last - first, max(2048, 12 * COUNT))  # KiB

    def test_loading_unloading_and_predicting_race(self):
        self.start()
        url = self.put("one")
        self.assertEqual(self.load("stays", url).status, 200)
        seen, until = set(), time.monotonic() + 3

        def load_and_unload(name):
            while time.monotonic() < until:
                seen.add(("load", self.load(name, url).status))
                seen.add(("unload", self.unload(name).status))

        def predict(name):
            with contextlib.closing(self.endpoint.connection()) as connection:
                while time.monotonic() < until:
                    seen.add((name, self.invoke(name, connection=connection).status))

        threads = [threading.Thread(target=load_and_unload, args=("comes",)) for _ in range(3)]
        threads += [threading.Thread(target=predict, args=(name,)) for name in ("comes", "comes", "stays")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertLessEqual({status for name, status in seen if name == "load"}, {200, 409})
        self.assertLessEqual({status for name, status in seen if name in ("unload", "comes")}, {200, 404})
        self.assertEqual({status for name, status in seen if name == "stays"}, {200})
        self.assertIn(("load", 200), seen)

    def test_a_request_that_waits_is_answered_before_its_model_goes(self):
        self.start(SAGEMAKER_MODEL_SERVER_WORKERS="1")
        self.assertEqual(self.load("a", self.put("a")).status, 200)
        rows = "\n".join([",".join(f"{value:.3f}" for value in normalised(digit(0)))] * 3000).encode()
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            answers = [pool.submit(self.invoke, "a", rows, "text/csv", Accept="text/csv") for _ in range(3)]
            # The question itself is one of them.
            while self.metric("smlt_http_requests_in_flight") < 4 and not all(answer.done() for answer in answers):
                time.sleep(0.001)
            self.assertEqual(self.unload("a").status, 200)
            for answer in answers:
                self.assertEqual((answer.result().status, answer.result().body.count(b"\n")), (200, 3000))


if __name__ == "__main__":
    import unittest
    unittest.main()
