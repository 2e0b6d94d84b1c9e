"""The door of a real Prefect server: closed to strangers, open to whoever has signed in on the pages."""

import json
import subprocess
import sys
from contextlib import contextmanager

import httpx
import pytest
from sqlalchemy import select

from deployments.demo.orphans import processes_of
from p2ppool.store.engine import open_engine
from p2ppool.store.models import Role, Ticket
from p2ppool.store.unit_of_work import reading
from tests.lab.hosts.other_user import as_another_user, can_open
from tests.lab.manager.asked import Asked
from tests.lab.manager.embedded import command, credential, embedded_manager, pool_spec
from tests.lab.waiting import eventually
from tests.lab.web.browser import running_chromium
from tests.lab.web.foreign_site import foreign_site
from tests.lab.web.signed_in import for_browser, session_cookies

POOL = "door"


@pytest.fixture(scope="module")
def manager(demo_hosts, tmp_path_factory, ssh_key):
    with embedded_manager(tmp_path_factory.mktemp("manager-door"), ssh_key) as manager:
        yield manager


@pytest.fixture(scope="module")
def pool(manager, demo_hosts):
    """A pool of one host."""
    with manager.prefect() as api:
        created = Asked(
            manager, api.start("create", {"spec": pool_spec(POOL, demo_hosts.addresses[0])}, "ada")
        )
    created.reaches("done")
    return POOL


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


def test_a_page_of_another_site_reads_and_starts_nothing(manager, pool, pages, chromium_of_its_own):
    base, cookies = pages
    with manager.prefect() as api:
        run = f"deployments/{api.deployment('stop')}/create_flow_run"
        before = api.call("POST", "/flow_runs/count", {})
    parameters = {"parameters": {"pool": pool}}
    with foreign_site(chromium_of_its_own, for_browser(base, cookies["ada"])) as site:
        open_door = site.tries(f"{site.address}open", parameters)
        assert json.loads(open_door["sent"]) == parameters  # so the page really tries
        for door in (f"{manager.prefect_url}/api", f"{base}/prefect/api"):
            for path, body in ((run, parameters), ("flow_runs/filter", {}), ("admin/version", {})):
                found = site.tries(f"{door}/{path}", body)
                assert [how for how, read in found.items() if read] == [], path
            assert site.sends_a_form(f"{door}/{run}", parameters="{}") in {401, 403}
        assert site.sends_a_form(f"{base}/sign-out") in {400, 403}
        assert not site.frames(f"{base}/sign-in")
        assert not site.frames(f"{manager.prefect_url}/")
        for port in (httpx.URL(manager.prefect_url).port, manager.web_port):
            assert site.status_under_its_own_name(port) in {400, 421}
    with manager.prefect() as api:
        assert api.call("POST", "/flow_runs/count", {}) == before


@pytest.mark.root
def test_another_user_of_the_machine_reads_and_starts_nothing(manager, pool, pages):
    files = [manager.folder, *manager.folder.rglob("*")]
    processes = [
        f"/proc/{pid}/{name}" for pid in processes_of(manager.folder) for name in ("environ", "mem", "fd")
    ]
    addresses = [
        f"{manager.prefect_url}/api/flow_runs/filter",
        f"{pages[0]}/prefect/api/flow_runs/filter",
        f"{pages[0]}/_dash-update-component",
    ]
    assert len(can_open([*files, *processes])) > 20  # their owner can

    def attempt():
        answers = [httpx.post(address, json={}).status_code for address in addresses]
        return {"opened": can_open([*files, *processes]), "refused": answers}

    found = as_another_user(attempt)
    assert found["opened"] == []
    assert set(found["refused"]) <= {400, 401, 403}
