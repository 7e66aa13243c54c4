"""A training job, then its endpoint and a batch transform, through the SageMaker SDK 3: endpoint_v3.py JSON.

ModelBuilder knows AWS's model servers only; what serves any image is the local session.
"""
import json
import pathlib
import sys

import numpy
from sagemaker.core.deserializers import CSVDeserializer, JSONDeserializer, NumpyDeserializer
from sagemaker.core.local.local_session import LocalSession
from sagemaker.core.serializers import CSVSerializer, JSONSerializer, NumpySerializer
from sagemaker.train import ModelTrainer
from sagemaker.train.configs import Compute, InputData
from sagemaker.train.model_trainer import Mode

job = json.loads(sys.argv[1])
trainer = ModelTrainer(
    training_image=job["image"], training_mode=Mode.LOCAL_CONTAINER, hyperparameters=job["hyperparameters"],
    compute=Compute(instance_type="local_cpu", instance_count=1), local_container_root=job["results"])
trainer.train(input_data_config=[InputData(channel_name="training", data_source=job["data"])], wait=True)
archive = next(pathlib.Path(job["results"]).rglob("model.tar.gz"))

session = LocalSession()
session.config = {"local": {"serving_port": job["port"]}}
client, runtime = session.sagemaker_client, session.sagemaker_runtime_client
client.create_model("digits", {"Image": job["image"], "ModelDataUrl": f"file://{archive}", "Environment": {}})
client.create_endpoint_config("digits", [{
    "ModelName": "digits", "VariantName": "AllTraffic", "InitialInstanceCount": 1, "InstanceType": "local"}])
client.create_endpoint("digits", "digits")

requests = pathlib.Path(job["requests"])
digits = numpy.load(requests / "digits.npy")
rows = digits.reshape(len(digits), 784)


def invoke(data, serializer, deserializer, **arguments):
    accept = deserializer.ACCEPT[0]
    return runtime.invoke_endpoint(serializer.serialize(data), "digits", serializer.CONTENT_TYPE, accept, **arguments)


def predict(data, serializer, deserializer):
    answer = invoke(data, serializer, deserializer)
    return deserializer.deserialize(answer["Body"], answer["ContentType"])


npy = predict(digits, NumpySerializer(), NumpyDeserializer())
echoed = invoke(rows[0], JSONSerializer(), JSONDeserializer(), CustomAttributes="trace=7")
refused = invoke([1, 2, 3], JSONSerializer(), JSONDeserializer())
plain = runtime.invoke_endpoint((requests / "digits.npy").read_bytes(), "digits")
image = runtime.invoke_endpoint((requests / "digit.png").read_bytes(), "digits", "image/png", "application/json")
answers = {
    "npy": npy.tolist(),
    "npy type": [str(npy.dtype), list(npy.shape)],
    "json": predict(digits, JSONSerializer(), JSONDeserializer()),
    "csv": [[float(value) for value in row] for row in predict(rows, CSVSerializer(), CSVDeserializer())],
    "json for csv": predict(rows, CSVSerializer(), JSONDeserializer()),
    "plain": json.loads(plain["Body"].read()),  # bytes of no type, any answer
    "image": json.loads(image["Body"].read()),
    "attributes": echoed["ResponseMetadata"]["HTTPHeaders"]["X-Amzn-SageMaker-Custom-Attributes"],
    "error": json.loads(refused["Body"].read()),
    "statuses": [answer["ResponseMetadata"]["HTTPStatusCode"] for answer in (echoed, refused)]}
client.delete_endpoint("digits")

for name, kind in job["transforms"].items():
    given = {"SplitType": kind["split_type"], "AssembleWith": kind["assemble_with"], "Accept": kind["accept"]}
    options = {option: value for option, value in given.items() if value is not None}
    client.create_transform_job(
        TransformJobName=name, ModelName="digits", BatchStrategy=kind["strategy"], Environment=kind["environment"],
        TransformInput={"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"file://{requests}/{kind['folder']}"}},
                        "ContentType": kind["content_type"], **{key: options.pop(key) for key in ["SplitType"] if key in options}},
        TransformOutput={"S3OutputPath": f"file://{job['results']}/transformed/{name}", **options},
        TransformResources={"InstanceType": "local", "InstanceCount": 1})
with open(job["results"] + "/answers.json", "w", encoding="utf-8") as file:
    json.dump(answers, file)
