"""A mail in the format of RFC 5322."""

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import localtime, make_msgid
from typing import Final

from p2ppool.errors import UserError, one_line

_SUBJECT: Final = 150  # characters
_TEXT: Final = 20_000
_PARTS: Final = 2  # before and behind the @


def compose(sender: str, to: str, subject: str, text: str) -> EmailMessage:
    """Build a plain text mail. The subject stays on one line, whatever it contains.

    Raises:
        UserError: an address that is none.
    """
    message = EmailMessage(policy=SMTP)
    message["From"] = _address(sender)
    message["To"] = _address(to)
    message["Subject"] = one_line(subject, _SUBJECT)
    message["Date"] = localtime()
    message["Message-ID"] = make_msgid(domain=_address(sender).domain)
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answer by a machine, please
    message.set_content(_printable(text))
    return message


def _address(text: str) -> Address:
    parts = text.rsplit("@", 1)
    plain = text.isascii() and text.isprintable() and not set(text) & set(" <>,;:\"'()[]\\")
    if not plain or len(parts) != _PARTS or not all(parts):
        raise UserError(f"'{one_line(text, 80)}' is not a mail address that can be used")
    return Address(username=parts[0], domain=parts[1])


def _printable(text: str) -> str:
    """Return its lines, without terminal control characters."""
    lines = text[:_TEXT].splitlines()
    return "\n".join("".join(char for char in line if char.isprintable()) for line in lines) + "\n"
