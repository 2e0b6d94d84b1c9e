"""The dispatcher as a service: its rounds, the local nodes and the daily work, until a signal."""

import logging
import signal
import threading
from typing import Final

from deployments.dispatcher.daily import start_daily
from deployments.dispatcher.dispatcher import Dispatcher
from deployments.dispatcher.downsampling import downsample_all
from deployments.dispatcher.flow_processes import FlowProcesses
from deployments.dispatcher.local_nodes import LocalNodes
from deployments.dispatcher.registration import DeploymentRegistry
from deployments.dispatcher.revocation_lists import publish_all
from p2ppool.pools.recording.retention import Retention
from p2ppool.prefect_client.client import PrefectApi
from p2ppool.prefect_client.schedule_sync import ScheduleKeeper
from p2ppool.prefect_client.schedules import Schedules
from p2ppool.settings import Settings, settings
from p2ppool.store.engine import get_engine
from p2ppool.store.types import now

ROUND: Final = 0.5
"""Seconds between two rounds."""


def main() -> None:
    """Serve until a signal."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    leave = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: leave.set())
    config, children = settings(), FlowProcesses()
    children.warm_up()
    local_nodes = LocalNodes(get_engine(), config)
    threading.Thread(target=local_nodes.watch, args=(leave,), name="local nodes", daemon=True).start()
    _start_daily_work(config, leave)
    with PrefectApi(config.prefect_url, retry_for=0.0) as api:
        registration = DeploymentRegistry(api)
        keeper = ScheduleKeeper(get_engine(), Schedules(api), config)
        dispatcher = Dispatcher(
            get_engine(), api, children, config.turn_lease, config.flow_processes, keeper=keeper
        )
        while not leave.wait(ROUND):
            dispatcher.deployments = dispatcher.deployments or registration.served()
            dispatcher.round()
        local_nodes.leave()
        registration.stop()
        children.stop()
        dispatcher.round()


def _start_daily_work(config: Settings, leave: threading.Event) -> None:
    """Start work that is not urgent, with a delay, because other things come first after a start."""
    engine, retention = get_engine(), Retention.of(config)
    if retention.all is not None:  # otherwise, samples are kept forever
        start_daily("downsampling", lambda: downsample_all(engine, retention, leave, now()), 60.0, leave)
    start_daily("revocation lists", lambda: publish_all(engine, config), 90.0, leave)
