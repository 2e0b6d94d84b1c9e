"""The pages on a data folder of each module's own, and windows of a real browser on them."""

import pytest

from p2ppool.store.engine import open_engine
from tests.lab.web.browser import Visitor, running_chromium, serving

DESKTOP = {"width": 1400, "height": 1000}


@pytest.fixture(scope="package")
def chromium():
    """One for all tests in here, none of which uses asyncio itself."""
    yield from running_chromium()


@pytest.fixture(scope="module")
def data_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("pages")


@pytest.fixture(scope="module")
def engine(data_folder, sqlite_file):
    """Its database, with our tables."""
    engine = open_engine(sqlite_file(data_folder / "p2ppool.db"))
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def base(engine, data_folder):
    """Where the pages are served; a manager's session comes with it."""
    with serving(data_folder) as address:
        yield address


@pytest.fixture(scope="session")
def scripts():
    """Dash's own scripts, which are the same for all windows: fetched once."""
    return {}


@pytest.fixture(scope="module")
def window(chromium, base, scripts):
    """The window of a module's tests, one after the other."""
    visitor = Visitor(chromium, base, scripts, viewport=DESKTOP)
    yield visitor
    visitor.close()


@pytest.fixture
def visitor(window):
    """That window, with nothing to complain of in the end."""
    yield window
    complaints = list(window.complaints)
    window.clear()
    assert complaints == []


@pytest.fixture
def phone(visitor):
    """The same window as narrow as a phone."""
    visitor.page.set_viewport_size({"width": 375, "height": 812})
    yield visitor
    visitor.page.set_viewport_size(DESKTOP)


@pytest.fixture
def another(chromium, base, scripts):
    """A second window beside it."""
    visitor = Visitor(chromium, base, scripts, viewport=DESKTOP)
    yield visitor
    visitor.close()
    assert visitor.complaints == []


@pytest.fixture
def page(visitor):
    """Playwright's page of the window."""
    return visitor.page
