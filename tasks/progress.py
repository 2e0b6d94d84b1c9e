"""How far a run is: on the ticket, for the CLI and the pages, and as Prefect's progress artifact."""

from uuid import UUID

from prefect.artifacts import create_progress_artifact, update_progress_artifact

from p2ppool.actions import tickets
from p2ppool.store.engine import the_engine


class Progress:
    """Counts up to `total` things, such as hosts; only for the thread that runs the task."""

    def __init__(self, ticket_id: int, total: int, things: str) -> None:
        """Shows 0 of `total` at once."""
        self._ticket_id = ticket_id
        self._total = total
        self._done = 0
        artifact = create_progress_artifact(0.0, key="progress", description=f"{total} {things}")
        self._artifact = artifact if isinstance(artifact, UUID) else UUID(str(artifact))
        tickets.progress(the_engine(), ticket_id, 0, total)

    def advance(self, steps: int) -> None:
        """`steps` more are done; nothing is sent for none."""
        if steps:
            self.show(self._done + steps, self._total)

    def show(self, done: int, total: int) -> None:
        """`done` of `total`, where the total grows on the way, as in a crawl."""
        self._done, self._total = done, total
        tickets.progress(the_engine(), self._ticket_id, done, total)
        update_progress_artifact(self._artifact, progress=100.0 * done / total if total else 100.0)
