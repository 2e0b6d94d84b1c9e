"""The number of hosts served at a time, and the time that each may take."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetLimits:
    """Sizes and time limits of a fan-out; times are in seconds."""

    workers: int = 32
    """Hosts served at the same time, each by one thread. Beyond 64, contention for the GIL eats the gain."""
    connecting: int = 512
    """Hosts being dialled at the same time. Each takes one open file but no thread."""
    connect_timeout: float = 10.0
    """From the first packet to an open TCP connection."""
    banner_timeout: float = 10.0
    """From the open connection to the server's `SSH-` line."""
    auth_timeout: float = 10.0
    """For the key exchange, and again for the login."""
    step_timeout: float = 60.0
    """For one read or write during which no byte moves."""
    host_deadline: float = 600.0
    """For all work on one host, from the moment a worker starts on it."""
    launcher: str = ""
    """Words of a shell before a node's start command on the manager's own machine, which confine it."""

    def __post_init__(self) -> None:
        for name in set(self.__slots__) - {"launcher"}:
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} must be positive, not {getattr(self, name)!r}")
