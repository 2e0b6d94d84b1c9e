import pytest

from dashboards import context
from dashboards.app import create_app
from p2ppool.settings import Settings
from p2ppool.store.engine import open_engine


@pytest.fixture
def engine(sqlite_file, tmp_path):
    """A database with our tables; the pages ask only through the reports, which are tested on each kind."""
    engine = open_engine(sqlite_file(tmp_path / "pages.db"))
    yield engine
    engine.dispose()


@pytest.fixture
def app(engine):
    return create_app(engine, Settings())


@pytest.fixture
def browser(app):
    """Asks the server as a browser would."""
    return app.test_client()


@pytest.fixture
def request_context(app):
    """Pages find the database by the request's application."""
    with app.test_request_context("/"):
        yield context
