"""The served flows, and registering each with Prefect as a deployment of its own name."""

from importlib import import_module
from typing import Any

from prefect import Flow
from prefect.deployments.runner import RunnerDeployment
from prefect.types.entrypoint import EntrypointType

from deployments.dispatcher.registration import SERVED


def _load(name: str) -> Flow[Any, Any]:
    """Load the flow of that name, from the file of that name."""
    word = name.replace("-", "_")
    flow = getattr(import_module(f"flows.{word}"), word)
    assert isinstance(flow, Flow) and flow.name == name  # noqa: S101, PT018 - a slip in the flow's file
    return flow


FLOWS = {name: _load(name) for name in SERVED}
"""All served flows, by name."""


def register() -> None:
    """Create or update every deployment, so that the dispatcher finds their runs.

    Schedules are left alone: they belong to the pools. Given none, Prefect would remove those of all pools as
    soon as a single one has no slug, like one made in its UI.
    """
    for flow in FLOWS.values():
        deployment = RunnerDeployment.from_flow(flow, flow.name, entrypoint_type=EntrypointType.MODULE_PATH)
        deployment.model_fields_set.discard("schedules")
        deployment.apply()


if __name__ == "__main__":
    register()
