"""Keeps the state of a page in its URL, so that it can be shared and survives a reload."""

from dash import ClientsideFunction, Dash, Input

from dashboards.web.untyped import bind_in_browser


def keep_in_address(app: Dash, store: str) -> None:
    """Write what the `dcc.Store` of that id holds into the query of the URL, whenever it changes.

    It must hold a dict of texts by the names of query parameters: None or "" removes one from the URL,
    parameters that it does not name stay. The page is not reloaded (assets/address.js).
    """
    bind_in_browser(
        app,
        ClientsideFunction("address", "keep"),
        Input(store, "data"),
        True,  # noqa: FBT003 - prevent_initial_call: at first it holds what the address said
    )
