"""Checks of what packages may do on this machine, as local nodes and as nodes of the host `manager`."""

import platform
from collections.abc import Iterator
from pathlib import Path

from p2ppool.confinement import landlock, policy
from p2ppool.doctor.finding import Finding, Level
from p2ppool.pools.definition.cautions import cautions_of
from p2ppool.pools.definition.confinement import confinement
from p2ppool.pools.rollout import local_node
from p2ppool.settings import Settings
from p2ppool.store.models import Pool

_SUBJECT = "confinement"
_RESTART = "suspend and resume the pool to restart it"


def confinement_findings(config: Settings) -> Iterator[Finding]:
    """Check whether packages are confined, and by what."""
    confined, lack, version = confinement(config), policy.missing(platform.machine()), landlock.version()
    if confined is None:
        text = "off: packages run with all rights of this user and can read every secret"
        yield Finding(Level.WARNING, _SUBJECT, f"{text} (P2PPOOL_LOCAL_NODE_CONFINEMENT)")
    elif lack:
        text = f"packages can't be confined, so no local node starts: {lack}"
        yield Finding(Level.PROBLEM, _SUBJECT, text)
    else:
        where = f"the control group {confined.group}" if confined.group else "limits of processes"
        text = (
            f"packages are confined by Landlock {version} and a system call filter; "
            f"memory and processes by {where}"
        )
        yield Finding(Level.OK, _SUBJECT, text)
        yield from _ports(version)


def _ports(version: int) -> Iterator[Finding]:
    if not landlock.limits_ports(version):
        text = (
            "this kernel can't limit the TCP ports of packages: one could use services of this machine that "
            "ask for no sign-in; Linux 6.7 or newer can"
        )
        yield Finding(Level.WARNING, _SUBJECT, text)


def pool_findings(pool: Pool, config: Settings) -> Iterator[Finding]:
    """Check one pool: whether its local node runs confined, and what its manager should know."""
    subject = f"pool {pool.name}"
    if runs_unconfined(pool, config) and config.local_node_confinement == "required":
        text = f"its local node runs unconfined, since before that was required: {_RESTART}"
        yield Finding(Level.PROBLEM, subject, text)
    for caution in cautions_of(pool):
        yield Finding(Level.WARNING, subject, caution)


def runs_unconfined(pool: Pool, config: Settings) -> bool:
    """Return whether the pool's local node runs without a system call filter."""
    known = local_node.process_of(pool, config)
    if known is None:
        return False
    try:
        status = Path(f"/proc/{known[0]}/status").read_text()
    except OSError:
        return False  # it does not run
    return "\nSeccomp:\t2\n" not in status
