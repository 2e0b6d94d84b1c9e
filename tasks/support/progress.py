"""The progress of a run: on the ticket, for the CLI and the pages, and as Prefect's progress artifact."""

from uuid import UUID

from prefect.artifacts import create_link_artifact, create_progress_artifact, update_progress_artifact

from p2ppool.actions import turns
from p2ppool.actions.held_turn import HeldTurn
from p2ppool.settings import settings
from p2ppool.store.engine import get_engine
from tasks.support import artifacts
from tasks.support.database import with_retry


def link_to_page(pool: str) -> None:
    """Link the run in Prefect to the pool's page."""
    address = f"{settings().web_url}/pools/{pool}"
    artifacts.send(
        "pool",
        lambda: create_link_artifact(address, link_text=f"Pool {pool}", key="pool", description="Its page"),
    )


class Progress:
    """Counts up to `total` things, such as hosts; only for the thread that runs the task."""

    def __init__(self, held: HeldTurn, total: int, things: str) -> None:
        """Show 0 of `total` at once."""
        self._held = held
        self._total = total
        self._things = things
        self._done = 0
        self._artifact: UUID | None = None
        self._write()

    def advance(self, steps: int) -> None:
        """Count `steps` more as done; nothing is sent for none."""
        if steps:
            self.show(self._done + steps, self._total)

    def show(self, done: int, total: int) -> None:
        """Show `done` of `total`, if the total grows on the way, as in a crawl."""
        if (done, total) == (self._done, self._total):
            return
        self._done, self._total = done, total
        self._write()

    def _write(self) -> None:
        """Write it on the ticket, and in the background to Prefect."""
        with_retry(lambda: turns.progress(get_engine(), self._held.turn, self._done, self._total))
        percent = 100.0 * self._done / self._total if self._total else 100.0 if self._done else 0.0
        artifacts.send(f"progress {id(self)}", lambda: self._publish(percent))

    def _publish(self, percent: float) -> None:
        """Make the artifact or change it; one thread does this."""
        if self._artifact is not None:
            update_progress_artifact(self._artifact, progress=percent)
            return
        made = create_progress_artifact(percent, key="progress", description=f"{self._total} {self._things}")
        self._artifact = made if isinstance(made, UUID) else UUID(str(made))
