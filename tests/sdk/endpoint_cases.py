"""What both SDKs' local modes must do with an endpoint; the programs endpoint_v2.py and endpoint_v3.py drive them."""
import json
import math
import pathlib
import shutil
import subprocess
import tempfile

import numpy
from local_mode import IS_ROOT, LocalJob
from platform_tree import Contract, drawn_digits
from ports import free_port
from test_endpoint import digit, normalised, png, predictions

COUNT = 4
# The SDK speaks to the container's port, so it needs this machine's network; anything that asks AWS meets a closed port.
WITHOUT_AWS = {"AWS_DEFAULT_REGION": "us-west-2", "AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none",
               "HTTP_PROXY": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9", "NO_PROXY": "localhost"}


class Cases(Contract):
    """Derived classes name the program."""

    program = None

    def job(self):
        """A folder with the program's input: images as npy, one as PNG, and a folder of CSV for the batch transform."""
        job = LocalJob(self, self.program)
        requests = job.folder / "requests"
        (requests / "rows").mkdir(parents=True)
        rows = [normalised(digit(i)) for i in range(COUNT)]
        numpy.save(requests / "digits.npy", numpy.array(rows, "float32").reshape(COUNT, 1, 28, 28))
        (requests / "digit.png").write_bytes(png(digit(0), 28, 28))
        (requests / "rows/digits.csv").write_text("".join(",".join(map(repr, row)) + "\n" for row in rows))
        if IS_ROOT:
            subprocess.run(["chown", "-R", "nobody:nogroup", str(requests)], check=True)
        return job

    def expected(self, job):
        """The probabilities that `predict` gives the same digits with the job's model."""
        base = pathlib.Path(tempfile.mkdtemp(prefix="smlt-sdk-model-"))
        self.addCleanup(shutil.rmtree, base)
        (base / "model").mkdir()
        for name, content in job.archive("model.tar.gz").items():
            (base / "model" / name).write_bytes(content)
        file = next(path for path in drawn_digits().iterdir() if path.name.startswith("t10k-images"))
        return [line["probabilities"] for line in predictions(base, [f"{file}#{i}" for i in range(COUNT)])]

    def assert_probabilities(self, found, expected):
        for row, probabilities in zip(found, expected, strict=True):
            for value, probability in zip(row, probabilities, strict=True):
                self.assertAlmostEqual(value, probability, delta=1e-4)


class LocalEndpoint:
    """The tests themselves; not a TestCase, so that unittest does not run them without an SDK."""

    def test_an_endpoint_and_a_batch_transform_of_a_jobs_model(self):
        job = self.job()
        job.run({"epochs": 2, "lr": 0.1, "batch-size": 32}, environment=WITHOUT_AWS, network=True, port=free_port(),
                requests=str(job.folder / "requests"))
        self.assertEqual(job.code, 0, job.out)
        answers = json.loads(job.as_user("cat", "results/answers.json"))
        expected = self.expected(job)
        self.assertEqual(answers["npy type"], ["float64", [COUNT, 10]])
        for name in ("npy", "json", "csv", "json for csv", "plain"):
            with self.subTest(name):
                self.assert_log_probabilities(answers[name], expected)
        self.assert_probabilities([answers["image"]], expected[:1])
        self.assertEqual(answers["attributes"], "trace=7")
        # Both versions give the body of an error to the caller.
        self.assertEqual(list(answers["error"]), ["error", "code"])
        self.assertEqual(answers["error"]["code"], "bad_request")
        self.assertIn("(N, 1, 28, 28)", answers["error"]["error"])
        self.assertEqual(answers.get("statuses", [200, 400]), [200, 400])
        transformed = job.as_user("cat", "results/transformed/digits.csv.out")
        self.assert_log_probabilities([map(float, line.split(",")) for line in transformed.splitlines()], expected)

    def assert_log_probabilities(self, found, expected):
        self.assert_probabilities([[math.exp(value) for value in row] for row in found], expected)
