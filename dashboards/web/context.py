"""The database and the settings, found through the application that serves the request."""

from dataclasses import dataclass
from datetime import timedelta

from flask import Flask, current_app
from sqlalchemy import Engine

from p2ppool.settings import Settings

_NAME = "p2ppool"


@dataclass(frozen=True)
class Context:
    """The database and the settings of one application."""

    engine: Engine
    settings: Settings


def give(app: Flask, context: Context) -> None:
    """Set the context that the pages of `app` use."""
    app.extensions[_NAME] = context


def engine() -> Engine:
    """Return the database of the application that serves this request."""
    return _context().engine


def settings() -> Settings:
    """Return the settings of the application that serves this request."""
    return _context().settings


def session_lifetimes() -> tuple[timedelta, timedelta]:
    """Return how long a session may be idle, and how long it may last."""
    chosen = settings()
    return timedelta(seconds=chosen.session_idle), timedelta(seconds=chosen.session_longest)


def _context() -> Context:
    found: Context = current_app.extensions[_NAME]
    return found
