"""Endpoints for members' machines: the certificate service, and each group's revocation list."""

import hashlib
import logging
from typing import Final

from flask import Blueprint, Response, g, request
from sqlalchemy.exc import DBAPIError

from dashboards.group_service.call import get_call
from dashboards.group_service.methods import SUBMIT, answer
from dashboards.group_service.xml_rpc import FAILED, CallError, write_answer, write_fault
from dashboards.sign_in.session.rate_limits import limiter
from dashboards.web import context
from dashboards.web.access import for_everybody, for_programs
from p2ppool.errors import UserError, one_line
from p2ppool.groups.certificates import revocation_lists
from p2ppool.groups.certificates.requests import DENIED
from p2ppool.groups.server import REVOCATIONS, SERVICE
from p2ppool.groupvpn.names import checked_name
from p2ppool.store.types import now
from p2ppool.store.vault import VaultError
from p2ppool.store.vault_key import vault_of

service: Final = Blueprint("group_service", __name__)

_LOG: Final = logging.getLogger("p2ppool.groups")
_CALLS: Final = "600 per minute"  # machines ask each minute, and many may share an address
_DENIALS: Final = "30 per minute; 300 per hour"  # by address: by user, others would lock machines out
_XML: Final = frozenset({"text/xml", "application/xml"})
_DENIED: Final = "p2ppool_denied"


def _was_denied(_answer: Response) -> bool:
    return bool(g.get(_DENIED))


@service.post(SERVICE)
@for_programs
@limiter.limit(_CALLS)
@limiter.limit(_DENIALS, deduct_when=_was_denied)
def call() -> Response:
    """Answer an XML-RPC call; errors become faults, as clients expect."""
    if request.mimetype not in _XML:
        return Response("An XML-RPC call is text/xml.\n", 415, mimetype="text/plain")
    try:
        return _xml(write_answer(answer(get_call())))
    except CallError as error:
        setattr(g, _DENIED, str(error) == DENIED and get_call().method == SUBMIT)
        return _xml(write_fault(error))
    except (VaultError, DBAPIError) as error:
        _LOG.error("the certificate service: %s", one_line(error))
        return _xml(write_fault(CallError(FAILED, "The server can't do that right now.")))


@service.get(REVOCATIONS)
@for_everybody
def revocation_list(name: str) -> Response:
    """Send the current revocation list; 404 if there is none."""
    try:
        found = _list(checked_name(name, "group"))
    except (VaultError, DBAPIError) as error:
        _LOG.error("a revocation list: %s", one_line(error))
        return Response(
            "The list is not available right now.\n", 503, {"Retry-After": "60"}, mimetype="text/plain"
        )
    except UserError:
        found = None
    if found is None:
        return Response("There is no such list.\n", 404, mimetype="text/plain")
    made = Response(found.data, mimetype="application/octet-stream")
    made.set_etag(hashlib.sha256(found.data).hexdigest())
    made.last_modified = found.made_at
    made.headers["Cache-Control"] = "no-cache"  # caches must check whether somebody has been revoked since
    made.make_conditional(request)
    return made


def _list(name: str) -> revocation_lists.Published | None:
    vault = vault_of(context.whole_engine(), context.settings())
    return revocation_lists.current(context.whole_engine(), vault, name, now())


def _xml(body: bytes) -> Response:
    made = Response(body, mimetype="text/xml")
    made.headers["Cache-Control"] = "no-store"
    return made
