"""The progress of a run: on the ticket, for the CLI and the pages, and as Prefect's progress artifact."""

from uuid import UUID

import httpx
from prefect import get_run_logger
from prefect.artifacts import create_link_artifact, create_progress_artifact, update_progress_artifact
from prefect.exceptions import PrefectException

from p2ppool.actions import turns
from p2ppool.actions.held_turn import HeldTurn
from p2ppool.settings import settings
from p2ppool.store.engine import get_engine
from tasks.support.database import with_retry


def link_to_page(pool: str) -> None:
    """Link the run in Prefect to the pool's page."""
    try:
        create_link_artifact(
            f"{settings().web_url}/pools/{pool}", link_text=f"Pool {pool}", key="pool", description="Its page"
        )
    except (httpx.HTTPError, PrefectException) as error:
        get_run_logger().warning("the Prefect server does not accept the link: %s", error)


class Progress:
    """Counts up to `total` things, such as hosts; only for the thread that runs the task."""

    def __init__(self, held: HeldTurn, total: int, things: str) -> None:
        """Show 0 of `total` at once."""
        self._held = held
        self._total = total
        self._done = 0
        self._artifact: UUID | None = None
        self._write()
        try:
            artifact = create_progress_artifact(0.0, key="progress", description=f"{total} {things}")
        except (httpx.HTTPError, PrefectException) as error:
            self._go_without(error)
        else:
            self._artifact = artifact if isinstance(artifact, UUID) else UUID(str(artifact))

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
        if self._artifact is None:
            return
        try:
            update_progress_artifact(self._artifact, progress=100.0 * done / total if total else 100.0)
        except (httpx.HTTPError, PrefectException) as error:
            self._go_without(error)

    def _write(self) -> None:
        with_retry(lambda: turns.progress(get_engine(), self._held.turn, self._done, self._total))

    def _go_without(self, error: Exception) -> None:
        """Continue without the artifact: an unavailable Prefect server must not cost the hosts' work."""
        self._artifact = None
        get_run_logger().warning("the Prefect server does not accept the progress: %s", error)
