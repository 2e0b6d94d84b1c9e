"""A dispatcher of the pool `demo`, on each database."""

import pytest

from tests.lab.manager.dispatching import FakePrefect, FakeProcesses, new_dispatcher
from tests.lab.past.history import a_bare_pool


@pytest.fixture
def prefect():
    return FakePrefect()


@pytest.fixture
def processes():
    return FakeProcesses()


@pytest.fixture
def clock():
    """Seconds that a test can let pass."""
    return [0.0]


@pytest.fixture
def dispatcher(engine, prefect, processes, clock):
    a_bare_pool(engine, "demo")
    return new_dispatcher(engine, prefect, processes, clock)
