"""The tutorials' requests against `serve`, every content type, errors, and many clients at once."""
import concurrent.futures
import functools
import gzip
import json
import os
import pathlib
import random
import shutil
import stat
import struct
import subprocess
import tempfile
import time
import unittest
import zlib

from platform_tree import Contract, Job, drawn_digits, drawn_table, idx_bytes
from running_endpoint import Endpoint, npy, read_npy

MEAN, STD = 0.1307, 0.3081


def png(pixels, width, height):
    """A grey PNG."""
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    rows = b"".join(b"\0" + bytes(pixels[y * width:(y + 1) * width]) for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def digit(index):
    """The pixels of a test digit, 0 to 255."""
    return idx_bytes("t10k-images-idx3-ubyte")[16 + 784 * index:16 + 784 * (index + 1)]


def normalised(pixels):
    """As the tutorial's transform does, in float32."""
    return struct.unpack("<784f", struct.pack("<784f", *((pixel / 255 - MEAN) / STD for pixel in pixels)))


@functools.cache
def trained(kind):
    """The /opt/ml tree of a short training job, run once per process."""
    class Keep:
        def addCleanup(self, *_, **__):
            pass
    if kind == "mnist":
        job = Job(Keep(), {"epochs": "3", "lr": "0.1", "batch-size": "32"}).add_digits()
    else:
        job = Job(Keep(), {"num-epochs": "3", "learning-rate": "0.05", "test-batch-size": "32"}).add_table()
    result = job.run()
    assert result.code == 0, result.err
    trained.kept.append(tempfile.TemporaryDirectory())
    shutil.move(job.base, trained.kept[-1].name + "/ml")
    return pathlib.Path(trained.kept[-1].name) / "ml"


trained.kept = []


def predictions(base, files):
    """What `predict` says about the same."""
    from platform_tree import PROGRAM
    out = subprocess.run([PROGRAM, "predict", *map(str, files)], env={"PATH": os.environ["PATH"], "SAGEMAKER_BASE_DIR": str(base)},
                         check=True, stdout=subprocess.PIPE)
    return [json.loads(line) for line in out.stdout.decode().splitlines()]


class EndpointCase(Contract):
    kind = "mnist"

    def setUp(self):
        self.endpoint = Endpoint(self, trained(self.kind))

    def assert_close(self, found, expected):
        self.assertEqual(len(found), len(expected))
        for a, b in zip(found, expected):
            self.assertAlmostEqual(a, b, delta=1e-4 + 1e-4 * abs(b))

    def assert_problem(self, answer, status, code, *phrases):
        self.assertEqual(answer.status, status, answer.text)
        problem = answer.json()
        self.assertEqual(list(problem), ["error", "code"])
        self.assertEqual(problem["code"], code)
        for phrase in phrases:
            self.assertIn(phrase, problem["error"])
        self.assertLess(len(answer.body), 2048)
        self.assertEqual(answer.type, "application/json")


class Digits(EndpointCase):
    def setUp(self):
        super().setUp()
        file = next(path for path in drawn_digits().iterdir() if path.name.startswith("t10k-images"))
        self.expected = predictions(trained("mnist"), [f"{file}#{i}" for i in range(4)])
        self.numbers = [normalised(digit(i)) for i in range(4)]

    def assert_answers(self, rows):
        """Log-probabilities, as the network's forward gives them."""
        import math
        for row, expected in zip(rows, self.expected, strict=True):
            self.assert_close([math.exp(value) for value in row], expected["probabilities"])

    def test_npy_as_pytorch_predictor_sends_it(self):
        values = [value for image in self.numbers for value in image]
        answer = self.endpoint.invoke(npy(values, (4, 1, 28, 28)), "application/x-npy", "application/x-npy")
        self.assertEqual((answer.status, answer.type), (200, "application/x-npy"))
        dtype, shape, found = read_npy(answer.body)
        self.assertEqual((dtype, shape), ("<f8", (4, 10)))
        self.assert_answers([found[i:i + 10] for i in range(0, 40, 10)])
        narrow = self.endpoint.invoke(npy(values, (4, 1, 28, 28)), "application/x-npy", "application/x-npy; dtype=float32")
        self.assertEqual(read_npy(narrow.body)[:2], ("<f4", (4, 10)))
        # Other number types are converted to the network's.
        for dtype in ("<f8", "<i8", "|u1"):
            whole = [0 if dtype != "<f8" else 0.5] * 784
            self.assertEqual(self.endpoint.invoke(npy(whole, (1, 784), dtype), "application/x-npy").status, 200)

    def test_json_in_every_shape_and_csv(self):
        nested = [[[list(image[y * 28:y * 28 + 28]) for y in range(28)]] for image in self.numbers]
        self.assert_answers(self.endpoint.invoke(json.dumps(nested), "application/json").json())
        self.assert_answers(self.endpoint.invoke(json.dumps([list(image) for image in self.numbers]), "application/json; charset=utf-8").json())
        self.expected = self.expected[:1]
        for one in (nested[0], nested[0][0], list(self.numbers[0]), nested[:1]):
            self.assert_answers(self.endpoint.invoke(json.dumps(one), "application/json", "*/*").json())
        line = ",".join(map(repr, self.numbers[0]))
        self.assert_answers(self.endpoint.invoke(line, "text/csv", "application/json").json())
        rows = self.endpoint.invoke(line + "\n" + line + "\n", "text/csv", "text/csv").text
        self.assertEqual(rows.count("\n"), 2)
        first, second = rows.splitlines()
        # Equal rows need not be equal to the last bit: on some processors a LibTorch product depends on the row's place.
        self.assert_close(list(map(float, first.split(","))), list(map(float, second.split(","))))
        self.assert_answers([list(map(float, first.split(",")))])

    def test_a_digit_drawn_in_the_tutorials_page(self):
        # Ink is 1, the paper 0, neither normalised; (1, 1, 28, 28) float32 as the notebook makes it.
        grid = [[0.0] * 28 for _ in range(28)]
        for row in range(4, 24):
            grid[row][14] = grid[row][15] = 1.0
        sent = npy([value for row in grid for value in row], (1, 1, 28, 28))
        dtype, shape, found = read_npy(self.endpoint.invoke(sent, "application/x-npy", "application/x-npy").body)
        self.assertEqual((dtype, shape), ("<f8", (1, 10)))
        self.assertLess(max(found), 0.0001)

    def test_images_and_json_lines(self):
        image = png(digit(0), 28, 28)
        for content_type in ("application/x-image", "image/png", "application/octet-stream", None):
            answer = self.endpoint.invoke(image, content_type, "application/json")
            self.assert_close(answer.json(), self.expected[0]["probabilities"])
        one = self.endpoint.invoke(image, "image/png", "application/jsonlines")
        self.assertEqual(one.json()["label"], self.expected[0]["label"])
        self.assertEqual(list(one.json()), ["label", "score", "probabilities"])
        body = "\n".join([json.dumps(self.numbers[0]), "[1, 2]", json.dumps({"features": self.numbers[1]})])
        answer = self.endpoint.invoke(body, "application/jsonlines")
        self.assertEqual((answer.status, answer.type), (200, "application/jsonlines"))
        lines = [json.loads(line) for line in answer.text.split("\n")]
        self.assertEqual(len(lines), 3)
        for line, expected in ((lines[0], self.expected[0]), (lines[2], self.expected[1])):
            self.assertEqual(line["label"], expected["label"])
            self.assert_close(line["probabilities"], expected["probabilities"])
        self.assertIn("line 2 of the body of the request", lines[1]["error"])

    def test_what_accept_asks_for(self):
        body = json.dumps(self.numbers[0])
        for accept, expected in ((None, "application/json"), ("", "application/json"), ("*/*", "application/json"),
                                 ("text/csv, application/json;q=0.9", "text/csv"), ("text/html, */*;q=0.1", "application/json"),
                                 ("application/json;q=0.2, application/x-npy;q=0.8", "application/x-npy")):
            answer = self.endpoint.invoke(body, "application/json", accept)
            self.assertEqual((answer.status, answer.type), (200, expected), accept)

    def test_what_is_refused(self):
        self.assert_problem(self.endpoint.invoke("<a/>", "application/xml"), 415, "unsupported_media_type", "'application/xml'", "text/csv")
        self.assert_problem(self.endpoint.invoke("[1]", "application/json", "text/html"), 406, "not_acceptable", "'text/html'")
        self.assert_problem(self.endpoint.invoke("[1, 2, 3]", "application/json"), 400, "bad_request", "(N, 1, 28, 28)", "(3,)")
        self.assert_problem(self.endpoint.invoke("[[1, 2], [3]]", "application/json"), 400, "bad_request")
        self.assert_problem(self.endpoint.invoke("a,b\n", "text/csv"), 400, "bad_request")
        self.assert_problem(self.endpoint.invoke(b"\x93NUMPY", "application/x-npy"), 400, "bad_request")
        self.assert_problem(self.endpoint.invoke(b"\xff\xd8\xff", "image/jpeg"), 400, "bad_request")
        packed = gzip.compress(json.dumps(self.numbers[0]).encode())
        self.assert_problem(self.endpoint.invoke(packed, "application/json", **{"Content-Encoding": "gzip"}), 415, "unsupported_content_encoding", "'gzip'")
        plain = self.endpoint.invoke(json.dumps(self.numbers[0]), "application/json", **{"Content-Encoding": "Identity"})
        self.assertEqual(plain.status, 200)
        huge = png(bytes(784), 28, 28).replace(struct.pack(">II", 28, 28), struct.pack(">II", 60000, 60000))
        self.assertEqual(self.endpoint.invoke(huge, "image/png").status, 400)
        self.assertEqual(self.endpoint.request("GET", "/ping").status, 200)

    @unittest.skipIf(os.environ.get("SMLT_SANITIZE"), "a sanitizer's allocator keeps freed memory")
    def test_memory_that_large_requests_took_is_given_back(self):
        body = json.dumps([[0.5] * 784] * 6000)  # 24 MB; 18 MB as numbers
        before = self.endpoint.resident_bytes()
        for _ in range(3):
            self.assertEqual(self.endpoint.invoke(body, "application/json").status, 200)
        until = time.monotonic() + 30  # it happens after the answer, when a worker has its turn
        while self.endpoint.resident_bytes() > before + (80 << 20) and time.monotonic() < until:
            time.sleep(0.05)
        self.assertLess(self.endpoint.resident_bytes() - before, 80 << 20)

    def test_an_empty_body(self):
        answer = self.endpoint.invoke(b"", "application/json")
        self.assertEqual((answer.status, answer.body), (204, b""))

    def test_many_clients_get_their_own_answers_and_bad_ones_fail_alone(self):
        images = [npy(normalised(digit(i)), (1, 1, 28, 28)) for i in range(100)]
        expected = [read_npy(self.endpoint.invoke(image, "application/x-npy", "application/x-npy").body)[2] for image in images]

        def client(seed):
            choice = random.Random(seed)
            connection = self.endpoint.connection()
            for _ in range(100):
                if choice.random() < 0.1:
                    bad = self.endpoint.invoke("[1, 2]", "application/json", connection=connection)
                    self.assertEqual(bad.status, 400)
                    continue
                i = choice.randrange(100)
                answer = self.endpoint.invoke(images[i], "application/x-npy", "application/x-npy", connection=connection)
                self.assert_close(read_npy(answer.body)[2], expected[i])

            connection.close()

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            list(pool.map(client, range(8)))
        metrics = self.endpoint.request("GET", "/metrics").text
        self.assertIn("smlt_batch_rows_count", metrics)
        names = [line.split()[2] for line in metrics.splitlines() if line.startswith("# TYPE")]
        self.assertEqual(len(names), len(set(names)))


class Table(EndpointCase):
    kind = "tabular"

    def test_csv_and_npy_rows(self):
        table = trained("tabular") / "input/data/training/X_validation.csv"
        rows = table.read_text().splitlines()[1:6]
        expected = [each["probabilities"] for each in predictions(trained("tabular"), [f"{table}#{i}" for i in range(5)])]

        def assert_scores(scores):
            import math
            for row, probabilities in zip(scores, expected, strict=True):
                total = sum(map(math.exp, row))
                self.assert_close([math.exp(value) / total for value in row], probabilities)

        assert_scores(self.endpoint.invoke("\n".join(rows), "text/csv").json())
        answer = self.endpoint.invoke("\n".join(rows) + "\n", "text/csv", "text/csv")
        assert_scores([list(map(float, line.split(","))) for line in answer.text.splitlines()])
        values = [float(value) for row in rows for value in row.split(",")]
        _, shape, found = read_npy(self.endpoint.invoke(npy(values, (5, 15)), "application/x-npy", "application/x-npy").body)
        self.assertEqual(shape, (5, 3))
        assert_scores([found[i:i + 3] for i in range(0, 15, 3)])
        # A single row, as AWS's handlers answer it; as CSV with one line.
        alone = self.endpoint.invoke(json.dumps(values[:15]), "application/json").json()
        assert_scores([alone] + [list(found[i:i + 3]) for i in range(3, 15, 3)])
        self.assertEqual(self.endpoint.invoke(rows[0], "text/csv", "text/csv").text.count("\n"), 1)
        labels = self.endpoint.invoke("\n".join(rows), "text/csv", "application/jsonlines").text.split("\n")
        self.assertEqual(len(labels), 5)
        self.assertIn(json.loads(labels[0])["label"], ("0", "1", "2"))
        self.assert_problem(self.endpoint.invoke(b"\x89PNG", "image/png"), 415, "unsupported_media_type", "takes no images")
        self.assert_problem(self.endpoint.invoke("1,2\n", "text/csv"), 400, "bad_request", "(N, 15)")


class Directories(Contract):
    def test_a_read_only_directory_with_other_files(self):
        base = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, base)
        shutil.copytree(trained("mnist") / "model", base / "model")
        for name in ("model.tar.gz", "output.tar.gz", "code.py"):
            (base / "model" / name).write_bytes(b"x")
        os.chmod(base / "model", stat.S_IRUSR | stat.S_IXUSR)
        self.addCleanup(os.chmod, base / "model", stat.S_IRWXU)
        endpoint = Endpoint(self, base)
        self.assertEqual(endpoint.invoke(json.dumps([0.0] * 784), "application/json").status, 200)
        self.assertEqual(endpoint.stop(), 0)

    def test_the_default_accept_of_the_environment(self):
        endpoint = Endpoint(self, trained("mnist"), {"SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT": "text/csv"})
        body = json.dumps([0.0] * 784)
        for accept in (None, "*/*"):
            self.assertEqual(endpoint.invoke(body, "application/json", accept).type, "text/csv")


if __name__ == "__main__":
    unittest.main()
