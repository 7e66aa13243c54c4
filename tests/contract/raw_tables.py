"""Tables as databases hold them: columns of different scales, whose classes show once the columns are scaled."""
import random
import statistics


def drawn(columns, rows=1200, seed=1):
    """(rows of numbers, classes): `columns` are functions of a random source; the class is whether the first column's
    scaled number and the last's have a sum above 0."""
    source = random.Random(seed)
    table = [[column(source) for column in columns] for _ in range(rows)]
    scaled = by_hand(table, table)
    return table, [int(row[0] + row[-1] > 0) for row in scaled]


def by_hand(table, training):
    """Each column minus the training rows' mean, divided by their deviation."""
    columns = list(zip(*training))
    means = [statistics.fmean(column) for column in columns]
    deviations = [statistics.pstdev(column, mean) or 1.0 for column, mean in zip(columns, means)]
    return [[(value - mean) / deviation for value, mean, deviation in zip(row, means, deviations)] for row in table]


# By kind: each a list of columns.
KINDS = {
    "age, tenure and usage": [lambda r: r.randint(18, 90), lambda r: r.randint(0, 4000), lambda r: 10 ** r.uniform(3, 9)],
    "time stamps and years": [lambda r: r.randint(1500000000, 1760000000), lambda r: r.randint(1990, 2025)],
    "tiny numbers beside others": [lambda r: r.gauss(0, 1e-6), lambda r: r.gauss(0, 1), lambda r: r.gauss(3e-6, 1e-6)],
    "one-hot beside large ones": [lambda r: r.uniform(0, 5e6), lambda r: r.randint(0, 1), lambda r: 7.5,
                                  lambda r: int(r.random() < 0.05), lambda r: r.gauss(1e5, 3e4)],
    "numbers whose squares no float holds": [lambda r: r.gauss(0, 1e30), lambda r: r.gauss(5e25, 1e25)],
}


def text(table, classes):
    """The table with the label first and no header."""
    return "".join(f"{label},{','.join(map(repr, row))}\n" for label, row in zip(classes, table))
