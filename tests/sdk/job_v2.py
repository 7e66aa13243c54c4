"""One training job through the SageMaker SDK 2: job_v2.py JSON."""
import json
import sys

from sagemaker.estimator import Estimator
from sagemaker.local import LocalSession

job = json.loads(sys.argv[1])
estimator = Estimator(
    image_uri=job["image"], role="arn:aws:iam::111122223333:role/unused", instance_type="local", instance_count=job["hosts"],
    output_path="file://" + job["results"], hyperparameters=job["hyperparameters"], sagemaker_session=LocalSession())
estimator.fit({"training": "file://" + job["data"]})
