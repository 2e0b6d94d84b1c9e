"""Limits from the settings, in the form that each part of the domain needs."""

from dataclasses import replace
from typing import Final

from p2ppool.fleet.host.limits import FleetLimits
from p2ppool.overlay.crawler import CrawlLimits
from p2ppool.pools.definition.confinement import confinement
from p2ppool.settings import Settings

_SAMPLING_STEP: Final = 10.0  # seconds
_SAMPLING_DEADLINE: Final = 20.0


def fleet_limits(config: Settings) -> FleetLimits:
    """Return the limits of a fan-out."""
    confined = confinement(config)
    return FleetLimits(
        workers=config.ssh_workers,
        connecting=config.ssh_connecting,
        connect_timeout=config.ssh_connect_timeout,
        banner_timeout=config.ssh_banner_timeout,
        auth_timeout=config.ssh_auth_timeout,
        step_timeout=config.ssh_step_timeout,
        host_deadline=config.ssh_host_deadline,
        launcher=confined.launcher() if confined else "",
    )


def sampling_limits(config: Settings) -> FleetLimits:
    """Return the limits for a sampling of hosts, which must not keep anybody waiting."""
    usual = fleet_limits(config)
    return replace(
        usual,
        step_timeout=min(usual.step_timeout, _SAMPLING_STEP),
        host_deadline=min(usual.host_deadline, _SAMPLING_DEADLINE),
    )


def crawl_limits(config: Settings) -> CrawlLimits:
    """Return the limits of a crawl."""
    return CrawlLimits(
        workers=config.crawl_workers,
        timeout=config.crawl_timeout,
        last_round_timeout=config.crawl_last_round_timeout,
        deadline=config.crawl_deadline,
        max_nodes=config.crawl_max_nodes,
    )
