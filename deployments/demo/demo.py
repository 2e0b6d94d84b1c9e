"""`p2ppool demo`: everything on one machine, controlled by the commands that a manager types."""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from deployments.demo import preemption
from deployments.demo.orphans import end_processes_of, processes_of
from deployments.demo.timeline import Timeline
from deployments.up.children import Children
from deployments.up.services import interrupt_once, refuse_busy_ports, running, say, watch
from p2ppool.accounts import links, users
from p2ppool.demo.host_places import place_hosts
from p2ppool.demo.hosts import USER, DemoHosts
from p2ppool.errors import UserError
from p2ppool.interpreter import python
from p2ppool.pools.rollout import local_node
from p2ppool.prefect_client.client import PrefectApi
from p2ppool.records.pools import get_pool
from p2ppool.settings import Settings, settings
from p2ppool.store.engine import get_engine, open_engine
from p2ppool.store.models import Pool, Role
from p2ppool.store.unit_of_work import UnitOfWork, reading
from p2ppool.umask import close_to_others

POOL = "demo"
_MARKER = ".p2ppool-demo"
_RING_TIMEOUT = 60.0  # seconds for the overlay to form


@dataclass
class Report:
    """The report that `--json` writes."""

    hosts: int
    installed: int = 0
    nodes: int = 0
    consistency: float | None = None
    crawl_seconds: float | None = None
    actions: list[dict[str, Any]] = field(default_factory=list)
    left_processes: int = 0
    scenario: preemption.Outcome | None = None


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo, and return the exit code."""
    options = _options(arguments)
    close_to_others()
    interrupt_once()
    try:
        report = _demo(options)
        if options.json:
            _write_report(options.json, report.scenario or report)
    except UserError as error:
        print(f"p2ppool: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0
    good = report.scenario.good if report.scenario else _whole(report)
    return 0 if good and report.left_processes == 0 else 1


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="p2ppool demo")
    parser.add_argument("--hosts", type=int, default=8)
    parser.add_argument("--once", action="store_true")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--scenario", choices=["preemption"])
    return parser.parse_args(arguments)


def _demo(options: argparse.Namespace) -> Report:
    if options.json:
        _refuse_unwritable(options.json)
    if options.scenario:  # it starts crawls itself, and counts them
        os.environ["P2PPOOL_CRAWL_EVERY"] = "0"
    config = _settings_of_the_demo()
    refuse_busy_ports(config)
    _fresh_folder(config.data_folder)
    report = Report(hosts=options.hosts)
    try:
        rate = preemption.BYTES_PER_SECOND if options.scenario else None
        with (
            _demo_hosts(config, options.hosts, rate) as hosts,
            _local_nodes(config),
            running(config, say) as children,
        ):
            _make_the_pool(config.data_folder, report)
            say(_summary(report))
            if options.scenario:
                report.scenario = _play(config, hosts)
                say(_scenario_summary(report.scenario))
            say(_addresses(config))
            if not options.once:
                _watch_until_interrupted(children)
    finally:
        report.left_processes = len(processes_of(config.data_folder))
        end_processes_of(config.data_folder)
    return report


def _watch_until_interrupted(children: Children) -> None:
    """Watch until Ctrl-C, which only ends the watching: the report follows after the cleanup."""
    with suppress(KeyboardInterrupt):
        watch(children)


def _settings_of_the_demo() -> Settings:
    """Point the settings to a data folder of the demo's own, here and in every process started from here."""
    os.environ["P2PPOOL_DATA_FOLDER"] = str(settings().data_folder / "demo")
    os.environ["P2PPOOL_LOCAL_NODE_ADDRESS"] = "127.0.0.1"
    for variable in ("P2PPOOL_DATABASE_URL", "P2PPOOL_PREFECT_DATABASE_URL"):
        os.environ.pop(variable, None)
    settings.cache_clear()
    return settings()


def _fresh_folder(folder: Path) -> None:
    """Create an empty folder with our marker, after removing an earlier demo's with its processes.

    Raises:
        UserError: the folder exists and is not a demo's.
    """
    if folder.exists():
        if not (folder / _MARKER).is_file():
            raise UserError(
                f"{folder} is not a demo's: move it, or set P2PPOOL_DATA_FOLDER to another folder"
            )
        end_processes_of(folder)
        shutil.rmtree(folder)
    folder.mkdir(parents=True, mode=0o700)
    (folder / _MARKER).touch()


@contextmanager
def _demo_hosts(config: Settings, count: int, bytes_per_second: int | None) -> Iterator[DemoHosts]:
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    )
    key_file = config.data_folder / "demo-key"
    key_file.touch(mode=0o600)
    key_file.write_bytes(private)
    say(f"starting {count} SSH hosts …")
    with DemoHosts(
        config.data_folder / "hosts",
        authorized_key=public.decode(),
        count=count,
        first_address=config.demo_first_address,
        port=config.demo_ssh_port,
        bytes_per_second=bytes_per_second,
    ) as hosts:
        (config.data_folder / "hosts.txt").write_text("\n".join(hosts.addresses) + "\n")
        yield hosts


def _make_the_pool(folder: Path, report: Report) -> None:
    _p2ppool("package", "add", "reference-node", "--reference-node")
    _p2ppool("key", "add", "demo-key", str(folder / "demo-key"))
    create = _act(
        report,
        *("pool", "create", POOL, "--hosts", str(folder / "hosts.txt"), "--package", "reference-node"),
        *("--ssh-key", "demo-key", "--ssh-user", USER, "--install-path", "p2p"),
    )
    if create["outcome"] not in {"done", "partial"}:
        raise UserError(f"the pool could not be created: {create['message']}")
    place_hosts(get_engine(), POOL)
    deadline = time.monotonic() + _RING_TIMEOUT
    while not _whole(report) and time.monotonic() < deadline:
        _act(report, "pool", "crawl", POOL)
        _read_status(report)


def _act(report: Report, *command: str) -> dict[str, Any]:
    """Run an action with the command line, and add it to the report."""
    began = time.monotonic()
    answer: dict[str, Any] = json.loads(_p2ppool(*command, "--json", may_fail=True) or "{}")
    seconds = round(time.monotonic() - began, 2)
    outcome = answer.get("outcome", "failed")
    report.actions.append({"action": command[1], "outcome": outcome, "seconds": seconds})
    say(f"  {outcome} in {seconds:.1f} s: {answer.get('message', '')}")
    return {"outcome": outcome, "message": answer.get("message", "")}


def _start(action: str) -> str:
    """Start an action without waiting, and return the run's id."""
    with PrefectApi.open(settings()) as api:
        return api.start(action, {"pool": POOL}, "demo")


def _play(config: Settings, hosts: DemoHosts) -> preemption.Outcome:
    with reading(get_engine()) as work:
        pool = get_pool(work.session, POOL)
    timeline = Timeline(get_engine(), POOL, say)
    return preemption.play(timeline, hosts, local_node.folder(pool, config), _start, say)


def _read_status(report: Report) -> None:
    status = json.loads(_p2ppool("pool", "status", POOL, "--json", quiet=True))
    snapshot = status["pool"]["snapshot"] or {}
    report.installed = sum(host["result"] == "done" for host in status["hosts"])
    report.nodes = snapshot.get("answered", 0)
    report.consistency = snapshot.get("consistency")
    report.crawl_seconds = snapshot.get("seconds")


def _whole(report: Report) -> bool:
    """Tell whether every host's node and the local one answered, and they agree on the ring."""
    return report.consistency == 1.0 and report.nodes == report.hosts + 1


def _p2ppool(*arguments: str, quiet: bool = False, may_fail: bool = False) -> str:
    if not quiet:
        say("$ p2ppool " + " ".join(argument for argument in arguments if argument != "--json"))
    command = python("-m", "p2ppool", *arguments)
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode and not may_fail:
        raise UserError(f"p2ppool {' '.join(arguments[:3])} failed: see the line above")
    return done.stdout


def _summary(report: Report) -> str:
    consistency = "unknown" if report.consistency is None else f"{report.consistency:.1f}"
    return (
        f"pool {POOL}: {report.installed} of {report.hosts} hosts installed, {report.nodes} nodes "
        f"(one is the local node), consistency {consistency}"
    )


def _addresses(config: Settings) -> str:
    return (
        f"Prefect UI  {config.prefect_ui_url}/\n"
        f"pages       {config.web_url}/pools/{POOL}\n"
        f"sign in     {_link(config)}\n"
        f"in another terminal: export P2PPOOL_DATA_FOLDER={config.data_folder}\n"
        "Ctrl-C stops everything"
    )


def _link(config: Settings) -> str:
    """Create the one-time sign-in link of the demo's manager, who has no password."""
    engine = open_engine(config.store_url)
    with UnitOfWork(engine) as work:
        user = users.find(work.session, POOL) or users.create(work.session, POOL, Role.MANAGER, "demo")
        link = links.for_entry(work.session, config.web_url, user, "demo", f"/pools/{POOL}")
        work.commit()
    engine.dispose()
    return link


def _scenario_summary(outcome: preemption.Outcome) -> str:
    return (
        f"two actions at the same time: {outcome.overlaps} · "
        f"from the stop to the last SSH connection of the install closed: "
        f"{outcome.stop_to_last_ssh_closed_seconds} s · "
        f"seen on the hosts after the stop started: {outcome.work_after_stop}"
    )


@contextmanager
def _local_nodes(config: Settings) -> Iterator[None]:
    """Remove the local nodes at the end: they outlive the manager, which would restart them before."""
    try:
        yield
    finally:
        _remove_local_nodes(config)


def _remove_local_nodes(config: Settings) -> None:
    engine = open_engine(config.store_url)
    with reading(engine) as work:
        pools = work.session.query(Pool).all()
    for pool in pools:
        local_node.forget(pool, config, pool.fence)
    engine.dispose()


def _refuse_unwritable(file: Path) -> None:
    """Check before all the work that the report can be written.

    Raises:
        UserError: the report could not be written.
    """
    if file.is_dir() or not os.access(file if file.exists() else file.parent, os.W_OK):
        raise UserError(f"the report can't be written to {file}: choose a writable folder")


def _write_report(file: Path, report: Report | preemption.Outcome) -> None:
    rows = {name: value for name, value in vars(report).items() if name != "scenario"}
    file.write_text(json.dumps(rows, indent=2) + "\n")
