"""The offset of a host's clock from this machine's, and the error of that figure.

The host reads its clock some time after the request was sent and before its answer arrived. The middle of
that interval is the best estimate, wrong by at most half of the interval (Cristian's algorithm, 1989).
"""

import re
from typing import Final

_CLOCK: Final = re.compile(r"([0-9]{1,12})(\.[0-9]{1,9})?", re.ASCII)


def compare(reading: str, sent: float, received: float) -> dict[str, str]:
    """Return the facts `clock_offset` and `clock_error` in seconds,
    or nothing if `reading` is no clock reading.

    Args:
        reading: seconds since 1970 by the host's clock; a reading without a fraction is truncated, not
            rounded.
        sent: when the request was sent, by this machine's clock, in seconds since 1970.
        received: when the answer arrived, likewise.
    """
    found = _CLOCK.fullmatch(reading)
    if not found:
        return {}
    cut = 0.0 if found[2] else 0.5
    offset = float(reading) + cut - (sent + received) / 2
    return {"clock_offset": f"{offset:.4f}", "clock_error": f"{abs(received - sent) / 2 + cut:.4f}"}
