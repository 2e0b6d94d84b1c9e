"""Who asks for a page, and what they may do there."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Visitor:
    """One who asks: `id` is that of the user, None for somebody who has not signed in."""

    id: int | None
    name: str
    is_manager: bool


def visitor() -> Visitor:
    """The one who sent the request that is being served."""
    return Visitor(None, "this machine", is_manager=True)
