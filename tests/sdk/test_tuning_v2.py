"""Tuning jobs as the SageMaker SDK 2 requests them."""
import pathlib
import tempfile

import tuning_cases
import tuning_request
from tuning_cases import Cases, Tuning
from tuning_request import BIRDS, IMAGE, MNIST, ROLE, TABULAR

from sagemaker import Session, tuner as sdk
from sagemaker.estimator import Estimator
from sagemaker.pytorch import PyTorch

class Version2(Tuning, Cases):
    def estimator(self, tutorial, generic, hyperparameters, checkpoint_uri):
        """The tutorial's PyTorch with its script, only the image being ours; or an Estimator, which needs no script."""
        common = {"image_uri": IMAGE, "role": ROLE, "instance_count": 1, "instance_type": tutorial.instance_type,
                  "output_path": "s3://bucket/output", "checkpoint_s3_uri": checkpoint_uri,
                  "hyperparameters": {**tutorial.hyperparameters, **hyperparameters},
                  "sagemaker_session": Session(tuning_request.boto_session(), default_bucket="bucket")}
        if generic:
            return Estimator(**common)
        folder = tempfile.TemporaryDirectory(prefix="smlt-script-")
        self.addCleanup(folder.cleanup)
        (pathlib.Path(folder.name) / tutorial.script).write_text("raise SystemExit('never run')\n")
        return PyTorch(entry_point=tutorial.script, source_dir=folder.name, framework_version="1.4.0", py_version="py3",
                       code_location="s3://bucket/code", **common)

    def tuner_request(self, tutorial, generic=False, hyperparameters=None, checkpoint_uri=None):
        estimator = self.estimator(tutorial, generic, hyperparameters or {}, checkpoint_uri)
        tuner = tuning_request.tuner(sdk, estimator, tutorial)
        return tuning_request.request_of(lambda: tuner.fit(tutorial.inputs(), wait=False))

    def test_the_requests_have_the_encodings_that_are_to_be_read(self):
        mnist = self.tuner_request(MNIST)
        ranges = mnist["HyperParameterTuningJobConfig"]["ParameterRanges"]
        self.assertEqual(ranges["CategoricalParameterRanges"][0]["Values"], ['"32"', '"64"', '"128"', '"256"', '"512"'])
        fixed = mnist["TrainingJobDefinition"]["StaticHyperParameters"]
        self.assertEqual((fixed["epochs"], fixed["backend"], fixed["sagemaker_program"]), ("6", '"gloo"', '"mnist.py"'))
        self.assertIn("sagemaker_submit_directory", fixed)
        birds = self.tuner_request(BIRDS)["TrainingJobDefinition"]["StaticHyperParameters"]
        self.assertEqual({"initial_epochs", "dropout"} & set(birds), set())
        generic = self.tuner_request(TABULAR, generic=True)["HyperParameterTuningJobConfig"]["ParameterRanges"]
        self.assertEqual(generic["CategoricalParameterRanges"][0]["Values"], ["5", "10"])

    def test_an_estimator_without_a_script(self):
        service = self.service(MNIST, tuning_cases.put_digits, generic=True)
        self.tune(service, service.draw(2), lambda metrics: f"{metrics['validation_loss']:.4f}")
