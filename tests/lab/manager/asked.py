"""A run that was requested in Prefect, and what became of it."""

from dataclasses import dataclass

from sqlalchemy import select

from p2ppool.store.engine import open_engine
from p2ppool.store.models import Ticket
from p2ppool.store.unit_of_work import reading
from tests.lab.manager.manager import Manager
from tests.lab.waiting import eventually


@dataclass(frozen=True)
class Asked:
    """A run that was requested, and what became of it."""

    manager: Manager
    run: str

    def ticket(self):
        engine = open_engine(self.manager.store_url)
        with reading(engine) as work:
            found = work.session.scalars(select(Ticket).where(Ticket.flow_run == self.run)).one_or_none()
        engine.dispose()
        return found

    def reaches(self, *states, seconds=120):
        def look():
            found = self.ticket()
            return found if found and found.state.value in states else None

        return eventually(look, seconds)
