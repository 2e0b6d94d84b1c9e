"""How far a host's clock is ahead of this machine's, and how exactly that is known.

The host reads its clock at some time after it was asked and before its answer was here. The middle of that
time is the best guess, and it is wrong by at most half of it (Cristian's algorithm, 1989).
"""

import re
from typing import Final

_CLOCK: Final = re.compile(r"([0-9]{1,12})(\.[0-9]{1,9})?", re.ASCII)


def compare(told: str, asked: float, heard: float) -> dict[str, str]:
    """The facts `clock_offset` and `clock_error`, in seconds; none where what was told is no clock.

    Args:
        told: seconds since 1970 by the host's clock; those without a fraction are cut off, not rounded.
        asked: when it was asked, by this machine's clock, in seconds since 1970.
        heard: when the answer was here.
    """
    found = _CLOCK.fullmatch(told)
    if not found:
        return {}
    cut = 0.0 if found[2] else 0.5
    offset = float(told) + cut - (asked + heard) / 2
    return {"clock_offset": f"{offset:.4f}", "clock_error": f"{abs(heard - asked) / 2 + cut:.4f}"}
