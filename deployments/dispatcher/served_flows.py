"""Which flows are served, and making them known to Prefect: each as a deployment of its own name."""

from importlib import import_module
from typing import Any

from prefect import Flow
from prefect.deployments.runner import RunnerDeployment
from prefect.types.entrypoint import EntrypointType

from deployments.dispatcher.registration import SERVED


def _load(name: str) -> Flow[Any, Any]:
    """Load the flow of that name, which stands in the file of that name."""
    word = name.replace("-", "_")
    flow = getattr(import_module(f"flows.{word}"), word)
    assert isinstance(flow, Flow) and flow.name == name  # noqa: S101, PT018 - a slip in the flow's file
    return flow


FLOWS = {name: _load(name) for name in SERVED}
"""Every flow that is served, by name."""


def register() -> None:
    """Make or bring up to date every deployment; the desk then finds their runs.

    Their schedules stay as they are: they are the pools'. Told of none, Prefect would take away those of all
    pools as soon as a single one has no slug, as one that was made in its UI may have.
    """
    for flow in FLOWS.values():
        deployment = RunnerDeployment.from_flow(flow, flow.name, entrypoint_type=EntrypointType.MODULE_PATH)
        deployment.model_fields_set.discard("schedules")
        deployment.apply()


if __name__ == "__main__":
    register()
