"""One Flask server with the Dash pages on it."""

from http import HTTPStatus
from pathlib import Path

from dash import Dash
from flask import Flask, Response, request
from sqlalchemy import Engine

from dashboards.components.actions import confirm
from dashboards.frame import shell
from dashboards.group_service.views import service
from dashboards.groups.setup import register_groups
from dashboards.pages import activity, export, new_pool, nodes, not_found_404, pool, pools, ring, system
from dashboards.pages import map as map_page
from dashboards.routes.exports import exports
from dashboards.routes.health import health
from dashboards.routes.pool_files import downloads
from dashboards.routes.prefect_forms import forms
from dashboards.routes.prefect_ui import connect, prefect_ui
from dashboards.routes.uploads import uploads
from dashboards.sign_in.authentication import authenticate_requests
from dashboards.sign_in.setup import CSRF_HEADER, csrf_cookie, set_up
from dashboards.web import context
from dashboards.web.callback_requests import check_callback_requests
from dashboards.web.changing import changing_callbacks
from dashboards.web.converters import bound_numbers
from dashboards.web.security_headers import protect
from p2ppool.settings import Settings

_ASSETS = Path(__file__).with_name("assets")
_PAGES = (pools, new_pool, pool, nodes, ring, system, map_page, activity, export)
_INDEX = "/<path:path>"  # Dash's own route: the same document for every page


def create_app(engine: Engine, settings: Settings) -> Flask:
    """Create the server of all pages; `settings` tell where it will listen and where Prefect's UI is.

    It serves every script and style itself: a browser needs no other host.
    """
    server = Flask("dashboards", static_folder=None)
    context.give(server, context.Context(engine, settings))
    bound_numbers(server)
    set_up(server, engine, settings)
    server.register_blueprint(health)
    server.register_blueprint(downloads)
    server.register_blueprint(exports)
    server.register_blueprint(forms)
    server.register_blueprint(prefect_ui)
    connect(server, settings)
    server.register_blueprint(uploads)
    register_groups(server)
    server.register_blueprint(service)
    app = Dash(
        "dashboards",
        server=False,
        assets_folder=str(_ASSETS),
        assets_ignore=shell.IN_HEAD,
        pages_folder="",
        use_pages=True,
        include_pages_meta=False,  # they would repeat the URL that the visitor sent
        suppress_callback_exceptions=True,  # or every page would contain every page's data
        compress=True,
        index_string=shell.document(),
        title="P2PPool Manager",
        csrf_token_name=csrf_cookie(settings),
        csrf_header_name=CSRF_HEADER,
        update_title="",
        enable_mcp=False,
    )
    app.init_app(server)
    for page in (*_PAGES, not_found_404):
        page.register(app)
    app.layout = shell.layout
    shell.register(app)
    confirm.register(app)
    app.index_string = shell.document(changing_callbacks(app))
    check_callback_requests(server, app)
    _answer_not_found(server)
    protect(server, settings, lambda: [*app.csp_hashes(), shell.RETRY_HASH])
    authenticate_requests(server, settings)
    # Dash completes its setup in the first request; a concurrent second one would find it half done.
    server.test_client().get("/_dash-dependencies")
    return server


def _answer_not_found(server: Flask) -> None:
    """Answer 404 for a path without a page, for which Dash would answer 200."""

    @server.after_request
    def mark(response: Response) -> Response:
        is_document = request.url_rule is not None and request.url_rule.rule == _INDEX
        if (
            is_document
            and response.status_code == HTTPStatus.OK
            and not any(page.is_there(request.path) for page in _PAGES)
        ):
            response.status_code = 404
        return response
