"""A training job, then its endpoint and a batch transform, through the SageMaker SDK 2: endpoint_v2.py JSON."""
import json
import sys

import numpy
from sagemaker.deserializers import CSVDeserializer, JSONDeserializer, NumpyDeserializer
from sagemaker.estimator import Estimator
from sagemaker.local import LocalSession
from sagemaker.predictor import Predictor
from sagemaker.serializers import CSVSerializer, IdentitySerializer, JSONSerializer, NumpySerializer

job = json.loads(sys.argv[1])
session = LocalSession()
session.config = {"local": {"serving_port": job["port"]}}
estimator = Estimator(
    image_uri=job["image"], role="arn:aws:iam::111122223333:role/unused", instance_type="local", instance_count=1,
    output_path="file://" + job["results"], hyperparameters=job["hyperparameters"], sagemaker_session=session)
estimator.fit({"training": "file://" + job["data"]})

digits = numpy.load(job["requests"] + "/digits.npy")
rows = digits.reshape(len(digits), 784)
endpoint = estimator.deploy(initial_instance_count=1, instance_type="local")


def predict(data, serializer, deserializer, **arguments):
    return Predictor(endpoint.endpoint_name, session, serializer, deserializer).predict(data, **arguments)


def content(name):
    with open(f"{job['requests']}/{name}", "rb") as file:
        return file.read()


npy = predict(digits, NumpySerializer(), NumpyDeserializer())
raw = session.sagemaker_runtime_client.invoke_endpoint(
    json.dumps(rows[0].tolist()), endpoint.endpoint_name, "application/json", "application/json", CustomAttributes="trace=7")
answers = {
    "npy": npy.tolist(),
    "npy type": [str(npy.dtype), list(npy.shape)],
    "json": predict(digits, JSONSerializer(), JSONDeserializer(), initial_args={"CustomAttributes": "trace=6"}),
    "csv": [[float(value) for value in row] for row in predict(rows, CSVSerializer(), CSVDeserializer())],
    "json for csv": predict(rows, CSVSerializer(), JSONDeserializer()),
    "plain": json.loads(endpoint.predict(content("digits.npy"))),  # bytes of no type, any answer
    "image": predict(content("digit.png"), IdentitySerializer("image/png"), JSONDeserializer()),
    "attributes": raw["Body"].headers["X-Amzn-SageMaker-Custom-Attributes"],
    "error": predict([1, 2, 3], JSONSerializer(), JSONDeserializer())}
endpoint.delete_endpoint()

for name, kind in job["transforms"].items():
    transformer = estimator.transformer(
        instance_count=1, instance_type="local", strategy=kind["strategy"], accept=kind["accept"],
        assemble_with=kind["assemble_with"], env=kind["environment"], output_path=f"file://{job['results']}/transformed/{name}")
    # Logs come from AWS even in local mode.
    transformer.transform(f"file://{job['requests']}/{kind['folder']}", content_type=kind["content_type"],
                          split_type=kind["split_type"], logs=False)
with open(job["results"] + "/answers.json", "w", encoding="utf-8") as file:
    json.dump(answers, file)
