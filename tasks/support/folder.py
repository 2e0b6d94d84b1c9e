"""A pool's folder on a host: the agent's request for it, and removing its content."""

from collections.abc import Mapping

from p2ppool.actions.held_turn import HeldTurn
from p2ppool.fleet.agent import verbs
from p2ppool.fleet.agent.verbs import FolderRequest
from p2ppool.fleet.fan_out.host_job import Job
from p2ppool.fleet.transport.connection import Connection
from p2ppool.settings import settings
from p2ppool.store.manager_id import manager_id
from p2ppool.store.models import Pool


def folder_request(held: HeldTurn, pool: Pool) -> FolderRequest:
    """Build the request for the pool's folder, with the fence of this turn."""
    manager = manager_id(settings().data_folder)
    return FolderRequest(base=pool.install_path, pool=pool.token, fence=held.fence, manager=manager)


def uninstall_from(folder: FolderRequest) -> Job:
    """Build the job that stops the node and removes everything but the fence."""

    def uninstall(connection: Connection) -> Mapping[str, str]:
        return {**verbs.remove(connection, folder), "digest": ""}

    return uninstall
