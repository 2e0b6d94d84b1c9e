"""The pool to compare with, and the actions to mark; both are in the URL."""

from collections.abc import Sequence

from dash import Dash, Input, Output, State, dcc, html

from dashboards.live.url_state import keep_in_address
from dashboards.pages.system.data import SystemView
from dashboards.pages.system.ids import NAME, PAGE, VIEW
from dashboards.web import context
from dashboards.web.ids import ident
from p2ppool.reports.actions.annotations import AnnotationKind
from p2ppool.reports.pools.pools import names_of_pools

_OTHER = ident(PAGE, "other")
_KINDS = ident(PAGE, "kinds")

_LABELS = {
    AnnotationKind.INSTALL: "installs",
    AnnotationKind.UPGRADE: "upgrades",
    AnnotationKind.SUSPEND: "suspends",
    AnnotationKind.RESUME: "resumes",
    AnnotationKind.STOP: "stops",
    AnnotationKind.CHECK: "checks that repaired or failed",
}


def layout(name: str, view: SystemView) -> html.Div:
    """Build the two controls with the URL's values."""
    others = [{"label": other, "value": other} for other in names_of_pools(context.engine()) if other != name]
    choose = dcc.Dropdown(others, view.other, id=_OTHER, placeholder="no other pool", clearable=True)
    kinds = dcc.Checklist(
        {kind.value: text for kind, text in _LABELS.items()},
        [kind.value for kind in view.kinds],
        id=_KINDS,
        inline=True,
    )
    return html.Div(
        [
            dcc.Store(id=VIEW, data=view.query()),
            html.Div([html.Label("Compare with", htmlFor=_OTHER), choose], className="compare"),
            html.Fieldset([html.Legend("Marked actions"), kinds]),
        ],
        className="system-options",
    )


def register(app: Dash) -> None:
    """Keep the controls and the URL in sync."""
    app.callback(
        Output(VIEW, "data"),
        Input(_OTHER, "value"),
        Input(_KINDS, "value"),
        State(NAME, "data"),
        prevent_initial_call=True,
    )(_choose)
    keep_in_address(app, VIEW)


def _choose(other: str | None, kinds: Sequence[str], name: str) -> dict[str, str | None]:
    return SystemView.of(name, {"compare": other, "marks": ",".join(kinds) or "none"}).query()
