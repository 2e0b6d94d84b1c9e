"""The sender of a request whose body has not been read yet."""

import logging
from collections.abc import Mapping
from typing import Final

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from dashboards.routes.request_sizes import RankOf
from dashboards.web.access import Need, visitor

_LOG: Final = logging.getLogger("p2ppool.server")
_HEADERS: Final = {"COOKIE": "Cookie", "AUTHORIZATION": "Authorization"}


def ranks(app: Flask) -> RankOf:
    """Return a function that finds out whether the sender has signed in, from the request's headers."""

    def rank_of(headers: Mapping[str, str]) -> Need:
        own = {name: headers[key] for key, name in _HEADERS.items() if key in headers}
        if not own:
            return Need.NOTHING
        try:
            with app.test_request_context("/", headers=own):
                who = visitor()
        except SQLAlchemyError:
            _LOG.warning("the database does not say who sends a large request: it is refused")
            return Need.NOTHING
        if who.is_manager:
            return Need.MANAGER
        return Need.USER if who.id is not None else Need.NOTHING

    return rank_of
