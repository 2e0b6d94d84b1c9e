"""Who may have what: a row for every route, and for every callback that a person sets off with a click.

Whoever adds one adds its row here, and says in the code (dashboards/access.py) what it needs.
"""

from dashboards.access import Need

ROUTES = {
    "GET /healthz": Need.NOTHING,
    "GET /assets/<path:filename>": Need.NOTHING,
    "GET /_dash-component-suites/<string:package_name>/<path:fingerprinted_path>": Need.NOTHING,
    "GET /_favicon.ico": Need.NOTHING,
    "GET /sign-in": Need.NOTHING,
    "POST /sign-in": Need.NOTHING,
    "POST /sign-out": Need.NOTHING,
    "GET /welcome": Need.NOTHING,
    "POST /welcome": Need.NOTHING,
    "GET /password": Need.NOTHING,
    "POST /password": Need.NOTHING,
    "GET /enter": Need.NOTHING,
    "POST /enter": Need.NOTHING,
    "GET /": Need.VIEWER,
    "GET /<path:path>": Need.VIEWER,
    "GET /_dash-layout": Need.VIEWER,
    "GET /_dash-dependencies": Need.VIEWER,
    "POST /_dash-update-component": Need.VIEWER,
    "GET /_reload-hash": Need.VIEWER,
    "GET /pools/<pool>/node.config": Need.VIEWER,
    "GET /export/<file>": Need.VIEWER,
    "GET /account": Need.USER,
    "POST /account/password": Need.USER,
    "POST /account/sign-out-everywhere": Need.USER,
    "POST /account/tokens": Need.USER,
    "POST /account/tokens/<int:number>/revoke": Need.USER,
    "GET /pools/<pool>/files/<name>": Need.MANAGER,
    "GET /pools/<pool>/upgrade": Need.MANAGER,
    "GET /users": Need.MANAGER,
    "POST /users": Need.MANAGER,
    "POST /users/<name>/link": Need.MANAGER,
    "POST /users/<name>/role": Need.MANAGER,
    "POST /users/<name>/active": Need.MANAGER,
    "POST /users/<name>/remove": Need.MANAGER,
}

OPENED_BY_TOKEN = {"GET /pools/<pool>/node.config": "view", "GET /export/<file>": "export"}
"""Routes for programs, with the scope that their API token must have."""

CALLBACKS = {
    "pool-doing-told.children": Need.MANAGER,
    "pool-history.children": Need.VIEWER,
    "export-columns.options": Need.VIEWER,
}
"""By their first output, those whose inputs are clicks and the like."""
