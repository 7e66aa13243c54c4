"""Simulates the tuning service: draws values from a request's ranges, runs their jobs with the built program as training
jobs are run, and reads the objective from what they print."""
import concurrent.futures
import math
import random
import re
import struct

from platform_tree import Job


def spelled(value, number):
    """A double as one program or another prints it: the same value in any spelling."""
    mantissa, exponent = f"{value:.16E}".split("E")
    return (repr(value), f"{value:.17g}", f"{mantissa}E{int(exponent)}", f"{value:.16e}")[number % 4]


def from_range(low, high, scaling, share):
    """The value at `share` (0 to 1) between the two. Auto: logarithmic over two orders of magnitude and more."""
    if scaling == "Logarithmic" or (scaling == "Auto" and low > 0 and high / low >= 99):
        return min(max(math.exp(math.log(low) + share * math.log(high / low)), low), high)
    return low + share * (high - low)


class Service:
    """One tuning job. `put_data(job)` fills the channels of a training job's tree."""

    def __init__(self, case, request, put_data, checkpoints=None):
        self.case = case
        self.config = request["HyperParameterTuningJobConfig"]
        self.definition = request["TrainingJobDefinition"]
        self.name = request["HyperParameterTuningJobName"]
        self.objective = self.config["HyperParameterTuningJobObjective"]
        self.metrics = self.definition["AlgorithmSpecification"]["MetricDefinitions"]
        self.put_data = put_data
        self.checkpoints = checkpoints  # what the jobs' checkpoint prefix holds
        self.started = 0

    def draw(self, count):
        """Values for this many jobs: both ends of each range, then random ones; each categorical value in turn."""
        chance = random.Random(6)
        ranges = self.config["ParameterRanges"]
        drawn = []
        for number in range(count):
            share = (1.0, 0.0)[number] if number < 2 else chance.random()
            values = {}
            for each in ranges.get("ContinuousParameterRanges", []):
                value = from_range(float(each["MinValue"]), float(each["MaxValue"]), each["ScalingType"], share)
                values[each["Name"]] = spelled(value, number)
            for each in ranges.get("IntegerParameterRanges", []):
                value = from_range(int(each["MinValue"]), int(each["MaxValue"]), each["ScalingType"], 1 - share)
                values[each["Name"]] = str(round(value))
            for each in ranges.get("CategoricalParameterRanges", []):
                values[each["Name"]] = each["Values"][number % len(each["Values"])]
            drawn.append(values)
        return drawn

    def run(self, drawn):
        """Runs a job with each of the values, as many at once as the request allows; their results, in order."""
        parallel = self.config["ResourceLimits"]["MaxParallelTrainingJobs"]
        with concurrent.futures.ThreadPoolExecutor(parallel) as jobs:
            running = [jobs.submit(self.job(values).run, environment=self.environment()) for values in drawn]
            return [each.result() for each in running]

    def job(self, values):
        """The tree of one training job."""
        channels = [channel["ChannelName"] for channel in self.definition["InputDataConfig"]]
        hyperparameters = {**self.definition["StaticHyperParameters"], **values,
                           "_tuning_objective_metric": self.objective["MetricName"]}
        job = Job(self.case, hyperparameters, channels)
        job.write_config("inputdataconfig.json", {
            channel["ChannelName"]: {
                "TrainingInputMode": "File", "RecordWrapperType": "None",
                "S3DistributionType": channel["DataSource"]["S3DataSource"].get("S3DataDistributionType", "FullyReplicated"),
                **({"ContentType": channel["ContentType"]} if "ContentType" in channel else {})}
            for channel in self.definition["InputDataConfig"]})
        resources = self.definition.get("ResourceConfig") or self.definition["HyperParameterTuningResourceConfig"]
        instance = resources["InstanceType"]
        group = {"instance_group_name": "homogeneousCluster", "instance_type": instance, "hosts": ["algo-1"]}
        job.write_config("resourceconfig.json", {
            "current_host": "algo-1", "current_instance_type": instance, "current_group_name": "homogeneousCluster",
            "hosts": ["algo-1"], "instance_groups": [group], "network_interface_name": "eth0"})
        job.write_config("metric-definition-regex.json", self.metrics)
        if "CheckpointConfig" in self.definition:
            (job.base / "checkpoints").symlink_to(self.checkpoints)
        self.put_data(job)
        return job

    def environment(self):
        self.started += 1
        name = f"{self.name}-{self.started:03}-0a1b2c3d"
        return {"TRAINING_JOB_NAME": name, "AWS_REGION": "us-west-2", "NVIDIA_VISIBLE_DEVICES": "void",
                "TRAINING_JOB_ARN": f"arn:aws:sagemaker:us-west-2:111122223333:training-job/{name}",
                "OMP_NUM_THREADS": "2", **self.definition.get("Environment", {})}

    def readings(self, result, metric):
        """The values of a metric: of each line of both streams the first match's group, a float32, or no value."""
        regex = next(each["Regex"] for each in self.metrics if each["Name"] == metric)
        matches = (re.search(regex, line) for line in (result.out + result.err).splitlines())
        return [value for match in matches if match and (value := as_float32(match.group(1))) is not None]

    def final_objective(self, result):
        """The latest that the job has printed (platform 9), or None: the service counts such a job as failed."""
        return (self.readings(result, self.objective["MetricName"]) or [None])[-1]


def as_float32(text):
    try:
        value = float(text)
    except ValueError:
        return None
    return struct.unpack("f", struct.pack("f", value))[0] if math.isfinite(value) else None
