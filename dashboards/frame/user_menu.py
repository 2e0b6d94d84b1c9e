"""The menu in the header: who is signed in, and their pages."""

from dash import dcc, html
from flask_wtf.csrf import generate_csrf

from dashboards.frame.pending_registrations import waiting
from dashboards.web.access import visitor


def visitor_menu() -> html.Details | html.A:
    """Build the menu, or the link to the sign-in page.

    Its links leave Dash: those pages are documents of their own.
    """
    who = visitor()
    if who.id is None:
        return html.A("Sign in", href="/sign-in", className="sign-in")
    entries = [
        html.A("Account", href="/account"),
        html.A("Audit", href="/audit") if who.is_manager else None,
        _users() if who.is_manager else None,
        html.Form(
            [dcc.Input(type="hidden", name="csrf_token", value=generate_csrf()), html.Button("Sign out")],
            method="POST",
            action="/sign-out",
        ),
    ]
    return html.Details([html.Summary(who.name), html.Div(entries, className="who-menu")], className="who")


def _users() -> html.A:
    """Build the link to the users, with the number of waiting registrations."""
    number = waiting()
    badge = html.Span(str(number), className="who-waiting", title="registrations waiting for your decision")
    return html.A(["Users ", badge] if number else "Users", href="/users")
