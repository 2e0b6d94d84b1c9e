import pytest

from p2ppool.records import audit
from p2ppool.records.audit import Subject
from p2ppool.store.unit_of_work import UnitOfWork


@pytest.fixture
def note(engine):
    """Record events, each in a transaction of its own."""

    def record(*events, subject="ada", details=None):
        for what in events:
            with UnitOfWork(engine) as work:
                audit.note(work.session, Subject.user(subject), "test", what, details)
                work.commit()

    return record
