"""A preview of the pool: names looked up, hosts resolved, ports chosen; nothing is stored."""

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from dash import html

from dashboards.pages.new_pool.checking import FieldsError, field_of, whole_spec
from dashboards.pages.new_pool.fields import PAGE
from dashboards.web import context
from dashboards.web.access import require_manager
from dashboards.web.ids import ident
from dashboards.web.text import counted
from p2ppool.cancel import CancelToken
from p2ppool.errors import UserError, one_line
from p2ppool.fleet.fan_out.fan_out import fan_out
from p2ppool.fleet.host.outcome import HostOutcome
from p2ppool.fleet.inventory.resolve import ResolvedHost
from p2ppool.pools.definition.cautions import cautions_of
from p2ppool.pools.definition.limits import sampling_limits
from p2ppool.pools.definition.ports import of_pool
from p2ppool.pools.definition.registry import Prepared, hosts_of, prepare, register
from p2ppool.pools.definition.spec import PoolSpec
from p2ppool.pools.rollout.host_preview import preview_host
from p2ppool.pools.rollout.preview import prepare_preview
from p2ppool.prefect_client.client import PrefectApi
from p2ppool.records.pools import find_pool
from p2ppool.store.models import Pool
from p2ppool.store.unit_of_work import UnitOfWork

CHECK: Final = ident(PAGE, "look")
CHECK_LABEL: Final = "Check the hosts first"
CREATE: Final = ident(PAGE, "create")
FOUND: Final = ident(PAGE, "found")
"""The place for the result of the check of the hosts."""
_MOST_SHOWN: Final = 500
_CHECK_SECONDS: Final = 60.0
_TIMEOUT: Final = 2.0
_check_slots = threading.Semaphore(2)  # each holds one of the server's threads


@dataclass(frozen=True)
class Reviewed:
    """A pool as it would be created."""

    spec: PoolSpec
    hosts: list[ResolvedHost]
    facts: dict[str, str]
    warnings: list[str]


def reviewed(values: Mapping[str, Any]) -> Reviewed:
    """Build what the form would create.

    Raises:
        FieldsError: what is invalid, by field.
    """
    require_manager()
    try:
        spec = whole_spec(values)
        hosts = hosts_of(spec)
        with UnitOfWork(context.engine()) as work:  # never committed
            known = find_pool(work.session, spec.name) is not None
            prepared = prepare(work, spec, hosts)
            pool = register(work, prepared, context.settings().local_node_address)
            warnings = [*_warnings(spec, known=known), *cautions_of(pool)]
            return Reviewed(spec, hosts, _facts(prepared, pool), warnings)
    except UserError as error:
        raise FieldsError({field_of(error): str(error)}) from None


def panel(found: Reviewed) -> list[Any]:
    """Build the review, and the buttons of the next steps."""
    facts = [html.Div([html.Dt(name), html.Dd(value)]) for name, value in found.facts.items()]
    return [
        html.H2(f"{found.spec.name}, as it would be created"),
        html.Dl(facts, className="head"),
        *(html.P(text, className="note watch") for text in found.warnings),
        html.Details(
            [html.Summary(f"{counted(len(found.hosts), 'host')} with their addresses"), _table(found.hosts)],
            className="resolved",
        ),
        html.Div(
            [
                html.Button("Create pool", id=CREATE, type="button", className="do strong"),
                html.Button(CHECK_LABEL, id=CHECK, type="button", className="do"),
            ],
            className="answers",
        ),
        html.Div(id=FOUND, role="status"),
    ]


def check_hosts(values: Mapping[str, Any]) -> list[Any]:
    """Show what a creation would do on each host, or what prevents it."""
    if not _check_slots.acquire(blocking=False):
        return [html.P("Other checks of hosts are running: try again in a minute.", className="note watch")]
    try:
        return _results(_check_hosts(values))
    except FieldsError as error:
        return [html.P(str(error), className="note bad")]
    except UserError as error:
        return [html.P(str(error), className="note bad")]
    finally:
        _check_slots.release()


def _check_hosts(values: Mapping[str, Any]) -> list[HostOutcome]:
    require_manager()
    config = context.settings()
    spec = whole_spec(values)
    hosts = hosts_of(spec)
    with UnitOfWork(context.engine()) as work:  # never committed
        found = prepare_preview(work, prepare(work, spec, hosts), config)
    cancel = CancelToken()
    timer = threading.Timer(_CHECK_SECONDS, cancel.cancel, ["the check took too long"])
    timer.daemon = True
    timer.start()
    try:
        return fan_out(
            found.targets,
            lambda there: preview_host(there, found.request),
            found.login,
            sampling_limits(config),
            cancel,
        )
    finally:
        timer.cancel()


def _results(outcomes: Sequence[HostOutcome]) -> list[Any]:
    bad = [outcome for outcome in outcomes if not outcome.ok]
    good = len(outcomes) - len(bad)
    text = f"{good} of {counted(len(outcomes), 'host')} ready for installation."
    rows = [*bad, *(outcome for outcome in outcomes if outcome.ok)][:_MOST_SHOWN]
    return [
        html.P(text, className=f"note {'watch' if bad else 'good'}"),
        html.Table(html.Tbody([_outcome(outcome) for outcome in rows]), className="plain"),
        *_more(len(outcomes)),
    ]


def _outcome(outcome: HostOutcome) -> html.Tr:
    what = one_line(outcome.facts.get("would", "") if outcome.ok else outcome.message, 300)
    result = "ok" if outcome.ok else str(outcome.error).replace("_", " ")
    badge = html.Span(result, className=f"badge {'good' if outcome.ok else 'bad'}")
    return html.Tr([html.Th(outcome.target.name, scope="row"), html.Td(badge), html.Td(what)])


def _facts(prepared: Prepared, pool: Pool) -> dict[str, str]:
    spec, package, key = prepared.spec, prepared.package, prepared.ssh_key
    ports = of_pool(pool)
    runtime = prepared.runtime
    return {
        "Nodes": f"{len(prepared.hosts) * spec.nodes_per_process} on hosts, 1 here",
        "Namespace": pool.namespace,
        "Package": f"{package.name}@{package.version}",
        "Runtime": f"{runtime.name} {runtime.version}, bundled"
        if runtime
        else f"{package.runtime} on the hosts",
        "Log in as": f"{pool.ssh_user} by {key.name} ({key.key_type})",
        "Install path": pool.install_path,
        "Ports": f"UDP {ports.udp or 'off'} · TCP {ports.tcp or 'off'} · XML-RPC {ports.rpc}",
        "Failure limit": f"{pool.failure_limit} %",
    }


def _warnings(spec: PoolSpec, *, known: bool) -> Iterable[str]:
    if known:
        yield f"The same pool {spec.name} already exists: it is only installed where it is missing."
    try:
        with PrefectApi.open(context.settings(), retry_for=_TIMEOUT, timeout=_TIMEOUT) as api:
            api.require("create")
    except UserError as error:
        yield str(error)


def _table(hosts: Sequence[ResolvedHost]) -> html.Div:
    rows = [
        html.Tr(
            [html.Th(host.name, scope="row"), html.Td(f"{host.address}:{host.port}"), html.Td(_route(host))]
        )
        for host in hosts[:_MOST_SHOWN]
    ]
    return html.Div([html.Table(html.Tbody(rows), className="plain"), *_more(len(hosts))])


def _more(number: int) -> list[html.P]:
    return [html.P(f"and {number - _MOST_SHOWN} more", className="quiet")] if number > _MOST_SHOWN else []


def _route(host: ResolvedHost) -> str:
    if host.is_manager:
        return "this machine"
    return f"via {host.jump}" if host.jump else ""
