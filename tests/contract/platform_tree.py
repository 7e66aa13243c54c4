"""Drives the built program as SageMaker does: an /opt/ml tree, the command `train`, stdout as a pipe.

The program and the generators of data are named by SMLT_PROGRAM, SMLT_DRAW_DIGITS and SMLT_DRAW_TABLE (ctest sets them).
"""
import functools
import gzip
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

PROGRAM = os.environ["SMLT_PROGRAM"]
DRAW_DIGITS = os.environ["SMLT_DRAW_DIGITS"]
DRAW_TABLE = os.environ.get("SMLT_DRAW_TABLE")
IMAGE = os.environ.get("SMLT_IMAGE", "sagemaker-libtorch:cpu")


@functools.cache
def drawn_digits():
    """A folder with 400 training and 100 test digits, drawn once per process."""
    folder = tempfile.TemporaryDirectory(prefix="smlt-digits-")
    subprocess.run([DRAW_DIGITS, folder.name, "--train", "400", "--test", "100"], check=True, stdout=subprocess.DEVNULL)
    drawn_digits.keep = folder  # removed when the process ends
    return pathlib.Path(folder.name)


@functools.cache
def drawn_table():
    """A folder with the tutorial's training/ and test/, a tenth of its rows: 640, 160 and 200, drawn once per process."""
    folder = tempfile.TemporaryDirectory(prefix="smlt-table-")
    subprocess.run([DRAW_TABLE, folder.name, "--rows", "1000"], check=True, stdout=subprocess.DEVNULL)
    drawn_table.keep = folder  # removed when the process ends
    return pathlib.Path(folder.name)


@functools.cache
def docker():
    """The path of a Docker client whose engine answers."""
    script = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "docker"
    return subprocess.run([script], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def plain_name(path):
    return path.name.removesuffix(".gz")


def read_maybe_gzip(path):
    data = path.read_bytes()
    return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data


def idx_bytes(name):
    """The bytes of one of the four files, not compressed: "train-images-idx3-ubyte"."""
    found = next(path for path in drawn_digits().iterdir() if plain_name(path) == name)
    return read_maybe_gzip(found)


class Result:
    def __init__(self, job, process):
        self.job = job
        self.code = process.returncode
        self.out = process.stdout.decode("utf-8")  # strict: an invalid byte ends both SDKs' local mode
        self.err = process.stderr.decode("utf-8")
        failure = job.base / "output" / "failure"
        self.failure = failure.read_text() if failure.exists() else None

    @property
    def last_error(self):
        return self.err.rstrip("\n").split("\n")[-1]


class Job:
    """One /opt/ml tree. Hyperparameters are written as given: text."""

    def __init__(self, case, hyperparameters=None, channels=("training",)):
        self.base = pathlib.Path(tempfile.mkdtemp(prefix="smlt-ml-"))
        case.addCleanup(shutil.rmtree, self.base, ignore_errors=True)
        for folder in ("input/config", "input/data", "model", "output/data"):
            (self.base / folder).mkdir(parents=True)
        for channel in channels:
            self.channel(channel).mkdir()
        self.write_config("inputdataconfig.json", {name: {"TrainingInputMode": "File"} for name in channels})
        if hyperparameters is not None:
            self.write_config("hyperparameters.json", hyperparameters)

    def channel(self, name="training"):
        return self.base / "input" / "data" / name

    def write_config(self, name, value):
        text = value if isinstance(value, str) else json.dumps(value)
        (self.base / "input" / "config" / name).write_text(text)

    def add_digits(self, channel="training", sub="", parts=("train", "t10k"), compress=False):
        folder = self.channel(channel) / sub
        folder.mkdir(parents=True, exist_ok=True)
        for part in parts:
            for name in (f"{part}-images-idx3-ubyte", f"{part}-labels-idx1-ubyte"):
                data = idx_bytes(name)
                (folder / (name + ".gz" if compress else name)).write_bytes(gzip.compress(data) if compress else data)
        return self

    def add_table(self, names=None, channel="training"):
        for path in (drawn_table() / "training").iterdir():
            if names is None or path.name in names:
                shutil.copy(path, self.channel(channel))
        return self

    def add_photographs(self, channels=("train", "validation"), classes=3, images=5):
        """One folder of drawn JPEGs per class."""
        for channel in channels:
            subprocess.run([os.environ["SMLT_DRAW_IMAGES"], self.channel(channel), str(classes), str(images)], check=True)
        return self

    def use_real(self, place, channel="training"):
        """Makes the channel a folder below SMLT_DATA; if it does not exist, the test is skipped."""
        data = os.environ.get("SMLT_DATA")
        source = pathlib.Path(data or "").resolve() / place
        if not data or not source.is_dir():
            raise unittest.SkipTest(f"a real data set is needed: {place} below SMLT_DATA")
        self.channel(channel).rmdir()
        self.channel(channel).symlink_to(source)
        return self

    def run(self, *arguments, environment=None, command=("train",)):
        variables = {"PATH": os.environ["PATH"], "SAGEMAKER_BASE_DIR": str(self.base), "OMP_NUM_THREADS": "1"}
        variables.update(environment or {})
        process = subprocess.run([PROGRAM, *command, *arguments], env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                 timeout=300)
        return Result(self, process)

    def mounts(self, data=None):
        """Options of `docker run` that mount the tree as both SDKs do (platform 10), each channel by itself.

        `data` replaces the folder of the channel `training`.
        """
        channels = sorted((self.base / "input/data").iterdir())
        pairs = [(self.base / "input", "input"), (self.base / "model", "model"), (self.base / "output", "output"),
                 (self.base / "output/data", "output/data")]
        pairs += [(data if data and path.name == "training" else path, f"input/data/{path.name}:ro") for path in channels]
        return [f"--volume={path}:/opt/ml/{target}" for path, target in pairs]

    def run_in_image(self, *options, command=("train",), data=None):
        """Like run(), by `docker run` with further options."""
        process = subprocess.run([docker(), "run", "--rm", *self.mounts(data), *options, IMAGE, *command],
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=600)
        return Result(self, process)

    def model_files(self):
        return sorted(path.name for path in (self.base / "model").iterdir())

    def manifest(self):
        return json.loads((self.base / "model" / "model.json").read_text())

    def journal(self):
        return [json.loads(line) for line in (self.base / "output/data/metrics.jsonl").read_text().splitlines()]


class Contract(unittest.TestCase):
    """Assertions on jobs."""

    maxDiff = None

    def assert_trained(self, result):
        self.assertEqual(result.code, 0, result.err)
        self.assertIsNone(result.failure)
        self.assertEqual(result.job.model_files(), ["model.json", "model.pt", "model.safetensors"])
        return result

    def assert_refused(self, result, *phrases, code=1):
        """One sentence on stderr's last line and in the failure file, the exit code, and nothing left behind."""
        self.assertEqual(result.code, code, result.err)
        for phrase in phrases:
            self.assertIn(phrase, result.last_error)
        self.assertEqual(result.failure, result.last_error[: 1024])
        self.assertLessEqual(len(result.failure.encode()), 1024)
        model = result.job.base / "model"
        if model.is_dir():
            self.assertEqual(list(model.iterdir()), [])
        leftovers = [path for path in result.job.base.rglob(".*")]
        self.assertEqual(leftovers, [])
        self.assertFalse((result.job.base / "output/data/metrics.jsonl").exists())
        return result
