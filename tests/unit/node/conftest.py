import pytest
from hypothesis import settings

from tests.unit.node.processes import Processes

# On a machine that is busy with other tests a single example may take long for no fault of its own.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


@pytest.fixture
def processes(tmp_path):
    """Starts node processes; ends them all with the test."""
    started = Processes(tmp_path)
    yield started
    started.end()
