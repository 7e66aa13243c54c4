"""One training job through the SageMaker SDK 3: job_v3.py JSON."""
import json
import sys

from sagemaker.train import ModelTrainer
from sagemaker.train.configs import Compute, InputData
from sagemaker.train.model_trainer import Mode

job = json.loads(sys.argv[1])
trainer = ModelTrainer(
    training_image=job["image"], training_mode=Mode.LOCAL_CONTAINER, hyperparameters=job["hyperparameters"],
    compute=Compute(instance_type="local_cpu", instance_count=job["hosts"]), local_container_root=job["results"])
trainer.train(input_data_config=[InputData(channel_name="training", data_source=job["data"])], wait=True)
