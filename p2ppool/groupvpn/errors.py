"""The error for invalid data in Brunet's formats."""


class MalformedError(ValueError):
    """Bytes that are not in the expected format; the message says why."""
