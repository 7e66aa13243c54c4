"""The drawn table has the statistics of what scikit-learn's make_classification draws for the tutorial.

Of five seeds of scikit-learn 1.9: rank 10; shares of the classes 0.498 to 0.500, 0.250 to 0.252 and 0.249 to 0.251; the
root of the mean square 2.97 to 3.34; the largest mean of a feature 1.97 to 2.71; standard deviations from 1.51 to 5.46.
"""

import os
import pathlib
import subprocess
import tempfile
import unittest

import numpy as np

PARTS = (("training", "train", 6400), ("training", "validation", 1600), ("test", "test", 2000))


def drawn(folder, *options):
    subprocess.run([os.environ["SMLT_DRAW_TABLE"], folder, *options], check=True)
    features, classes = [], []
    for place, part, rows in PARTS:
        x, y = (pathlib.Path(folder, place, f"{half}_{part}.csv") for half in "Xy")
        assert x.read_text().split("\n", 1)[0] == ",".join(map(str, range(15)))
        assert y.read_text().split("\n", 1)[0] == "0"
        features.append(np.loadtxt(x, delimiter=",", skiprows=1))
        classes.append(np.loadtxt(y, dtype=int, skiprows=1))
        assert features[-1].shape == (rows, 15) and classes[-1].shape == (rows,)
    return np.concatenate(features), np.concatenate(classes)


class DrawTable(unittest.TestCase):
    def test_the_statistics(self):
        for seed in range(1, 4):
            with self.subTest(seed), tempfile.TemporaryDirectory() as folder:
                x, y = drawn(folder, "--seed", str(seed))
                self.assertEqual(np.linalg.matrix_rank(x), 10)
                np.testing.assert_allclose(np.bincount(y) / len(y), (0.4983, 0.2508, 0.2508), atol=0.006)
                self.assertTrue(2.4 < np.sqrt((x**2).mean()) < 4)
                self.assertTrue(1 < abs(x.mean(axis=0)).max() < 4)
                self.assertTrue(0.9 < x.std(axis=0).min() and x.std(axis=0).max() < 7)

    def test_a_seed_is_a_data_set(self):
        with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
            np.testing.assert_array_equal(drawn(one, "--seed", "5")[0], drawn(other, "--seed", "5")[0])


if __name__ == "__main__":
    unittest.main()
