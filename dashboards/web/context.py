"""What every page needs, found by way of the application that serves the request."""

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
    """Let the pages of `app` use this context."""
    app.extensions[_NAME] = context


def engine() -> Engine:
    """The database of the application that serves this request."""
    return _context().engine


def settings() -> Settings:
    """The settings of the application that serves this request."""
    return _context().settings


def session_lifetimes() -> tuple[timedelta, timedelta]:
    """How long a session may lie idle, and how long it may last."""
    chosen = settings()
    return timedelta(seconds=chosen.session_idle), timedelta(seconds=chosen.session_longest)


def _context() -> Context:
    found: Context = current_app.extensions[_NAME]
    return found
