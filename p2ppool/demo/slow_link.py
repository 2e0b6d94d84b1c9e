"""A link that carries few bytes per second, between a client and a demo host."""

import asyncio

from p2ppool.errors import UserError

_MOST_AT_ONCE = 64 * 1024
_PIECES_PER_SECOND = 20
# A wake-up may come late: the next piece then starts this much earlier, or the link would carry too little.
_LATENESS_SECONDS = 1 / _PIECES_PER_SECOND


def refuse_bad_rate(bytes_per_second: int | None) -> None:
    """Raise UserError unless a link can carry that rate; None means full speed."""
    if bytes_per_second is not None and bytes_per_second < 1:
        raise UserError(f"demo hosts can't take {bytes_per_second} bytes per second: give 1 or more")


class SlowLink:
    """The link of one connection, shared by all its commands."""

    def __init__(self, bytes_per_second: int) -> None:
        self._rate = bytes_per_second
        self._free_at = 0.0  # on the clock of the event loop

    @property
    def piece(self) -> int:
        """The largest number of bytes to carry at once for an even flow."""
        return max(1, min(self._rate // _PIECES_PER_SECOND, _MOST_AT_ONCE))

    async def carry(self, size: int) -> None:
        """Return when `size` more bytes have been carried."""
        now = asyncio.get_running_loop().time()
        self._free_at = max(self._free_at, now - _LATENESS_SECONDS) + size / self._rate
        await asyncio.sleep(self._free_at - now)
