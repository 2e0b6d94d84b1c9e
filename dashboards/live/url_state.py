"""What a page shows is in its address, so that it can be sent to others and survives a reload."""

from dash import ClientsideFunction, Dash, Input

from dashboards.web.untyped import bind_in_browser


def keep_in_address(app: Dash, store: str) -> None:
    """Write what the `dcc.Store` of that id holds into the query of the address, whenever it changes.

    It is to hold a dict of texts by the names of query parameters: None or "" takes one out of the address,
    parameters that it does not name stay. The page is not loaded anew (assets/address.js).
    """
    bind_in_browser(
        app,
        ClientsideFunction("address", "keep"),
        Input(store, "data"),
        True,  # noqa: FBT003 - prevent_initial_call: at first it holds what the address said
    )
