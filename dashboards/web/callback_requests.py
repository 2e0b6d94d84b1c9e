"""Requests of callbacks that no page of this release sends: answered 400 or 409, with one line in the log.

A tab that was left open over an upgrade asks for callbacks that are gone; others send what they like. A
callback itself need not check the kinds of its values: what it can't work with is the sender's fault.
"""

import logging
import traceback
from collections.abc import Mapping
from functools import wraps
from typing import Any, Final

from dash import Dash
from dash.exceptions import CallbackException, InvalidCallbackReturnValue
from flask import Flask, Response, request
from sqlalchemy.exc import DataError, DBAPIError, ProgrammingError, StatementError

from p2ppool.errors import one_line

CALLBACKS: Final = "/_dash-update-component"
_LOG: Final = logging.getLogger("p2ppool.callbacks")
_UNFIT: Final = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, RecursionError)
_UNFIT_FOR_DATABASE: Final = (DataError, ProgrammingError)
_LARGEST: Final = 2**53
_GONE: Final = "This page is from another release of the manager: reload it.\n"
_NONSENSE: Final = "No page sends such a request.\n"


def check_callback_requests(server: Flask, app: Dash) -> None:
    """Let the callbacks of `app` answer only what they can work with; call this when all are registered."""
    dispatch = server.view_functions[CALLBACKS]

    @wraps(dispatch)
    def checked() -> Any:
        body: Any = request.get_json(silent=True)
        output = body.get("output") if isinstance(body, dict) else None
        if not isinstance(output, str):
            return _refused("its body is no callback", _NONSENSE, 400)
        known = app.callback_map.get(output)
        if known is None:
            return _refused(f"there is no callback {_short(output)}", _GONE, 409)
        if _has_huge_number(body):
            return _refused(f"a value of {_short(output)} is a number that no page sends", _NONSENSE, 400)
        if not _has_shape(body, known):
            return _refused(f"{_short(output)} takes other inputs", _GONE, 409)
        return _attempt(dispatch, output)

    server.view_functions[CALLBACKS] = checked
    server.register_error_handler(RecursionError, _too_deep)


def _attempt(dispatch: Any, output: str) -> Any:
    try:
        return dispatch()
    except (*_UNFIT, CallbackException, StatementError) as error:
        if _is_ours(error):
            raise
        _LOG.debug("in %s", output, exc_info=True)
        return _refused(f"{_short(output)} can't work with its values: {_place_of(error)}", _NONSENSE, 400)


def _is_ours(error: Exception) -> bool:
    """Tell whether the error can't come from what was sent: the database is away, or the answer is wrong."""
    is_of_database = isinstance(error, DBAPIError) and not isinstance(error, _UNFIT_FOR_DATABASE)
    return is_of_database or isinstance(error, InvalidCallbackReturnValue)


def _has_huge_number(body: Mapping[str, Any]) -> bool:
    """Tell whether a number is beyond those of a browser (RFC 8259, section 6): we could not send it back."""
    values: list[Any] = [body]
    while values:
        value = values.pop()
        if isinstance(value, int) and abs(value) > _LARGEST:
            return True
        values.extend(value.values() if isinstance(value, dict) else value if isinstance(value, list) else ())
    return False


def _has_shape(body: Mapping[str, Any], known: Mapping[str, Any]) -> bool:
    """Tell whether the request names the inputs and states of that callback, in their order."""
    changed = body.get("changedPropIds", [])
    return (
        _are(body.get("inputs", []), known["inputs"])
        and _are(body.get("state", []), known["state"])
        and isinstance(changed, list)
        and all(isinstance(each, str) for each in changed)
        and isinstance(body.get("outputs", []), list | dict)
    )


def _are(sent: Any, wanted: list[dict[str, Any]]) -> bool:
    return isinstance(sent, list) and len(sent) == len(wanted) and all(map(_is, sent, wanted))


def _is(sent: Any, wanted: dict[str, Any]) -> bool:
    if wanted["id"].startswith("{"):  # of several components, which it may match in any number
        each_of = sent if isinstance(sent, list) else [sent]
        return all(isinstance(one, dict) and one.get("property") == wanted["property"] for one in each_of)
    return (
        isinstance(sent, dict)
        and sent.get("id") == wanted["id"]
        and sent.get("property") == wanted["property"]
    )


def _short(output: str) -> str:
    """Return the first output of a callback, by which a person finds it."""
    return one_line(output.removeprefix("..").split("...")[0].removesuffix("..").partition("@")[0], 80)


def _place_of(error: BaseException) -> str:
    """Return what went wrong, and where in our own code."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [each for each in frames if "/dashboards/" in each.filename or "/p2ppool/" in each.filename]
    place = f" ({own[-1].name}, line {own[-1].lineno})" if own else ""
    return f"{type(error).__name__}: {one_line(error, 120)}{place}"


def _too_deep(error: RecursionError) -> Response:
    return _refused(f"its body is nested too deep: {one_line(error, 60)}", _NONSENSE, 400)


def _refused(why: str, answer: str, status: int) -> Response:
    _LOG.warning("a request from %s is refused: %s", request.remote_addr, one_line(why))
    return Response(answer, status, mimetype="text/plain")
