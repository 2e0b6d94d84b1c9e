"""Promises that hold while a real Prefect server misbehaves, and a door that stays closed to strangers."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from deployments.demo.orphans import processes_of
from p2ppool.prefect_client.credential import PrefectAuth, credential_of
from p2ppool.settings import Settings
from p2ppool.store.engine import open_engine
from p2ppool.store.models import Role, Ticket
from p2ppool.store.unit_of_work import reading
from tests.lab.manager.manager import Manager, free_ports
from tests.lab.waiting import eventually
from tests.lab.web.browser import running_chromium
from tests.lab.web.signed_in import for_browser, session_cookies

POOL = "trouble"


@pytest.fixture(scope="module")
def manager(demo_hosts, tmp_path_factory, ssh_key):
    folder = tmp_path_factory.mktemp("manager-trouble")
    (folder / "key").write_bytes(ssh_key.private_pem)
    with Manager(folder / "data", P2PPOOL_LOCAL_NODE_ADDRESS="127.0.0.1") as manager:
        assert manager.run("package", "add", "reference-node", "--reference-node").returncode == 0
        assert manager.run("key", "add", "lab", folder / "key").returncode == 0
        yield manager


@pytest.fixture(scope="module")
def spec(demo_hosts):
    """What a pool's creation is given in Prefect."""
    udp_port, rpc_port = free_ports(2)
    return {
        "name": POOL,
        "hosts": demo_hosts.addresses[0],
        "package": "reference-node",
        "ssh_key": "lab",
        "ssh_user": "p2p",
        "install_path": f"p2p-{POOL}",
        "udp_port": udp_port,
        "rpc_port": rpc_port,
    }


@dataclass(frozen=True)
class Asked:
    """A run that was requested, and what became of it."""

    manager: Manager
    run: str

    def ticket(self):
        engine = open_engine(self.manager.store_url)
        with reading(engine) as work:
            found = work.session.scalars(select(Ticket).where(Ticket.flow_run == self.run)).one_or_none()
        engine.dispose()
        return found

    def reaches(self, *states, seconds=120):
        def look():
            found = self.ticket()
            return found if found and found.state.value in states else None

        return eventually(look, seconds)


@pytest.fixture
def ask(manager):
    def ask(action, who="test", **parameters):
        with manager.prefect() as api:
            return Asked(manager, api.start(action, parameters, who))

    return ask


@pytest.fixture(scope="module")
def pool(manager, spec):
    """The pool, whose creation was starting when the dispatcher and its processes died."""
    fork_server = only(manager, "multiprocessing.forkserver")
    os.kill(fork_server, signal.SIGSTOP)  # whatever is started now gets no further
    with manager.prefect() as api:
        asked = Asked(manager, api.start("create", {"spec": spec}, "ada"))
        eventually(lambda: api.state(asked.run).name == "Starting", 60)
    os.kill(only(manager, "-m deployments.dispatcher "), signal.SIGKILL)
    os.kill(fork_server, signal.SIGKILL)
    assert asked.reaches("done").requester == "ada"
    return POOL


def only(manager, word):
    """The pid of the one process of the manager with this word in its command line."""
    found = [pid for pid in processes_of(manager.folder) if word in command(pid)]
    assert len(found) == 1, [command(pid) for pid in found]
    return found[0]


def command(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except FileNotFoundError:
        return ""


@contextmanager
def stopped(pid):
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@contextmanager
def long_crawl(manager, ask, pool):
    """A crawl that lasts as long as the local node hangs, and a check that waits behind it."""
    pid_file = manager.folder / "local-nodes" / pool / "node/node.pid"
    eventually(pid_file.exists, 30)
    node = int(pid_file.read_text().split()[0])
    with stopped(node):
        crawl = ask("crawl", pool=pool)
        crawl.reaches("running")
        check = ask("check", pool=pool)
        check.reaches("waiting")
        yield crawl, check


def credential(manager):
    return credential_of(Settings(data_folder=manager.folder, vault_key=None))


def test_a_creation_that_was_starting_when_all_died_goes_on(pool):
    assert pool == POOL


def test_strangers_get_nothing_from_prefect(manager):
    base = manager.prefect_url
    known = tuple(credential(manager).split(":"))
    assert httpx.get(f"{base}/api/flows/x").status_code == 401
    assert httpx.post(f"{base}/api/flow_runs/filter", json={}).status_code in {401, 403}
    forged = httpx.post(f"{base}/api/flow_runs/filter", content=b"{}", auth=known)
    assert forged.status_code == 403
    for host in ("evil.example", f"evil.example:{httpx.URL(base).port}", "localhost.evil.example"):
        assert httpx.get(f"{base}/api/health", headers={"Host": host}).status_code == 421
    asked = {"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}
    assert httpx.options(f"{base}/api/flow_runs/filter", headers=asked).status_code == 400
    away = httpx.get(f"{base}/runs/flow-run/x")
    assert away.headers["Location"] == f"http://127.0.0.1:{manager.web_port}/prefect/runs/flow-run/x"


def test_the_secret_is_in_no_command_line_and_no_file(manager, pool):
    secret = credential(manager).split(":")[1]
    for pid in processes_of(manager.folder):
        assert secret not in command(pid)
    for file in [*manager.folder.glob("logs/*"), *manager.folder.glob("prefect/*.toml")]:
        assert secret not in file.read_text(errors="replace"), file


def test_prefects_own_command_line_works_with_what_env_prints(manager, pool):
    shell = f'eval "$({sys.executable} -m p2ppool prefect env)" && exec {sys.executable} -m prefect "$@"'
    run = ("deployment", "run", "crawl/crawl", "--param", f"pool={pool}", "--watch")
    done = subprocess.run(
        ["sh", "-c", shell, "sh", *run],
        env=manager.environment,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "finished successfully" in done.stdout
    (latest, *_) = manager.json("actions", "--pool", pool)
    assert (latest["action"], latest["requester"]) == ("crawl", "Prefect API")


def test_a_deleted_deployment_comes_back_with_its_schedules(manager, pool, ask):
    assert manager.run("schedule", "set", pool, "verify", "--cron", "30 2 * * *").returncode == 0
    with manager.prefect() as api:
        deployment = api.deployment("verify")
        api.call("DELETE", f"/deployments/{deployment}")

        def is_back():
            return [
                row
                for row in api.call("POST", "/deployments/filter", {})
                if row["name"] == "verify" and row["id"] != deployment and row["schedules"]
            ]

        (back,) = eventually(is_back, 60)
    assert back["schedules"][0]["schedule"]["cron"] == "30 2 * * *"
    ask("verify", pool=pool).reaches("done")


def test_a_run_that_prefect_cannot_read_back_is_set_aside_and_the_others_go_on(manager, pool, spec, ask):
    body = json.dumps({"parameters": {"spec": spec | {"name": "half", "description": "\ud800"}}})
    with manager.prefect() as api:
        path = f"{manager.prefect_url}/api/deployments/{api.deployment('create')}/create_flow_run"
        with httpx.Client(auth=PrefectAuth(credential(manager))) as client:
            kept = client.post(path, content=body, headers={"Content-Type": "application/json"})
        assert kept.status_code == 500
        ask("crawl", pool=pool).reaches("done", "partial")
        wanted = {"flow_runs": {"state": {"name": {"any_": ["Unreadable"]}}}}
        (poison,) = api.call("POST", "/flow_runs/filter", wanted)
    assert "half of a character" in poison["state"]["message"]


def test_what_is_failed_in_prefect_and_cancelled_here_says_the_same_in_the_end(manager, pool, ask):
    with long_crawl(manager, ask, pool) as (_, check), manager.prefect() as api:
        state = {"type": "FAILED", "name": "Failed", "message": "by hand"}
        api.call("POST", f"/flow_runs/{check.run}/set_state", {"state": state, "force": True})
        check.reaches("cancelled")
        eventually(lambda: api.state(check.run).name == "Cancelled", 60)


def test_while_prefect_answers_with_errors_what_waits_has_its_turn(manager, pool, ask):
    database = sqlite3.connect(manager.folder / "prefect/prefect.db", timeout=30, isolation_level=None)
    with long_crawl(manager, ask, pool) as (crawl, check):
        database.execute("ALTER TABLE flow_run RENAME TO flow_run_away")
    try:
        assert crawl.reaches("done", "partial", "failed")
        assert check.reaches("done").message
    finally:
        database.execute("ALTER TABLE flow_run_away RENAME TO flow_run")
        database.close()
    with manager.prefect() as api:
        eventually(lambda: api.state(check.run).name == "Completed", 60)


def test_while_prefect_hangs_actions_end_and_begin_and_it_is_restarted(manager, pool, ask):
    server = only(manager, "-m deployments.up.prefect_process ")
    with long_crawl(manager, ask, pool) as (crawl, check):
        os.kill(server, signal.SIGSTOP)
    crawl.reaches("done", "partial", "failed")
    check.reaches("done")
    eventually(lambda: not Path(f"/proc/{server}").exists(), 180)
    with manager.prefect() as api:
        eventually(lambda: api.serves("check") and api.state(check.run).name == "Completed", 180)


def test_the_lease_of_a_dead_action_ends_while_prefect_hangs(manager, pool, ask):
    with long_crawl(manager, ask, pool) as (crawl, check):
        server = only(manager, "-m deployments.up.prefect_process ")
        with stopped(server):
            os.kill(int(crawl.ticket().owner.split()[2]), signal.SIGKILL)
            crawl.reaches("crashed", seconds=40)
            check.reaches("running", "done", "failed", seconds=40)
    check.reaches("done", "failed")


@pytest.fixture(scope="module")
def pages(manager):
    """Clients of the pages: a manager, a viewer, and nobody."""
    base = f"http://127.0.0.1:{manager.web_port}"
    cookies = {
        "ada": session_cookies(base, manager.store_url, "ada", Role.MANAGER),
        "vera": session_cookies(base, manager.store_url, "vera", Role.VIEWER),
        None: {},
    }
    return base, cookies


def test_a_manager_requests_a_run_in_the_ui_and_is_named(manager, pool, pages):
    base, cookies = pages
    with manager.prefect() as api:
        path = f"{base}/prefect/api/deployments/{api.deployment('crawl')}/create_flow_run"
    answers = {
        who: httpx.post(path, json={"parameters": {"pool": pool}}, cookies=found, headers={"Origin": base})
        for who, found in cookies.items()
    }
    assert {who: answer.status_code for who, answer in answers.items()} == {
        "ada": 201,
        "vera": 403,
        None: 401,
    }
    ticket = Asked(manager, answers["ada"].json()["id"]).reaches("done", "partial")
    assert ticket.requester == "Prefect UI ada"
    foreign = httpx.post(path, json={}, cookies=cookies["ada"], headers={"Origin": "http://evil.example"})
    assert foreign.status_code == 403


@contextmanager
def ui(pages, chromium, who):
    """A page of a browser in which that person has signed in; it asks nobody else and has no complaints."""
    base, cookies = pages
    context = chromium.new_context()
    context.add_cookies(for_browser(base, cookies[who]))
    page, elsewhere, complaints = context.new_page(), [], []
    page.on("request", lambda request: elsewhere.append(request.url) if is_elsewhere(request, base) else None)
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    assert elsewhere == []
    assert [line for line in complaints if "404" not in line] == []  # it looks for its icons beside itself
    context.close()


@pytest.mark.parametrize("who", ["ada", "vera"])
def test_the_ui_works_among_our_pages_and_asks_nobody_else(manager, pool, pages, chromium_of_its_own, who):
    with ui(pages, chromium_of_its_own, who) as page:
        page.goto(f"{pages[0]}/prefect/runs")
        page.get_by_text(f"crawl {POOL}").first.wait_for()
        page.goto(f"{pages[0]}/prefect/deployments")
        page.get_by_role("link", name="gather-logs").first.wait_for()
        assert page.get_by_text("V2 UI").count() == 0


def test_a_manager_starts_a_run_by_its_form_and_sees_its_graph(manager, pool, pages, chromium_of_its_own):
    with manager.prefect() as api:
        deployment = api.deployment("crawl")
    before = by_ada_in_the_ui(manager)
    with ui(pages, chromium_of_its_own, "ada") as page:
        page.goto(f"{pages[0]}/prefect/deployments/deployment/{deployment}/run")
        page.locator("textarea").first.fill(pool)
        page.get_by_role("button", name="Submit").click()
        page.wait_for_url("**?tab=Runs")
        (newest,) = eventually(lambda: by_ada_in_the_ui(manager) - before, 60)
        assert Asked(manager, newest).reaches("done", "partial").action == "crawl"
        page.goto(f"{pages[0]}/prefect/runs/flow-run/{newest}")
        page.locator("canvas").first.wait_for()


def by_ada_in_the_ui(manager):
    engine = open_engine(manager.store_url)
    with reading(engine) as work:
        found = set(work.session.scalars(select(Ticket.flow_run).where(Ticket.requester == "Prefect UI ada")))
    engine.dispose()
    return found


@pytest.fixture(scope="module")
def chromium_of_its_own():
    yield from running_chromium()


def is_elsewhere(request, base):
    return not request.url.startswith((f"{base}/", "data:", "blob:"))
