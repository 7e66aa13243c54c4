"""Tuning jobs as the SageMaker SDK 3 requests them."""
import tuning_request
from tuning_cases import Cases, Tuning
from tuning_request import IMAGE, MNIST, ROLE

from sagemaker.core.helper.session_helper import Session
from sagemaker.train import ModelTrainer, tuner as sdk
from sagemaker.train.configs import CheckpointConfig, Compute, OutputDataConfig

class Version3(Tuning, Cases):
    def tuner_request(self, tutorial, hyperparameters=None, checkpoint_uri=None):
        trainer = ModelTrainer(
            training_image=IMAGE, role=ROLE, compute=Compute(instance_type=tutorial.instance_type, instance_count=1),
            hyperparameters={**tutorial.hyperparameters, **(hyperparameters or {})},
            checkpoint_config=CheckpointConfig(s3_uri=checkpoint_uri) if checkpoint_uri else None,
            output_data_config=OutputDataConfig(s3_output_path="s3://bucket/output"),
            sagemaker_session=Session(tuning_request.boto_session(), default_bucket="bucket"))
        tuner = tuning_request.tuner(sdk, trainer, tutorial)
        return tuning_request.request_of(lambda: tuner.tune(tutorial.inputs(), wait=False))

    def test_the_requests_have_the_encodings_that_are_to_be_read(self):
        mnist = self.tuner_request(MNIST)
        ranges = mnist["HyperParameterTuningJobConfig"]["ParameterRanges"]
        self.assertEqual(ranges["CategoricalParameterRanges"][0]["Values"], ["32", "64", "128", "256", "512"])
        self.assertEqual(mnist["TrainingJobDefinition"]["StaticHyperParameters"], {"epochs": "6", "backend": "gloo"})
