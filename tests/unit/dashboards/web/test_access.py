"""Every way to the server, tried by everybody."""

import ast
import json
from pathlib import Path

import pytest

import dashboards
from dashboards.web.access import Need, rule_of
from p2ppool.accounts import tokens, users
from p2ppool.accounts.roles import pool_roles
from p2ppool.records.pools import get_pool
from p2ppool.store.models import Base, PoolRole, Role
from p2ppool.store.unit_of_work import UnitOfWork
from tests.lab.past.history import a_bare_pool
from tests.lab.web.people import MANAGER, PASSWORD, sign_in
from tests.unit.dashboards.web.access_table import CALLBACKS, OPENED_BY_TOKEN, PEOPLE, ROUTES

PASSIVE = {
    *("data", "n_intervals", "pathname", "search", "href", "hash", "value", "hidden", "children"),
    *("relayoutData", "clickData", "hoverData", "selectedData", "selectedRows", "cellClicked"),
}
"""Properties that change as one looks around."""
PLACES = {
    "<pool>": "demo",
    "<name>": "nobody",
    "<int:number>": "1",
    "<number>": "0123456789abcdef",
    "<int:version>": "1",
    "<path:path>": "nowhere",
    "<path:filename>": "theme.js",
    "<string:package_name>/<path:fingerprinted_path>": "dash/x.js",
    "<file>": "node-stats.csv?pool=demo",
}
WHO = ("anonymous", "viewer", "manager")


@pytest.fixture
def client(app, engine, who):
    """The browser of one of the PEOPLE, who have their roles on the pools `demo` and `other`."""
    a_bare_pool(engine)
    a_bare_pool(engine, "other")
    client = app.test_client()
    if who != "anonymous":
        sign_in(engine, client, MANAGER)  # somebody must be one
        client = app.test_client()
        sign_in(engine, client, who, PEOPLE[who].role)
        give_role(engine, who, "demo", PEOPLE[who].here)
        give_role(engine, who, "other", PEOPLE[who].elsewhere)
    return client


def give_role(engine, name, pool, role):
    if role is not None:
        with UnitOfWork(engine) as work:
            found = users.get(work.session, name)
            pool_roles.give(work.session, get_pool(work.session, pool), found, role, "test")
            work.commit()


def path_of(rule):
    for place, value in PLACES.items():
        rule = rule.replace(place, value)
    assert "<" not in rule, f"PLACES needs a value for {rule}"
    return rule


def was_refused(answer):
    led_to_sign_in = answer.status_code == 302 and answer.headers["Location"].startswith("/sign-in?next")
    led_to_sign_in |= answer.request.path == "/" and answer.status_code == 302
    return led_to_sign_in or answer.status_code in {401, 403} or has_no_pool(answer)


def has_no_pool(answer):
    texts = ("There is no such pool", "no pool is named", "no pool named")
    return answer.status_code == 404 and any(text in answer.text for text in texts)


def test_every_route_has_its_row(app):
    routes = {
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert routes == set(ROUTES)


def test_every_route_with_a_pool_in_its_address_says_what_it_does_with_it(app):
    silent = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if "pool" in rule.arguments
        and rule_of(app.view_functions[rule.endpoint]).act is None
        and rule_of(app.view_functions[rule.endpoint]).need is not Need.MANAGER
    ]
    assert silent == []


@pytest.mark.parametrize("who", PEOPLE)
def test_who_gets_an_answer(client, engine, who):
    wrong = []
    for route, need in ROUTES.items():
        method, rule = route.split()
        headers = {"X-XSRF-Token": client.token()} if method == "POST" else {}
        answer = client.open(path_of(rule), method=method, headers=headers)
        if route == "POST /sign-in":
            answer.status_code = 200  # 401 is its own word for a wrong password
        if was_refused(answer) is PEOPLE[who].may(need):
            wrong.append((route, answer.status_code))
        if who != "anonymous" and route in {"POST /sign-out", "POST /account/sign-out-everywhere"}:
            sign_in(engine, client, who)
    assert wrong == []


@pytest.mark.parametrize("who", WHO)
def test_to_ask_for_the_head_alone_reads_as_get_does(client, engine, who):
    """Flask lets HEAD in wherever GET is; limits and the token against forged requests are for POST alone."""
    before, wrong = everything_in(engine), []
    for path in sorted({path_of(route.split()[1]) for route in ROUTES}):
        read, head = client.get(path), client.head(path)
        form = client.head(path, data={"name": MANAGER, "password": PASSWORD, "again": PASSWORD, "step": "x"})
        if (head.status_code, form.status_code) != (read.status_code, 400) or head.data:
            wrong.append((path, read.status_code, head.status_code, form.status_code))
    assert wrong == []
    assert everything_in(engine) == before


def everything_in(engine):
    with engine.connect() as connection:
        return {table.name: connection.execute(table.select()).all() for table in Base.metadata.sorted_tables}


def dependencies(client):
    """(first output, what the browser would send) of each callback that runs on the server."""
    for each in json.loads(client.get("/_dash-dependencies").text):
        if each["clientside_function"] is None:
            yield each


def outputs_of(text):
    many = text.startswith("..")
    parts = [part.rsplit(".", 1) for part in (text[2:-2].split("...") if many else [text])]
    outputs = [{"id": ident, "property": prop.split("@")[0]} for ident, prop in parts]
    return outputs if many else outputs[0]


def sent(parts):
    """An empty value for each input or state; a list for those that match many."""
    return [
        [] if part["id"].startswith("{") else {"id": part["id"], "property": part["property"], "value": None}
        for part in parts
    ]


def first_output(dependency):
    """Without what Dash adds to an output that several callbacks have."""
    return dependency["output"].removeprefix("..").split("...")[0].removesuffix("..").partition("@")[0]


def is_set_off_by_a_person(dependency):
    return any(part["property"] not in PASSIVE for part in dependency["inputs"])


def test_every_callback_of_a_click_has_its_row(browser):
    found = list(dependencies(browser))
    clicks = {first_output(each) for each in found if is_set_off_by_a_person(each)}
    assert clicks - set(CALLBACKS) == set()
    assert set(CALLBACKS) - {first_output(each) for each in found} == set()


@pytest.mark.parametrize("who", PEOPLE)
def test_who_can_set_off_what_acts(app, engine, client, who):
    manager = app.test_client()
    sign_in(engine, manager, MANAGER)
    wrong = []
    for each in dependencies(manager):
        need = CALLBACKS.get(first_output(each), Need.VIEWER)
        if need not in {Need.MANAGER, *PoolRole}:
            continue
        answer = client.post("/_dash-update-component", json=clicked(each))
        allowed = PEOPLE[who].may(need) or is_for_any_pool(PEOPLE[who], need)
        expected = {401} if who == "anonymous" else {200, 204} if allowed else {403}
        if answer.status_code not in expected:
            wrong.append((each["output"], answer.status_code))
    assert wrong == []


def is_for_any_pool(person, need):
    """Whether they have that role on the other pool: what names none is then answered, and does nothing."""
    return isinstance(need, PoolRole) and person.elsewhere is not None and person.elsewhere.includes(need)


def clicked(each, **values):
    """What a browser would send after a click, with values by the ids of inputs; an empty one for others."""

    def filled(parts):
        return [
            part | {"value": values.get(part["id"])} if isinstance(part, dict) else part
            for part in sent(parts)
        ]

    return {
        "output": each["output"],
        "outputs": outputs_of(each["output"]),
        "inputs": filled(each["inputs"]),
        "state": filled(each["state"]),
        "changedPropIds": [],
    }


def test_what_writes_or_starts_something_asks_who_wants_it():
    """Itself, or the page that it is a part of; the sign-in's own views all say what they need."""
    silent = []
    for path in sorted(Path(dashboards.__file__).parent.rglob("*.py")):
        if "sign_in" in path.parts or path.name == "__main__.py":
            continue
        text = path.read_text()
        writes = ".commit()" in text or ("PrefectApi(" in text and ".start(" in text)
        is_part = path.parent.parent.name == "pages"
        if writes and not any(map(asks_who, path.parent.glob("*.py") if is_part else [path])):
            silent.append(str(path))
    assert silent == []


def asks_who(path):
    names = {node.id for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Name)}
    return bool(names & {"acts", "acts_on_pools", "require_manager", "for_managers", "for_users", "visitor"})


@pytest.mark.parametrize("scope", tokens.Scope)
def test_a_token_opens_what_its_scope_says_and_nothing_else(app, engine, scope):
    a_bare_pool(engine)
    client = app.test_client()
    sign_in(engine, client, MANAGER)
    text = a_token(engine, scope)
    wrong = []
    for route, need in ROUTES.items():
        if need is Need.NOTHING:
            continue
        method, rule = route.split()
        # With a manager's cookie beside it: the token alone counts.
        headers = {"Authorization": f"Bearer {text}", "X-XSRF-Token": client.token()}
        sent_along = {"name": "eve"} if method == "POST" else None
        answer = client.open(path_of(rule), method=method, headers=headers, data=sent_along)
        if answer.status_code != (200 if OPENED_BY_TOKEN.get(route) == scope else 403):
            wrong.append((route, answer.status_code))
    assert wrong == []


def a_token(engine, scope):
    with UnitOfWork(engine) as work:
        _, text = tokens.create(work.session, users.get(work.session, MANAGER), "t", [scope], "test")
        work.commit()
    return text


@pytest.mark.parametrize(
    "header", ["Bearer p2p_wrong", "bearer", "Bearer ", "Bearer  p2p_x", "Bearer p2p_" + "x" * 5000]
)
def test_what_is_no_token_opens_nothing_and_is_told_so(browser, engine, header):
    a_bare_pool(engine)
    answer = browser.get("/pools/demo/node.config", headers={"Authorization": header})
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")


def test_what_a_proxy_asks_for_is_no_token(browser):
    assert browser.get("/account", headers={"Authorization": "Basic YWRhOng="}).status_code == 200


def test_a_tokens_use_is_noted_and_no_session_comes_of_it(app, engine):
    a_bare_pool(engine)
    sign_in(engine, app.test_client(), MANAGER)
    text = a_token(engine, "view")
    client = app.test_client()
    answer = client.get("/pools/demo/node.config", headers={"Authorization": f"bearer {text}"})
    assert (answer.status_code, "Set-Cookie" in answer.headers) == (200, False)
    with UnitOfWork(engine) as work:
        assert tokens.find(work.session, text).used_at
        tokens.revoke(work.session, None, "1", "test")
        work.commit()
    assert (
        client.get("/pools/demo/node.config", headers={"Authorization": f"Bearer {text}"}).status_code == 401
    )


def test_viewers_get_no_buttons_and_no_links_to_logs(app, engine, tmp_path):
    a_bare_pool(engine)
    folder = tmp_path / "data/gathered/demo"
    folder.mkdir(parents=True)
    (folder / "logs-20261125T170000Z-12.zip").touch()
    seen = {}
    for who in ("viewer", MANAGER):
        client = app.test_client()
        sign_in(engine, client, who, Role.VIEWER if who == "viewer" else Role.MANAGER)
        seen[who] = shown(client, "pool-doing.children") + shown(client, "pool-files.children")
    assert "Crawl" in seen[MANAGER]
    assert "/files/logs" in seen[MANAGER]
    assert "logs-20261125T170000Z-12.zip" in seen["viewer"]
    assert not any(word in seen["viewer"] for word in ("Crawl", "Stop", "/upgrade", "/files/logs"))


def shown(client, output):
    """What the callback with that first output sends for pool `demo`."""
    (each,) = [each for each in dependencies(client) if first_output(each) == output]
    values = {"pool-name": "demo", "pool-activity": ""}

    def filled(parts):
        return [part | {"value": values.get(part["id"])} for part in parts]

    body = {
        "output": each["output"],
        "outputs": outputs_of(each["output"]),
        "inputs": filled(each["inputs"]),
        "state": filled(each["state"]),
        "changedPropIds": [],
    }
    return str(client.post("/_dash-update-component", json=body).json)
