"""The tuned tutorials, and what an SDK's tuner sends for them.

The SDK is real down to botocore, which sends nothing: `answer` stands where the network would be.
"""
import dataclasses
import io
import json
import os
import pathlib

os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
os.environ["SAGEMAKER_SUPPRESS_V2_WARNING"] = "1"
# Before an SDK is imported.
os.environ["SAGEMAKER_USER_CONFIG_OVERRIDE"] = str(pathlib.Path(__file__).with_name("no-telemetry.yaml"))

import boto3
from botocore.awsrequest import AWSResponse

ROLE = "arn:aws:iam::111122223333:role/unused"
IMAGE = "111122223333.dkr.ecr.us-west-2.amazonaws.com/sagemaker-libtorch:cpu"
TEST_SET = r"Test set: Average loss: ([0-9\.]+)"


@dataclasses.dataclass(frozen=True)
class Tutorial:
    """What a tutorial's notebook passes to the estimator and the tuner."""
    script: str
    instance_type: str
    channels: tuple
    hyperparameters: dict
    ranges: dict  # name to the kind of range and the arguments of its constructor
    objective: str
    objective_type: str
    metrics: dict
    max_jobs: int
    max_parallel_jobs: int

    def definitions(self):
        return [{"Name": name, "Regex": regex} for name, regex in self.metrics.items()]

    def inputs(self):
        return {channel: f"s3://bucket/{channel}" for channel in self.channels}


TABULAR = Tutorial(
    script="pytorch_synthetic_data_entry.py", instance_type="ml.c4.xlarge", channels=("training",),
    hyperparameters={"num-epochs": 10, "learning-rate": 0.005, "batch-size": 32, "test-batch-size": 32},
    ranges={"num-epochs": ("Categorical", [5, 10])}, objective="average test loss", objective_type="Minimize",
    metrics={"average test loss": TEST_SET}, max_jobs=2, max_parallel_jobs=2)
MNIST = Tutorial(
    script="mnist.py", instance_type="ml.m4.xlarge", channels=("training",), hyperparameters={"epochs": 6, "backend": "gloo"},
    ranges={"lr": ("Continuous", 0.001, 0.1), "batch-size": ("Categorical", [32, 64, 128, 256, 512])},
    objective="average test loss", objective_type="Minimize", metrics={"average test loss": TEST_SET}, max_jobs=9,
    max_parallel_jobs=3)
BIRDS = Tutorial(
    script="train-resnet.py", instance_type="ml.c5.4xlarge", channels=("train", "validation", "test"),
    hyperparameters={"initial_epochs": 5, "dropout": 0.5, "data_dir": "/opt/ml/input/data"},
    ranges={"initial_epochs": ("Integer", 5, 20), "dropout": ("Continuous", 0.2, 0.7)},
    objective="validation:acc", objective_type="Maximize",
    metrics={"validation:acc": ".*Test accuracy: (.*$)", "validation:loss": ".*Test loss: (.*).. Test ac.*",
             "train:loss": ".*Train loss: (.*).. Test lo.*"}, max_jobs=6, max_parallel_jobs=2)


def tuner(sdk, trainer, tutorial):
    """The tuner of an SDK's module with what the tutorial gives to it."""
    ranges = {name: getattr(sdk, kind + "Parameter")(*arguments) for name, (kind, *arguments) in tutorial.ranges.items()}
    return sdk.HyperparameterTuner(
        trainer, tutorial.objective, ranges, tutorial.definitions(), objective_type=tutorial.objective_type,
        max_jobs=tutorial.max_jobs, max_parallel_jobs=tutorial.max_parallel_jobs)


class Sent(Exception):
    """Carries the tuner's request, as JSON, out of the SDK."""


def answer(request, event_name, **_):
    """Ends the SDK's part at the tuner's request. Storage accepts every upload; everything else is refused."""
    if event_name.endswith(".CreateHyperParameterTuningJob"):
        raise Sent(json.loads(request.body))
    is_storage = ".s3." in event_name
    body = b"" if is_storage else b"<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>"
    response = AWSResponse(request.url, 200 if is_storage else 403, {}, io.BytesIO(body))
    response._content = body
    return response


def boto_session():
    session = boto3.Session(region_name="us-west-2", aws_access_key_id="none", aws_secret_access_key="none")
    session.events.register("before-send", answer)
    return session


def request_of(start):
    """The request that `start`, a call to the tuner, would send."""
    try:
        start()
    except Sent as sent:
        return sent.args[0]
    raise AssertionError("the tuner has sent no request")
