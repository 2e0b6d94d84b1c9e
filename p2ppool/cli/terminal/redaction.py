"""Values of settings as they may be shown: without the passwords that addresses carry."""

import re
from typing import Final

_HIDDEN: Final = "***"
_IN_ADDRESS: Final = re.compile(r"(://[^:/?#]*):.*@", re.DOTALL)
_IN_QUERY: Final = re.compile(r"([?&][^=&]*(?:password|secret|token)[^=&]*=)[^&]*", re.IGNORECASE)


def redacted(value: object) -> str:
    """Return the value as text, with `***` for a password inside an address."""
    text = _IN_ADDRESS.sub(rf"\1:{_HIDDEN}@", str(value))
    return _IN_QUERY.sub(rf"\1{_HIDDEN}", text)
