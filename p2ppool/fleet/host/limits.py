"""How many hosts at a time, and how long each may take."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetLimits:
    """Sizes of a fan-out; times are in seconds."""

    workers: int = 32
    """Hosts served at the same time, each by a thread. Above 64 the interpreter's lock eats the gain."""
    connecting: int = 512
    """Hosts being dialled at the same time. Each takes one open file, no thread."""
    connect_timeout: float = 10.0
    """From the first packet to an open TCP connection."""
    banner_timeout: float = 10.0
    """From the open connection to the server's `SSH-` line."""
    auth_timeout: float = 10.0
    """For the key exchange, and again for the login."""
    step_timeout: float = 60.0
    """For one read or write without a single byte moving."""
    host_deadline: float = 600.0
    """For all work on one host, from the moment a worker takes it up."""

    def __post_init__(self) -> None:
        for name in self.__slots__:
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} must be positive, not {getattr(self, name)!r}")
