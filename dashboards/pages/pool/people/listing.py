"""The list of the people who have a role on the pool."""

from collections.abc import Sequence
from typing import Any, Final

from dash import html

from dashboards.components.health_badge import Tone
from dashboards.pages.pool.ids import PAGE
from dashboards.web import context
from dashboards.web.ids import ident
from dashboards.web.text import age
from dashboards.web.untyped import labelled
from p2ppool.accounts.roles import pool_roles
from p2ppool.records.pools import find_pool
from p2ppool.store.models import PoolRole, UserOnPool
from p2ppool.store.unit_of_work import reading

TAKE: Final = ident(PAGE, "take-role")
"""The part of the ids of buttons that take a role away; their `user` is whose."""
_TONES: Final = {PoolRole.VIEWER: Tone.IDLE, PoolRole.OPERATOR: Tone.GOOD, PoolRole.MANAGER: Tone.BUSY}


def people(name: str) -> Sequence[UserOnPool]:
    """Return who has a role on the pool, by name."""
    with reading(context.engine()) as work:
        pool = find_pool(work.session, name)
        return [] if pool is None else pool_roles.of_pool(work.session, pool)


def listing(found: Sequence[UserOnPool]) -> html.Ul | html.P:
    """Build the list."""
    if not found:
        return html.P("Nobody has a role on this pool alone.", className="quiet")
    return html.Ul([_item(each) for each in found], className="people")


def _item(each: UserOnPool) -> html.Li:
    return html.Li(
        [
            html.Span(each.role.value, className=f"badge {_TONES[each.role]}"),
            html.B(each.user.name),
            html.Span(_about(each), className="quiet when"),
            html.Button(
                "Remove",
                id={"part": TAKE, "user": each.user.name},
                type="button",
                className="do small",
                **labelled(f"Remove: {each.user.name}"),
            ),
        ]
    )


def _about(each: UserOnPool) -> list[Any]:
    return ["since ", age(each.given_at), "" if each.user.active else " · disabled"]
