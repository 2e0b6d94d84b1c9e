"""`/healthz`: checks that the server and its database answer."""

from flask import Blueprint, Response
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from dashboards.web import context
from dashboards.web.access import for_everybody
from p2ppool.store.unit_of_work import reading

health = Blueprint("health", __name__)


@health.get("/healthz")
@for_everybody
def healthz() -> Response:
    """Answer 200 if the database answers, else 503."""
    try:
        with reading(context.whole_engine()) as work:
            work.session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return Response("the database does not answer\n", status=503, mimetype="text/plain")
    return Response("ok\n", mimetype="text/plain")
