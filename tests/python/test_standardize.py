"""model.pt of a table with different scales takes raw rows in plain PyTorch, and scales them as numpy does."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import numpy as np
import safetensors.numpy
import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "contract"))
import raw_tables  # noqa: E402

PROGRAM = os.environ["SMLT_PROGRAM"]


def train(base, table, classes):
    channel = base / "input/data/train"
    for folder in (channel, base / "model", base / "output/data"):
        folder.mkdir(parents=True)
    (channel / "table.csv").write_text(raw_tables.text(table, classes))
    command = [PROGRAM, "train", "--num-epochs", "3", "--learning-rate", "0.1"]
    environment = {"SAGEMAKER_BASE_DIR": str(base), "PATH": os.environ["PATH"]}
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)


def scores_by_hand(weights, rows, mean, deviation):
    hidden = np.maximum((rows - mean) / deviation @ weights["fc1.weight"].T + weights["fc1.bias"], 0)
    return 1 / (1 + np.exp(-np.maximum(hidden @ weights["fc2.weight"].T + weights["fc2.bias"], 0)))


class Standardize(unittest.TestCase):
    def test_the_script_scales_raw_rows_as_numpy_does(self):
        for kind, columns in raw_tables.KINDS.items():
            with self.subTest(kind), tempfile.TemporaryDirectory() as folder:
                base = pathlib.Path(folder)
                table, classes = raw_tables.drawn(columns, rows=300)
                train(base, table, classes)
                rows = np.array(table, np.float32)
                exact = rows.astype(np.float64)
                mean, deviation = exact.mean(axis=0), exact.std(axis=0)
                constant = deviation < 1e-9 * abs(mean)
                deviation[constant] = 1
                weights = safetensors.numpy.load_file(base / "model/model.safetensors")
                np.testing.assert_allclose(weights["mean"], mean, rtol=1e-6, atol=1e-6 * deviation.min())
                np.testing.assert_allclose(weights["std"], deviation, rtol=1e-6)
                script = torch.jit.load(base / "model/model.pt").eval()
                self.assertEqual({name for name, _ in script.named_buffers()}, {"mean", "std"})
                self.assertEqual(set(script.state_dict()), set(weights))
                with torch.no_grad():
                    found = script(torch.from_numpy(rows)).numpy()
                np.testing.assert_allclose(found, scores_by_hand(weights, exact, mean, deviation), atol=1e-4)
                self.assertEqual(json.loads((base / "model/model.json").read_text())["input"]["shape"], [None, len(columns)])


if __name__ == "__main__":
    unittest.main()
