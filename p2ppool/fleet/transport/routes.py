"""The ways to many hosts: straight ones, and those through jump hosts, one connection to each of these."""

from p2ppool.fleet.host.limits import FleetLimits
from p2ppool.fleet.host.target import Target
from p2ppool.fleet.transport.dial import Dialer
from p2ppool.fleet.transport.login import Login
from p2ppool.fleet.transport.tunnel import Route, Tunnel


class Routes:
    """As a Dialer, and told as by one, for targets of both kinds.

    A target whose jump host is not there yet is told as one to be dialled again, once it is.
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
        """Those so young that they may well be answered."""
        return self._dialer.fresh() + sum(tunnel.fresh() for tunnel in self._tunnels.values())

    def dial(self, ticket: int, target: Target) -> None:
        """Begin to connect to `target`; `ticket`, from 0 on, names it in what `poll` returns.

        Raises:
            OutOfFiles: not begun; try again when connections have been closed.
        """
        if target.jump is None:
            self._dialer.dial(ticket, target)
        else:
            self._tunnel(target.jump).dial(ticket, target)

    def poll(self, timeout: float) -> list[tuple[int, Route]]:
        """Wait until something happens, at most `timeout` seconds; returns what has become of whom."""
        found: list[tuple[int, Route]] = []
        tunnels = list(self._tunnels.values())
        for ticket, result in self._dialer.poll(timeout):
            if ticket < 0:
                tunnels[-1 - ticket].meet(result)
            else:
                found.append((ticket, result))
        for tunnel in tunnels:
            found += tunnel.poll()
        return found

    def wake(self) -> None:
        """Make a waiting `poll` return; for any thread and for signal handlers."""
        self._dialer.wake()

    def unpark(self) -> list[int]:
        """Give up those that wait for their jump host; returns the tickets."""
        return [ticket for tunnel in self._tunnels.values() for ticket in tunnel.unpark()]

    def hang_up(self) -> list[int]:
        """Give up all others that are not ready, whose tickets it returns; break what jump hosts forward."""
        tickets = [ticket for tunnel in self._tunnels.values() for ticket in tunnel.hang_up()]
        return [ticket for ticket in self._dialer.hang_up() if ticket >= 0] + tickets

    def learnt_key(self, jump: Target) -> str | None:
        """The key of a jump host, if it was seen for the first time."""
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
