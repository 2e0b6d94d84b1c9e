"""`/pools/<pool>/upgrade`: redirects to Prefect's form of the action, with the pool filled in."""

import json
from typing import Final
from urllib.parse import quote

from flask import Blueprint, Response, redirect

from dashboards.web import context
from dashboards.web.access import for_managers
from p2ppool.actions.catalogue import Action
from p2ppool.errors import UserError
from p2ppool.prefect_client.client import PrefectApi
from p2ppool.reports.pools.pools import exists
from p2ppool.settings import PREFECT_UI_PATH

forms = Blueprint("forms", __name__)

_TIMEOUT: Final = 5.0  # seconds that a visitor waits for a busy Prefect server


@forms.get("/pools/<pool>/upgrade")
@for_managers
def upgrade(pool: str) -> Response:
    """Redirect to the form, whose address contains the deployment's id in Prefect."""
    if not exists(context.engine(), pool):
        return Response("There is no such pool.\n", status=404, mimetype="text/plain")
    try:
        with PrefectApi.open(context.settings(), retry_for=_TIMEOUT) as api:
            deployment = api.deployment(Action.UPGRADE)
    except UserError as error:
        return Response(f"{error}\n", status=503, mimetype="text/plain")
    return _to(f"{PREFECT_UI_PATH}/deployments/deployment/{deployment}/run", {"spec": {"name": pool}})


def _to(address: str, parameters: object) -> Response:
    # Encoded twice, like Prefect's own pages: once for the form, once for the URL.
    query = quote(quote(json.dumps(parameters), safe=""), safe="")
    answer = redirect(f"{address}?parameters={query}")
    answer.headers["Cache-Control"] = "no-store"
    assert isinstance(answer, Response)  # noqa: S101 - what Flask makes
    return answer
