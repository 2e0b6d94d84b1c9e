"""Serves the flows: each is a deployment of its own name, run in a process of its own."""

from prefect import serve
from prefect.deployments.runner import RunnerDeployment
from prefect.types.entrypoint import EntrypointType

from flows.crawl import crawl
from flows.create import create
from p2ppool.settings import settings

FLOWS = (create, crawl)


def main() -> None:
    """Serve until a signal."""
    serve(
        *(
            RunnerDeployment.from_flow(flow, flow.name, entrypoint_type=EntrypointType.MODULE_PATH)
            for flow in FLOWS
        ),
        pause_on_shutdown=False,  # a restart must not silently end the schedules
        print_starting_message=False,
        limit=settings().flow_processes,
    )


if __name__ == "__main__":
    main()
