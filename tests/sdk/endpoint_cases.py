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



def transform(folder, content_type, strategy, split_type="Line", assemble_with=None, accept=None):
    """A transform job of a folder. Where the platform ends each answer with a line feed, ours must not."""
    environment = {"SMLT_FINAL_NEWLINE": "false"} if assemble_with == "Line" else {}
    return {"folder": folder, "content_type": content_type, "strategy": strategy, "split_type": split_type,
            "assemble_with": assemble_with, "accept": accept, "environment": environment}


TRANSFORMS = {
    "csv": transform("rows", "text/csv", "MultiRecord", assemble_with="Line"),
    "csv-singly": transform("rows", "text/csv", "SingleRecord"),
    "lines": transform("lines", "application/jsonlines", "MultiRecord"),
    "lines-singly": transform("lines", "application/jsonlines", "SingleRecord", assemble_with="Line"),
    "pictures": transform("pictures", "image/png", "SingleRecord", split_type=None, accept="application/json"),
}


class Cases(Contract):
    """Derived classes name the program."""

    program = None

    def job(self):
        """A folder with the program's input: images as npy, one as PNG, and a folder of CSV for the batch transform."""
        job = LocalJob(self, self.program)
        requests = job.folder / "requests"
        for folder in ("rows", "lines", "pictures"):
            (requests / folder).mkdir(parents=True)
        rows = [normalised(digit(i)) for i in range(COUNT)]
        numpy.save(requests / "digits.npy", numpy.array(rows, "float32").reshape(COUNT, 1, 28, 28))
        (requests / "digit.png").write_bytes(png(digit(0), 28, 28))
        rows_of_text = [",".join(map(repr, row)) for row in rows]
        (requests / "rows/digits.csv").write_text("\n".join([*rows_of_text[:2], "1,2,oops", *rows_of_text[2:]]))
        records = [json.dumps({"features": row}) for row in rows]
        (requests / "lines/digits.jsonl").write_text("\n".join([*records[:2], "{", *records[2:]]) + "\n")
        for i in range(COUNT):
            (requests / f"pictures/{i}.png").write_bytes(png(digit(i), 28, 28))
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
                requests=str(job.folder / "requests"), transforms=TRANSFORMS)
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
        self.check_transforms(job, expected)

    def check_transforms(self, job, expected):
        """A line a record, without blank ones, in the order of the records; a bad one in the middle keeps its line."""
        def lines(name, file):
            text = job.as_user("cat", f"results/transformed/{name}/{file}.out")
            self.assertTrue(text.endswith("\n"))
            return text[:-1].split("\n")
        for name in ("csv", "csv-singly"):
            with self.subTest(name):
                found = lines(name, "digits.csv")
                self.assertIn("error: Expected a number in line", found.pop(2))
                self.assert_log_probabilities([map(float, line.split(",")) for line in found], expected)
        for name in ("lines", "lines-singly"):
            with self.subTest(name):
                found = [json.loads(line) for line in lines(name, "digits.jsonl")]
                self.assertEqual(list(found.pop(2)), ["error"])
                self.assert_probabilities([record["probabilities"] for record in found], expected)
        with self.subTest("pictures"):
            found = [json.loads(job.as_user("cat", f"results/transformed/pictures/{i}.png.out")) for i in range(COUNT)]
            self.assert_probabilities(found, expected)

    def assert_log_probabilities(self, found, expected):
        self.assert_probabilities([[math.exp(value) for value in row] for row in found], expected)
