"""What every page needs, found by way of the application that serves the request."""

from dataclasses import dataclass

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


def _context() -> Context:
    found: Context = current_app.extensions[_NAME]
    return found
