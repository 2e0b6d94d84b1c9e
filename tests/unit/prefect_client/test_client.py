"""Prefect's API as a client meets it, over real HTTP; a real server is met in the end-to-end tests."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest

from p2ppool.actions.requesters import Origin, Requesters
from p2ppool.errors import UserError
from p2ppool.prefect_client.client import PrefectApi, PrefectRefusalError
from p2ppool.prefect_client.states import RunState

REQUESTERS = Requesters(b"k" * 32)


@pytest.fixture
def server():
    """A server that gives the answers in `server.answers`, in order, and remembers what it was sent."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            length = int(self.headers.get("Content-Length") or 0)
            server.heads.append(self.headers)
            if self.path.startswith("/api/csrf-token?client="):
                self._answer(*server.tokens.pop(0))
                return
            server.asked.append((self.path, json.loads(self.rfile.read(length) or "null")))
            self._answer(*server.answers.pop(0))

        def _answer(self, status, body):
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        do_POST = do_GET  # noqa: N815 - the name that http.server calls

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.answers, server.asked, server.heads = [], [], []
    server.tokens = [(200, {"token": f"t{number}"}) for number in range(9)]
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def api(server):
    with client_of(server) as api:
        yield api


def client_of(server, **how):
    return PrefectApi(f"http://127.0.0.1:{server.server_address[1]}", "ada:secret", REQUESTERS, **how)


def test_a_run_is_asked_for_by_the_deployments_name_and_tells_who_asked(server, api):
    server.answers = [(200, {"id": "d1"}), (201, {"id": "r1"})]
    assert api.start("crawl", {"pool": "demo"}, "cli ada") == "r1"
    (by_name, _), (create, body) = server.asked
    assert (by_name, create) == ("/api/deployments/name/crawl/crawl", "/api/deployments/d1/create_flow_run")
    assert (body["parameters"], body["tags"]) == ({"pool": "demo"}, ["requester:cli ada"])
    origin = Origin(tuple(body["tags"]), body["idempotency_key"])
    assert REQUESTERS.requester_of("crawl", {"pool": "demo"}, origin) == "cli ada"


def test_a_busy_server_is_asked_again_for_the_same_run(server, api):
    server.answers = [(200, {"id": "d1"}), (503, {}), (201, {"id": "r1"})]
    assert api.start("crawl", {}, "cli") == "r1"
    first, second = (body["idempotency_key"] for _, body in server.asked[1:])
    assert first == second


def test_a_server_that_stays_busy_is_asked_as_long_as_patience_lasts(server, api, monkeypatch):
    pauses = []
    monkeypatch.setattr("tenacity.time", SimpleNamespace(monotonic=lambda: sum(pauses)))
    monkeypatch.setattr("tenacity.nap.time", SimpleNamespace(sleep=pauses.append))
    server.answers = [(503, {"asked": number}) for number in range(121)]
    with pytest.raises(PrefectRefusalError, match='"asked": 120'):
        api.require("crawl")
    assert pauses == [0.5] * 120


def test_who_has_no_patience_asks_once(server):
    server.answers = [(503, {})]
    with (
        client_of(server, retry_for=0.0) as api,
        pytest.raises(PrefectRefusalError, match="refuses /deployments/"),
    ):
        api.require("crawl")
    assert len(server.asked) == 1


def test_an_action_that_is_not_served_is_named(server, api):
    server.answers = [(404, {"detail": "no"})]
    with pytest.raises(
        UserError, match="does not have /deployments/name/crawl/crawl: it was deleted or never made"
    ):
        api.require("crawl")


def test_a_refusal_is_one_line(server, api):
    server.answers = [(200, {"id": "d1"}), (422, {"detail": "wrong\nparameters"})]
    with pytest.raises(UserError, match="refuses") as error:
        api.start("crawl", {}, "cli")
    assert "\n" not in str(error.value)


def test_a_server_that_is_not_there_is_one_line():
    with (
        PrefectApi("http://127.0.0.1:1", "ada:secret", REQUESTERS) as api,
        pytest.raises(UserError, match="start it with `p2ppool up`"),
    ):
        api.state("r1")


@pytest.mark.parametrize(("kind", "final"), [("RUNNING", False), ("COMPLETED", True), ("CRASHED", True)])
def test_a_state_tells_whether_it_is_final(server, api, kind, final):
    server.answers = [(200, {"state": {"type": kind, "name": "Partial", "message": None}})]
    state = api.state("r1")
    assert (state.final, state.name, state.message) == (final, "Partial", "")


def test_every_call_brings_the_credential_and_changes_a_token(server, api):
    server.answers = [(200, {"id": "d1"}), (201, {"id": "r1"}), (201, {"id": "r2"})]
    api.call("GET", "/deployments/name/crawl/crawl")
    api.call("POST", "/one", {})
    api.call("POST", "/two", {})
    assert {head["Authorization"] for head in server.heads} == {"Basic YWRhOnNlY3JldA=="}
    assert [head["Prefect-Csrf-Token"] for head in server.heads] == [None, None, "t0", "t0"]
    assert server.heads[2]["Prefect-Csrf-Client"]


def test_a_token_that_is_not_taken_is_replaced_once(server, api):
    server.answers = [(403, {"detail": "Invalid CSRF token or client identifier."}), (200, {"id": "r1"})]
    assert api.call("POST", "/one", {}) == {"id": "r1"}
    assert [head["Prefect-Csrf-Token"] for head in server.heads] == [None, "t0", None, "t1"]


def test_a_server_too_busy_to_give_a_token_is_asked_again(server, api, monkeypatch):
    monkeypatch.setattr("tenacity.nap.time", SimpleNamespace(sleep=lambda _: None))
    server.tokens[:0] = [(503, {}), (503, {})]
    missing = (403, {"detail": "Missing CSRF token."})
    server.answers = [missing, missing, (200, {"id": "r1"})]
    assert api.call("POST", "/one", {}) == {"id": "r1"}


def test_a_server_of_another_manager_is_told_apart_from_a_refusal(server, api):
    server.answers = [(401, {"exception_message": "Unauthorized"})]
    with pytest.raises(UserError, match="does not take this manager's credential") as error:
        api.require("crawl")
    assert "secret" not in str(error.value)


def _state(key, type_, second):
    row = {"id": key, "type": type_, "name": type_.title(), "message": key}
    return row | {"timestamp": f"2026-01-01T00:00:{second:02}Z"}


_PENDING, _WAITING = _state("p", "PENDING", 1), _state("w", "PENDING", 3)


@pytest.mark.parametrize("end", ["CANCELLING", "CANCELLED", "FAILED", "COMPLETED"])
@pytest.mark.parametrize("second", [2, 4], ids=["stamped-before", "stamped-after"])
def test_an_end_that_comes_while_a_state_is_set_is_put_back(server, api, end, second):
    ended = _state("e", end, second)
    server.answers = [(200, [_PENDING]), (201, {}), (200, [_WAITING, _PENDING, ended]), (201, {})]
    assert not api.set_state_unless_ended("r1", RunState("PENDING", "Waiting", "for crawl"))
    (*_, (path, body)) = server.asked
    assert path == "/api/flow_runs/r1/set_state"
    assert body == {"state": {"type": end, "name": end.title(), "message": "e"}, "force": True}


def test_a_state_is_set_where_no_end_comes_even_after_an_earlier_end_and_a_retry(server, api):
    before = [_state("e", "FAILED", 0), _PENDING]
    server.answers = [(200, before), (201, {}), (200, [*before, _WAITING])]
    assert api.set_state_unless_ended("r1", RunState("PENDING", "Waiting", "for crawl"))
    assert len(server.asked) == 3


@pytest.mark.parametrize("before", [[], [_PENDING, _state("e", "CANCELLING", 2)]], ids=["deleted", "ended"])
def test_no_state_is_set_on_what_is_deleted_or_ended(server, api, before):
    server.answers = [(200, before)]
    assert not api.set_state_unless_ended("r1", RunState("PENDING", "Waiting", "for crawl"))
    assert len(server.asked) == 1
