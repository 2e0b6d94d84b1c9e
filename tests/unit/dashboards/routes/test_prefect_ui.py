"""The way through our pages to Prefect: who may take it, and what travels along."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from dashboards.app import create_app
from p2ppool.actions.requesters import Origin, Requesters
from p2ppool.settings import Settings
from p2ppool.store.models import Role
from tests.lab.web.people import MANAGER, PageClient, sign_in

DEPLOYMENT = "0d6f3c1e-5b0a-4d8f-9c53-1f2e3d4c5b6a"
RUN = f"/prefect/api/deployments/{DEPLOYMENT}/create_flow_run"
ANSWERS = {
    "/api/csrf-token": {"token": "t0"},
    f"/api/deployments/{DEPLOYMENT}": {"name": "stop"},
    "/prefect/ui-settings": {
        "api_url": "http://127.0.0.1/api",
        "auth": "BASIC",
        "csrf_enabled": True,
        "flags": [],
    },
}


@pytest.fixture
def prefect():
    """A server that notes what arrives: (method, path, headers, body)."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            server.arrived.append((self.command, self.path, self.headers, body))
            found = ANSWERS.get(self.path.partition("?")[0], {"from": "Prefect"})
            self.send_response(server.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Set-Cookie", "theirs=1")
            self.send_header("WWW-Authenticate", "Basic")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(json.dumps(found).encode())

        do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_GET  # noqa: N815 - names that http.server calls

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.arrived, server.status = [], 200
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def config(prefect, tmp_path):
    return Settings(data_folder=tmp_path / "data", prefect_port=prefect.server_address[1])


@pytest.fixture
def app(engine, config, cheap_passwords):
    app = create_app(engine, config)
    app.test_client_class = PageClient
    return app


@pytest.fixture
def viewer(app, engine, browser):
    client = app.test_client()
    sign_in(engine, client, "vera", Role.VIEWER)
    return client


def paths(prefect):
    return [(method, path) for method, path, *_ in prefect.arrived if "csrf-token" not in path]


def test_a_manager_reaches_everything_and_the_credential_comes_on_the_way(browser, prefect):
    answers = [
        browser.get("/prefect/api/flow_runs/1?x=%2F%20y"),
        browser.post("/prefect/api/flow_runs/1/set_state", json={"state": 1}, forged=True),
        browser.delete("/prefect/api/flow_runs/1", forged=True),
        browser.get("/prefect/assets/a b.js"),
    ]
    assert {answer.status_code for answer in answers} == {200}
    assert paths(prefect) == [
        ("GET", "/api/flow_runs/1?x=%2F%20y"),
        ("POST", "/api/flow_runs/1/set_state"),
        ("DELETE", "/api/flow_runs/1"),
        ("GET", "/prefect/assets/a%20b.js"),
    ]
    assert all(headers["Authorization"].startswith("Basic ") for *_, headers, _ in prefect.arrived)
    assert [headers["Prefect-Csrf-Token"] for *_, headers, _ in prefect.arrived] == [
        None,
        None,
        "t0",
        "t0",
        None,
    ]


def test_our_cookies_stay_here_and_prefects_headers_there(browser, prefect):
    answer = browser.get("/prefect/api/flow_runs/1", headers={"X-Forwarded-Host": "evil.example"})
    assert browser.get_cookie(browser.application.config["SESSION_COOKIE_NAME"])
    ((*_, headers, _),) = prefect.arrived
    assert headers["Cookie"] is None
    assert headers["X-Forwarded-Host"] is None
    assert "WWW-Authenticate" not in answer.headers
    assert "theirs" not in str(answer.headers)
    assert answer.headers["Content-Security-Policy"]


def test_the_ui_learns_that_its_api_is_here_and_wants_nothing(browser):
    found = browser.get("/prefect/ui-settings").json
    assert (found["api_url"], found["auth"], found["csrf_enabled"]) == ("/prefect/api", None, False)
    assert (found["available_uis"], found["v2_base_url"], found["flags"]) == (["v1"], None, [])


def test_a_viewer_reads_and_changes_nothing(viewer, prefect):
    assert viewer.post("/prefect/api/flow_runs/filter", json={}, forged=True).status_code == 200
    assert viewer.get("/prefect/").status_code == 200
    reached = len(prefect.arrived)
    for method, path in (
        ("POST", RUN),
        ("POST", "/prefect/api/flow_runs/1/set_state"),
        ("DELETE", "/prefect/api/flow_runs/1"),
        ("PATCH", "/prefect/api/deployments/1"),
        ("GET", "/prefect/api/variables/name/secret"),
        ("POST", "/prefect/api/block_documents/filter"),
        ("POST", "/prefect/api/work_pools/../block_documents/filter"),
    ):
        body = None if method == "GET" else {}
        assert viewer.open(path, method=method, json=body, forged=True).status_code == 403, path
    assert len(prefect.arrived) == reached


def test_nobody_else_reaches_anything(app, prefect, browser):
    stranger = app.test_client()
    assert stranger.get("/prefect/api/flow_runs/1").status_code == 401
    assert stranger.get("/prefect/runs", headers={"Accept": "text/html"}).status_code == 302
    assert stranger.post("/prefect/api/flow_runs/filter", json={}).status_code == 401
    assert prefect.arrived == []


@pytest.mark.parametrize(
    "sender",
    [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "http://evil.example"}],
)
def test_a_page_of_another_site_changes_nothing(browser, prefect, sender):
    answer = browser.post(RUN, data="{}", content_type="text/plain", headers=sender, forged=True)
    assert (answer.status_code, prefect.arrived) == (403, [])


@pytest.mark.parametrize("path", ["api/csrf-token", "api/../prefect/x", "../x", "a/%2e%2e/b"])
def test_tokens_and_ways_out_of_the_path_are_not_there(browser, prefect, path):
    assert browser.get(f"/prefect/{path}").status_code == 404
    assert prefect.arrived == []


def test_a_run_that_a_manager_requests_there_is_signed(browser, prefect, config):
    wanted = {
        "parameters": {"pool": "demo"},
        "state": {"type": "SCHEDULED"},
        "tags": ["night", "requester:bob"],
    }
    browser.post(RUN, json=wanted, forged=True)
    sent = json.loads(prefect.arrived[-1][3])
    origin = Origin(tuple(sent["tags"]), sent["idempotency_key"])
    who = Requesters.open(config).requester_of("stop", {"pool": "demo"}, origin)
    assert (who, sent["state"]) == (f"Prefect UI {MANAGER}", wanted["state"])


def test_a_key_of_the_managers_own_hides_nobody_and_makes_one_request_of_two(browser, prefect, config):
    wanted = {"parameters": {"pool": "demo"}, "idempotency_key": "mine \ud800"}
    sent = []
    for _ in range(2):
        browser.post(RUN, json=wanted, forged=True)
        sent.append(json.loads(prefect.arrived[-1][3]))
    origin = Origin(tuple(sent[0]["tags"]), sent[0]["idempotency_key"])
    who = Requesters.open(config).requester_of("stop", {"pool": "demo"}, origin)
    assert who == f"Prefect UI {MANAGER}"
    assert sent[0]["idempotency_key"] == sent[1]["idempotency_key"]


@pytest.mark.parametrize("body", [b"", b"no json", b"[1]", b'{"parameters": 3}'])
def test_what_is_no_such_request_goes_on_as_it_came(browser, prefect, body):
    browser.post(RUN, data=body, content_type="application/json", forged=True)
    assert prefect.arrived[-1][3] == body


def test_a_prefect_server_that_is_away_or_another_is_told(browser, prefect, app):
    prefect.status = 401
    assert "restart `p2ppool up`" in browser.get("/prefect/api/flow_runs/1").text
    prefect.shutdown()
    prefect.server_close()
    answer = browser.get("/prefect/api/flow_runs/1")
    assert (answer.status_code, "does not answer" in answer.text) == (503, True)


def test_the_ui_may_load_from_here_alone_and_runs_no_script_of_a_page(browser):
    policy = browser.get("/prefect/runs").headers["Content-Security-Policy"]
    directives = dict(part.split(" ", 1) for part in policy.split("; "))
    assert directives["default-src"] == "'self'"
    assert directives["script-src"] == "'self' 'unsafe-eval'"
    assert directives["font-src"] == "'self' data:"
    assert "connect-src" not in directives  # as default-src says
