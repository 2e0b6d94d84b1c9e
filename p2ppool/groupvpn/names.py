"""Names that appear in certificates and configs.

The original's parser ends a name at a comma and cuts it at an equals sign, and the config of an appliance is
read by a shell: so only characters that are not special to any of them are allowed.
"""

import re
from typing import Final

from p2ppool.errors import UserError, one_line

LONGEST: Final = 64  # characters: X.520's limit for a common name
_ALLOWED: Final = re.compile(r"[A-Za-z0-9_.@ -]+")


def fits(text: str) -> bool:
    """Return whether every reader of certificates reads `text` unchanged."""
    return text == text.strip() and bool(_ALLOWED.fullmatch(text))


def checked_name(text: str, what: str) -> str:
    """Return `text` if it can be the name of `what` ("group", "user") everywhere.

    Raises:
        UserError: it can't.
    """
    if not text or text != text.strip():
        raise UserError(f"{what}: a name is needed, without spaces around it")
    if len(text) > LONGEST:
        raise UserError(f"{what}: '{one_line(text, 40)}' is longer than {LONGEST} characters")
    if not _ALLOWED.fullmatch(text):
        raise UserError(
            f"{what}: '{one_line(text, 60)}' has characters that certificates and configs can't hold: "
            "letters, digits, spaces and _ . @ - are possible"
        )
    return text
