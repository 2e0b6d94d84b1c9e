"""`p2ppool demo` from nothing, as its users run it, and nothing left of it afterwards."""

import json
import os
import re
import signal
import subprocess
import sys
from urllib.parse import urlsplit

import pytest

from deployments.demo.orphans import processes_of
from tests.lab.fixtures import own_address
from tests.lab.manager.manager import free_ports
from tests.lab.web.browser import chromium

__all__ = ["chromium"]

HOSTS = 8


@pytest.fixture
def environment(tmp_path):
    """Home, temporary files and the data folder all below one folder, where anything left can be seen."""
    for name in ("home", "tmp"):
        (tmp_path / name).mkdir()
    prefect_port, web_port, ssh_port = free_ports(3)
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path / "home"),
        "TMPDIR": str(tmp_path / "tmp"),
        "P2PPOOL_DATA_FOLDER": str(tmp_path / "data"),
        "P2PPOOL_PREFECT_PORT": str(prefect_port),
        "P2PPOOL_WEB_PORT": str(web_port),
        "P2PPOOL_DEMO_FIRST_ADDRESS": own_address(),
        "P2PPOOL_DEMO_SSH_PORT": str(ssh_port),
    }


@pytest.fixture
def demo(environment):
    """Starts `p2ppool demo …`; what the test has not ended by itself is ended with it."""
    started = []

    def demo(*options, **how):
        process = subprocess.Popen(
            [sys.executable, "-m", "p2ppool", "demo", "--hosts", str(HOSTS), *options],
            env=environment,
            text=True,
            stdout=subprocess.PIPE,
            start_new_session=True,
            **how,
        )
        started.append(process)
        return process

    yield demo
    for process in started:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.communicate(timeout=90)


def assert_nothing_is_left(tmp_path):
    assert processes_of(tmp_path / "data" / "demo") == []
    assert {path.name for path in tmp_path.iterdir()} - {"report.json"} == {"data", "home", "tmp"}
    assert list((tmp_path / "home").iterdir()) == []
    assert list((tmp_path / "tmp").iterdir()) == []


def test_the_scenario_shows_who_makes_way_for_whom(demo, tmp_path):
    report = tmp_path / "report.json"
    process = demo("--scenario", "preemption", "--once", "--json", report)
    printed, _ = process.communicate(timeout=280)

    assert process.returncode == 0, printed
    found = json.loads(report.read_text())
    assert found.keys() == {"events", "overlaps", "stop_to_last_ssh_closed_seconds", "work_after_stop"}
    assert (found["overlaps"], found["work_after_stop"]) == (0, 0)
    assert found["stop_to_last_ssh_closed_seconds"] is not None
    steps = [(event["action"], event["state"]) for event in found["events"]]
    crawl, waiting, merged, install, stop = (
        ("crawl", "cancelled"),
        ("crawl", "waiting"),
        ("crawl", "merged"),
        ("install", "cancelled"),
        ("stop", "done"),
    )
    assert [step for step in steps if step in {merged, install, stop}] == [merged, install, stop]
    assert (steps.count(crawl), steps.count(waiting) >= 2) == (2, True)
    reasons = [event["reason"] for event in found["events"] if event["state"] == "cancelled"]
    assert all(reason.startswith("preempted by ") for reason in reasons)
    assert f"hosts: 0 done, 0 failed, {HOSTS} cut off, 0 not started" in printed
    assert_nothing_is_left(tmp_path)


_CHATTY = 1000  # milliseconds in which a page that wants to tell something elsewhere would begin to


def sign_in(page, printed):
    """What the one in front of the demo does first: open the link that it printed."""
    page.goto(re.search(r"^sign in     (\S+)$", printed, re.MULTILINE)[1])
    page.get_by_role("button", name="Crawl").wait_for()


def requests_elsewhere(page, *addresses):
    """What the pages at these addresses ask of other hosts than this machine."""
    elsewhere = []
    page.on("request", lambda request: elsewhere.append(request.url) if is_elsewhere(request.url) else None)
    for address in addresses:
        page.goto(address, wait_until="networkidle")
        page.wait_for_timeout(_CHATTY)
    return elsewhere


def is_elsewhere(url):
    parts = urlsplit(url)
    return parts.scheme in {"http", "https", "ws", "wss"} and parts.hostname != "127.0.0.1"


def test_what_it_shows_needs_nobody_else_and_ctrl_c_ends_it_all(demo, environment, chromium, tmp_path):
    report = tmp_path / "report.json"
    process = demo("--json", report)
    said = []
    for line in process.stdout:
        said.append(line)
        if line.startswith("Ctrl-C"):
            break
    printed = "".join(said)
    assert f"{HOSTS} of {HOSTS} hosts installed" in printed
    assert processes_of(tmp_path / "data" / "demo")
    prefect = f"http://127.0.0.1:{environment['P2PPOOL_PREFECT_PORT']}"
    pages = f"http://127.0.0.1:{environment['P2PPOOL_WEB_PORT']}"
    ui = f"{pages}/prefect"
    addresses = [f"{ui}/dashboard", f"{ui}/runs", f"{ui}/v2/", prefect, pages, f"{pages}/pools/demo"]
    assert f"Prefect UI  {ui}/\n" in printed
    assert f"pages       {pages}/pools/demo\n" in printed
    page = chromium.new_page()
    sign_in(page, printed)
    assert requests_elsewhere(page, *addresses) == []
    page.close()

    process.send_signal(signal.SIGINT)
    process.communicate(timeout=90)

    assert process.returncode == 0
    assert_a_whole_ring(json.loads(report.read_text()))
    assert_nothing_is_left(tmp_path)


def assert_a_whole_ring(found):
    assert found.keys() == {
        *("hosts", "installed", "nodes", "consistency", "crawl_seconds", "actions", "left_processes")
    }
    assert (found["hosts"], found["installed"], found["nodes"]) == (HOSTS, HOSTS, HOSTS + 1)
    assert (found["consistency"], found["left_processes"]) == (1.0, 0)
    assert [action["action"] for action in found["actions"]][:2] == ["create", "crawl"]
    assert all(action["outcome"] == "done" and action["seconds"] > 0 for action in found["actions"])


def test_a_report_that_cannot_be_written_is_one_line(demo, tmp_path):
    process = demo("--once", "--json", "/nowhere/report.json", stderr=subprocess.PIPE)
    _, complaint = process.communicate(timeout=60)
    assert (process.returncode, complaint.count("\n")) == (1, 1)
    assert "can't be written to /nowhere/report.json" in complaint
    assert not (tmp_path / "data").exists()


def test_a_folder_that_is_no_demos_is_left_alone(demo, tmp_path):
    precious = tmp_path / "data" / "demo" / "precious"
    precious.parent.mkdir(parents=True)
    precious.write_text("mine")
    process = demo("--once", stderr=subprocess.PIPE)
    _, complaint = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "is not a demo's" in complaint
    assert precious.read_text() == "mine"
