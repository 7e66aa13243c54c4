"""The job of the tutorial on synthetic data: its hyperparameters and its table, row by row."""
from platform_tree import drawn_table

# As the SDK sends them: JSON strings; the script declares both batch sizes as float.
TUTORIAL = {"num-epochs": "3", "learning-rate": "0.005", "batch-size": "32.0", "test-batch-size": "32"}


def rows_of(name):
    return drawn_table().joinpath("training", name).read_text().splitlines()[1:]


def labelled(part):
    """The table of one part as SageMaker's own algorithms read it: the label first, no header."""
    return [f"{y},{x}" for x, y in zip(rows_of(f"X_{part}.csv"), rows_of(f"y_{part}.csv"))]
