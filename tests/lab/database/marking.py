"""Marks the tests that need PostgreSQL, so that `make check` can leave them out."""

import pytest


@pytest.hookimpl(tryfirst=True)  # marks are chosen by (`-m`) after that
def pytest_collection_modifyitems(items):
    for item in items:
        if "postgres_server" in item.fixturenames or _kind(item) == "postgresql":
            item.add_marker(pytest.mark.postgresql)


def _kind(item):
    """Which database a test runs on that runs on each."""
    chosen = item.callspec.params if hasattr(item, "callspec") else {}
    return chosen.get("database_kind") or chosen.get("database_url")
