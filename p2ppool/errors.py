"""The one error a user sees as a single line."""


class UserError(Exception):
    """Something a user can mend: the text says what is wrong, where, and how to mend it, in one line."""


def one_line(text: object, limit: int = 300) -> str:
    """`text` as one printable line of at most `limit` characters, for messages that quote hostile input."""
    flat = "".join(char if char.isprintable() else " " for char in str(text))
    flat = " ".join(flat.split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"
