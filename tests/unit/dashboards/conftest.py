import pytest
from flask import Flask, g

from dashboards.app import create_app
from dashboards.web import access, context
from p2ppool.accounts.roles.rights import ALL_RIGHTS
from p2ppool.settings import Settings
from p2ppool.store.engine import open_engine
from tests.lab.web.group_pages import GroupPages
from tests.lab.web.people import MANAGER, PageClient, cheap_passwords, sign_in
from tests.lab.web.templates import Compiled

__all__ = ["cheap_passwords"]


@pytest.fixture(autouse=True, scope="session")
def compiled_templates():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Flask, "jinja_options", {"bytecode_cache": Compiled()})
        yield


@pytest.fixture
def engine(sqlite_file, tmp_path):
    """A database with our tables; the pages ask only through the reports, which are tested on each kind."""
    engine = open_engine(sqlite_file(tmp_path / "pages.db"))
    yield engine
    engine.dispose()


@pytest.fixture
def app(engine, tmp_path, cheap_passwords):
    app = create_app(engine, Settings(data_folder=tmp_path / "data"))
    app.test_client_class = PageClient
    return app


@pytest.fixture
def stranger(app):
    """Asks the server as a browser would in which nobody has signed in."""
    app.test_client_class = PageClient
    return app.test_client()


@pytest.fixture
def browser(engine, stranger):
    """Asks the server as a browser would in which a manager has signed in."""
    sign_in(engine, stranger, MANAGER)
    return stranger


@pytest.fixture
def request_context(app):
    """Pages find the database by the request's application; a manager asks."""
    with app.test_request_context("/"):
        g.p2ppool_visitor = access.Visitor(1, MANAGER, ALL_RIGHTS)
        yield context


@pytest.fixture
def groups(app, engine, tmp_path):
    """Groups, and the browsers of their users."""
    return GroupPages(app, engine, tmp_path / "data")
