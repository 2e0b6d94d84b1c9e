"""`p2ppool up`: the Prefect server, the flows and the web server, until a signal stops them all."""

import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

import httpx

from deployments.dispatcher.heartbeat import HeartbeatReader
from deployments.dispatcher.registration import SERVED
from deployments.up import prefect_server
from deployments.up.children import Children
from deployments.up.hanging import Answers
from deployments.up.paths import absolute_paths
from p2ppool.accounts import links
from p2ppool.errors import UserError
from p2ppool.loopback import is_loopback
from p2ppool.prefect_client.client import PrefectApi
from p2ppool.settings import Settings, settings
from p2ppool.store.data_folder import prepare_data_folder
from p2ppool.store.engine import open_engine
from p2ppool.store.schema import upgrade
from p2ppool.store.unit_of_work import UnitOfWork
from p2ppool.store.vault_key import vault_of
from p2ppool.umask import close_to_others

_SERVER_TIMEOUT = 180.0  # seconds: a first start makes Prefect's tables, slowly on a busy machine
_TIMEOUT = 60.0
_HANGING = 45.0  # seconds without an answer; a busy machine may take some
_WATCH = 0.5  # seconds between two checks at the children


@contextmanager
def running(config: Settings, say: Callable[[str], None]) -> Iterator[Children]:
    """Start all services of a manager in order, and stop them in reverse order.

    Raises:
        UserError: a port is busy, or a part does not start.
    """
    refuse_busy_ports(config)
    _prepare_store(config)
    environment = {**absolute_paths(config), **prefect_server.environment(config)}
    children = Children(
        config.data_folder / "logs",
        environment,
        largest_log=config.log_max_bytes,
        logs_kept=config.logs_kept,
    )
    try:
        say("starting the Prefect server (its first start takes half a minute) …")
        health, pages_health = f"{config.prefect_url}/api/health", f"{config.local_web_url}/healthz"
        server = children.start(
            "prefect-server", prefect_server.command(), Answers(lambda: _speaks(health), _HANGING)
        )
        pages = children.start(
            "pages", ["-m", "dashboards", "--no-welcome"], Answers(lambda: _speaks(pages_health), _HANGING)
        )
        children.wait_until(lambda: _answers(health), server, _SERVER_TIMEOUT)
        say("starting the flows and the web server …")
        rounds = HeartbeatReader(config)
        flows = children.start("flows", ["-m", "deployments.dispatcher"], Answers(rounds.moved, 2 * _HANGING))
        with PrefectApi.open(config) as api:
            children.wait_until(lambda: all(map(api.serves, SERVED)), flows, _TIMEOUT)
        children.wait_until(lambda: _answers(pages_health), pages, _TIMEOUT)
        yield children
    finally:
        children.stop()


def watch(children: Children) -> NoReturn:
    """Watch until a signal; restart a child that ends by itself.

    Raises:
        UserError: one does not stay up.
    """
    while True:
        for line in children.restart_ended():
            say(line)
        time.sleep(_WATCH)


def print_first_link(config: Settings) -> None:
    """Print a link for the first manager, if there is none; never to a log, because its reader may act."""
    engine = open_engine(config.store_url)
    with UnitOfWork(engine) as work:
        link = links.for_first_manager(work.session, config.web_url)
        work.commit()
    engine.dispose()
    if link:
        say(f"first sign-in (the link works once, within one day):\n            {link}")


def interrupt_once() -> None:
    """Let the first SIGINT or SIGTERM raise KeyboardInterrupt, and ignore further ones during the cleanup."""

    def interrupt(*_: object) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupt)


def _prepare_store(config: Settings) -> None:
    prepare_data_folder(config.data_folder)
    prefect_server.prepare(config)
    engine = open_engine(config.store_url)
    upgrade(engine)
    vault_of(engine, config)  # a lost key is better noticed now than when a secret is needed
    engine.dispose()


def refuse_busy_ports(config: Settings) -> None:
    for address, port, setting in (
        (config.prefect_listen_address, config.prefect_port, "P2PPOOL_PREFECT_PORT"),
        (config.listen_address, config.web_port, "P2PPOOL_WEB_PORT"),
    ):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except OSError as error:
                raise UserError(
                    f"port {port} of {address} is not available ({error.strerror}): "
                    f"stop what uses it, or change {setting}"
                ) from None


def _answers(url: str) -> bool:
    try:
        # The certificate of the pages is made out to their public name, not to this address.
        return httpx.get(url, timeout=5.0, trust_env=False, verify=False).is_success  # noqa: S501
    except httpx.HTTPError:
        return False


def _speaks(url: str) -> bool:
    """Tell whether anything comes back: a server that says what is wrong does not hang."""
    try:
        httpx.get(url, timeout=10.0, trust_env=False, verify=False)  # noqa: S501 - as above
    except httpx.HTTPError:
        return False
    return True


def main() -> int:
    """Run until a signal, and return the exit code."""
    close_to_others()
    interrupt_once()
    try:
        config = settings()
        if not is_loopback(config.prefect_listen_address):
            say(
                f"Prefect listens on {config.prefect_listen_address} without TLS: whoever reads what is sent "
                f"to port {config.prefect_port} gets its credential and can act"
            )
        with running(config, say) as children:
            say(f"Prefect UI  {config.prefect_ui_url}/\npages       {config.web_url}")
            print_first_link(config)
            say("Ctrl-C stops everything")
            watch(children)
    except KeyboardInterrupt:
        return 0
    except UserError as error:
        print(f"p2ppool: {error}", file=sys.stderr)
        return 1


def say(line: str) -> None:
    """Print a line for the user."""
    print(line, flush=True)
