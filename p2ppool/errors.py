"""The error that users see as a single line."""


class UserError(Exception):
    """An error that a user can fix: one line that tells what is wrong, where, and how to fix it."""


def one_line(text: object, limit: int = 300) -> str:
    """Return `text` as one printable line of at most `limit` characters, for messages that quote untrusted
    input.
    """
    flat = "".join(char if char.isprintable() else " " for char in str(text))
    flat = " ".join(flat.split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"
