"""How packages are confined on this machine, by the settings."""

import platform
from pathlib import Path

from p2ppool.confinement import policy
from p2ppool.confinement.launcher import Confinement
from p2ppool.errors import UserError
from p2ppool.settings import Settings


def confinement(config: Settings) -> Confinement | None:
    """Return how nodes on this machine are confined; None if they are not."""
    if config.local_node_confinement == "off":
        return None
    return Confinement(
        hidden=(config.data_folder, Path.home() / ".ssh"),
        readable=[Path(place) for place in config.local_node_readable.split(":") if place],
        memory=config.local_node_memory,
        tasks=config.local_node_tasks,
        group=config.local_node_group,
    )


def require_confinement(config: Settings) -> None:
    """Check that packages can be confined here, unless they need not be.

    Raises:
        UserError: they can't.
    """
    if config.local_node_confinement == "required" and (lack := policy.missing(platform.machine())):
        raise UserError(
            f"packages can't be confined on this machine: {lack}. To run them with all rights of this user "
            "all the same, set P2PPOOL_LOCAL_NODE_CONFINEMENT=off"
        )
