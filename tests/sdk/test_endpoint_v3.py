"""Endpoints and batch transforms of the SageMaker SDK 3 in local mode."""
from endpoint_cases import Cases, LocalEndpoint


class Version3(LocalEndpoint, Cases):
    program = "endpoint_v3.py"
