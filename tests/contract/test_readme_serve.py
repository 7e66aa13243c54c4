"""Each README line with `curl` gets what the README says from the built program."""
import functools
import json
import math
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

import cifar_data
from platform_tree import Contract, Job, drawn_table
from running_endpoint import Endpoint, npy, read_npy
from test_endpoint import digit, normalised, png, predictions, trained


def curl_lines():
    text = pathlib.Path(os.environ["SMLT_README"]).read_text()
    blocks = re.findall(r"^```.*?\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if re.search(r"\bcurl ", line)]


class ReadmeServe(Contract):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="smlt-curl-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def run_line(self, word, base):
        """The output of the README line with this word, run in the folder; the status must be 200."""
        endpoint = Endpoint(self, base)
        output = self.run_against(endpoint, word)
        endpoint.stop()
        return output

    def run_against(self, endpoint, word):
        line, = [line for line in curl_lines() if word in line]
        line = line.replace("localhost:8080", f"localhost:{endpoint.port}")
        line = line.replace("curl ", "curl --silent --show-error --noproxy localhost --write-out '%{stderr}%{http_code}' ")
        done = subprocess.run(["bash", "-e", "-o", "pipefail", "-c", line], cwd=self.folder, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
        self.assertEqual((done.returncode, done.stderr), (0, b"200"), done.stdout)
        return done.stdout

    def train(self, hyperparameters, channels, put_data):
        job = Job(self, hyperparameters, channels)
        put_data(job)
        self.assert_trained(job.run())
        return job

    def assert_probabilities(self, found, expected):
        self.assertEqual(len(found), len(expected))
        for one, other in zip(found, expected):
            self.assertAlmostEqual(one, other, delta=1e-4)

    def put(self, name, content):
        (self.folder / name).write_bytes(content)
        return self.folder / name

    def test_every_line_is_tried(self):
        words = ("/ping", "@digit.npy", "jsonlines' --data-binary @digit.png", "X_test.csv", "rows.csv", "@cifar.npy", "@Cardinal_0001.jpg",
                 "localhost:8080/models -d", "digits/invoke")
        self.assertEqual([sum(word in line for line in curl_lines()) for word in words], [1] * len(words))
        self.assertEqual(len(curl_lines()), len(words))

    def test_ping(self):
        self.assertTrue(self.run_line("/ping", trained("mnist")).startswith(b"HTTP/1.1 200 OK\r\n"))

    def test_digits(self):
        image = self.put("digit.png", png(digit(0), 28, 28))
        self.put("digit.npy", npy(normalised(digit(0)), (1, 1, 28, 28)))
        expected = predictions(trained("mnist"), [image])[0]
        row, = json.loads(self.run_line("@digit.npy", trained("mnist")))
        self.assert_probabilities([math.exp(value) for value in row], expected["probabilities"])
        record = json.loads(self.run_line("jsonlines' --data-binary @digit.png", trained("mnist")))
        self.assertEqual((list(record), record["label"]), (["label", "score", "probabilities"], expected["label"]))
        self.assert_probabilities(record["probabilities"], expected["probabilities"])

    def test_a_table(self):
        table = self.put("X_test.csv", (drawn_table() / "test/X_test.csv").read_bytes())
        expected = predictions(trained("tabular"), [table])
        rows = json.loads(self.run_line("X_test.csv", trained("tabular")))
        self.assertEqual(len(rows), len(expected))
        for row, record in zip(rows, expected):
            total = sum(map(math.exp, row))
            self.assert_probabilities([math.exp(value) / total for value in row], record["probabilities"])

    def test_rows_without_a_length(self):
        lines = (drawn_table() / "test/X_test.csv").read_bytes().splitlines(keepends=True)[1:]
        self.put("rows.csv", b"".join(lines))
        answer = self.run_against(Endpoint(self, trained("tabular"), {"SAGEMAKER_BATCH": "true"}), "rows.csv")
        self.assertEqual(answer.count(b"\n"), len(lines))

    def test_many_models(self):
        self.put("digit.png", png(digit(0), 28, 28))
        (self.folder / "ml").symlink_to(trained("mnist"))
        endpoint = Endpoint(self, self.folder / "ml", {"SAGEMAKER_MULTI_MODEL": "true"}, ["--model-dir", "ml"], cwd=self.folder)
        self.assertEqual(json.loads(self.run_against(endpoint, "localhost:8080/models -d"))["modelName"], "digits")
        self.assertEqual(len(json.loads(self.run_against(endpoint, "digits/invoke"))), 10)

    def test_a_cifar_image(self):
        job = self.train({"epochs": "1", "batch_size": "16"}, ("training",), lambda job: cifar_data.put(job.channel(), "py"))
        pixels = next(cifar_data.rows(1, "curl"))[1]
        self.put("cifar.npy", npy([pixel / 127.5 - 1 for pixel in pixels], (1, 3, 32, 32)))
        self.assertEqual(self.run_line("@cifar.npy", job.base), b"")
        _, shape, scores = read_npy((self.folder / "scores.npy").read_bytes())
        self.assertEqual(shape, (1, 10))
        self.assertTrue(all(map(math.isfinite, scores)))
        self.assertGreater(max(scores), min(scores))

    def test_a_photograph(self):
        job = self.train({"backbone": "squeezenet1_1", "initial_epochs": "1", "batch_size": "4"}, ("train", "validation"),
                         Job.add_photographs)
        photograph = next(job.channel("validation").rglob("*.jpg"))
        self.put("Cardinal_0001.jpg", photograph.read_bytes())
        expected = predictions(job.base, [photograph])[0]["probabilities"]
        self.assert_probabilities(json.loads(self.run_line("@Cardinal_0001.jpg", job.base)), expected)
