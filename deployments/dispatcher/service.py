"""The dispatcher as a service: its rounds, the local nodes and the daily work, until a signal."""

import logging
import os
import signal
import threading
from collections.abc import Callable
from typing import Final

from deployments.dispatcher.daily import start_daily
from deployments.dispatcher.dispatcher import Dispatcher
from deployments.dispatcher.downsampling import downsample_all
from deployments.dispatcher.flow_processes import FlowProcesses
from deployments.dispatcher.heartbeat import Heartbeat
from deployments.dispatcher.local_nodes import LocalNodes
from deployments.dispatcher.registration import DeploymentRegistry
from deployments.dispatcher.revocation_lists import publish_all
from p2ppool.accounts.outside_access import end_unvouched
from p2ppool.pools.recording.retention import Retention
from p2ppool.prefect_client.client import PrefectApi
from p2ppool.prefect_client.credential import client_environment
from p2ppool.prefect_client.schedule_sync import ScheduleKeeper
from p2ppool.prefect_client.schedules import Schedules
from p2ppool.settings import Settings, settings
from p2ppool.store.engine import get_engine
from p2ppool.store.types import now
from p2ppool.umask import close_to_others

ROUND: Final = 0.5
"""Seconds between two rounds."""

_LOG: Final = logging.getLogger("p2ppool.dispatcher")
_LAST_WORDS: Final = 5.0  # seconds in which a call to Prefect may end when the service ends


def main() -> None:
    """Serve until a signal."""
    close_to_others()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    leave = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: leave.set())
    config, children = settings(), FlowProcesses()
    os.environ.update(client_environment(config))  # for the processes of flows, which report to Prefect
    children.warm_up()
    local_nodes = LocalNodes(get_engine(), config)
    threading.Thread(target=local_nodes.watch, args=(leave,), name="local nodes", daemon=True).start()
    _start_daily_work(config, leave)
    with PrefectApi.open(config, retry_for=0.0) as api:
        registration = DeploymentRegistry(api)
        keeper = ScheduleKeeper(get_engine(), Schedules(api), config)
        dispatcher = Dispatcher(
            get_engine(),
            api,
            children,
            config.turn_lease,
            config.flow_processes,
            keeper=keeper,
            registered=registration.served,
        )
        talking = [_talk(dispatcher.round_of_requests, leave), _talk(dispatcher.round_of_reports, leave)]
        _repeat(dispatcher.round_of_turns, leave, Heartbeat(config))
        local_nodes.leave()
        registration.stop()
        children.stop()
        for thread in talking:
            thread.join(_LAST_WORDS)
        dispatcher.round_of_turns()
        if not any(thread.is_alive() for thread in talking):
            dispatcher.round_with_prefect()


def _talk(work: Callable[[], None], leave: threading.Event) -> threading.Thread:
    """Start rounds of work in a thread of their own."""
    thread = threading.Thread(target=_repeat, args=(work, leave), daemon=True)
    thread.start()
    return thread


def _repeat(work: Callable[[], None], leave: threading.Event, heartbeat: Heartbeat | None = None) -> None:
    """Do rounds of work until `leave`; whatever happens in one, the next is done."""
    while not leave.wait(ROUND):
        if heartbeat:
            heartbeat.write()
        try:
            work()
        except Exception:  # noqa: BLE001 - what waits and what runs must be looked after
            _LOG.exception("internal error")


def _start_daily_work(config: Settings, leave: threading.Event) -> None:
    """Start work that is not urgent, with a delay, because other things come first after a start."""
    engine, retention = get_engine(), Retention.of(config)
    if retention.all is not None:  # otherwise, samples are kept forever
        start_daily("downsampling", lambda: downsample_all(engine, retention, leave, now()), 60.0, leave)
    start_daily("users of elsewhere", lambda: end_unvouched(engine, config), 120.0, leave)
    start_daily("revocation lists", lambda: publish_all(engine, config), 90.0, leave)
