"""The routes to many hosts: direct ones, and those through jump hosts,
with one connection to each jump host.
"""

from p2ppool.fleet.host.limits import FleetLimits
from p2ppool.fleet.host.target import Target
from p2ppool.fleet.transport.dial import Dialer
from p2ppool.fleet.transport.login import Login
from p2ppool.fleet.transport.tunnel import Route, Tunnel


class Routes:
    """Works like a Dialer and reports like one, for direct targets and for those behind jump hosts.

    A target whose jump host is not connected yet is reported as one to dial again, once it is.
    """

    def __init__(self, limits: FleetLimits, login: Login) -> None:
        self._limits = limits
        self._login = login
        self._dialer = Dialer(limits)
        self._tunnels: dict[Target, Tunnel] = {}

    @property
    def in_flight(self) -> int:
        return self._dialer.in_flight + sum(tunnel.in_flight for tunnel in self._tunnels.values())

    def fresh(self) -> int:
        """Count the dials so recent that they may well be answered."""
        return self._dialer.fresh() + sum(tunnel.fresh() for tunnel in self._tunnels.values())

    def dial(self, ticket: int, target: Target) -> None:
        """Begin to connect to `target`; `poll` returns `ticket`, which is not negative, to identify it.

        Raises:
            OutOfFiles: not begun; try again when connections have been closed.
        """
        if target.jump is None:
            self._dialer.dial(ticket, target)
        else:
            self._tunnel(target.jump).dial(ticket, target)

    def poll(self, timeout: float) -> list[tuple[int, Route]]:
        """Wait at most `timeout` seconds for something to happen; return the tickets with their results."""
        found: list[tuple[int, Route]] = []
        tunnels = list(self._tunnels.values())
        for ticket, result in self._dialer.poll(timeout):
            if ticket < 0:
                tunnels[-1 - ticket].begin(result)
            else:
                found.append((ticket, result))
        for tunnel in tunnels:
            found += tunnel.poll()
        return found

    def wake(self) -> None:
        """Make a waiting `poll` return; safe in any thread and in signal handlers."""
        self._dialer.wake()

    def unpark(self) -> list[int]:
        """Give up the targets that wait for their jump host; return their tickets."""
        return [ticket for tunnel in self._tunnels.values() for ticket in tunnel.unpark()]

    def hang_up(self) -> list[int]:
        """Give up all others that are not ready, break what jump hosts forward,
        and return the tickets given up.
        """
        tickets = [ticket for tunnel in self._tunnels.values() for ticket in tunnel.hang_up()]
        return [ticket for ticket in self._dialer.hang_up() if ticket >= 0] + tickets

    def learnt_key(self, jump: Target) -> str | None:
        """Return the key of a jump host if it was seen for the first time."""
        tunnel = self._tunnels.get(jump)
        return tunnel.learnt_key if tunnel else None

    def close(self) -> None:
        for tunnel in self._tunnels.values():
            tunnel.close()
        self._dialer.close()

    def _tunnel(self, jump: Target) -> Tunnel:
        if jump not in self._tunnels:
            self._dialer.dial(-1 - len(self._tunnels), jump)
            self._tunnels[jump] = Tunnel(jump, self._limits, self._login, self.wake)
        return self._tunnels[jump]
