"""Which flows are served, and making them known to Prefect: each as a deployment of its own name."""

from prefect.deployments.runner import RunnerDeployment
from prefect.types.entrypoint import EntrypointType

from flows.check import check
from flows.crawl import crawl
from flows.create import create
from flows.export_csv import export_csv
from flows.gather_logs import gather_logs
from flows.gather_results import gather_results
from flows.install import install
from flows.resume import resume
from flows.stop import stop
from flows.suspend import suspend
from flows.uninstall_check import uninstall_check
from flows.upgrade import upgrade
from flows.verify import verify

FLOWS = {
    flow.name: flow
    for flow in (
        create,
        install,
        upgrade,
        suspend,
        resume,
        stop,
        uninstall_check,
        check,
        crawl,
        gather_logs,
        gather_results,
        verify,
        export_csv,
    )
}


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
