import pytest

from tests.unit.node.processes import Processes


@pytest.fixture
def processes(tmp_path):
    """Starts node processes; ends them all with the test."""
    started = Processes(tmp_path)
    yield started
    started.end()
