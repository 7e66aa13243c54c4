"""make_csv.py FILE MEGABYTES DECIMALS: 15 columns of normal numbers, with that many decimals or (0) as repr writes them."""

import sys

import numpy as np
import pandas as pd

path, megabytes, decimals = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
numbers = np.random.default_rng(1).normal(size=(100_000, 15)) * 2
rows = pd.DataFrame(numbers.round(decimals) if decimals else numbers).to_csv(index=False, header=False)
with open(path, "w", encoding="ascii") as file:
    for _ in range(max(1, megabytes * 1_000_000 // len(rows))):
        file.write(rows)
