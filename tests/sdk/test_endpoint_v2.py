"""Endpoints and batch transforms of the SageMaker SDK 2 in local mode."""
from endpoint_cases import Cases, LocalEndpoint


class Version2(LocalEndpoint, Cases):
    program = "endpoint_v2.py"
