"""What others send in Brunet's formats may be anything."""


class MalformedError(ValueError):
    """Bytes that are not what they should be; the text says in which way."""
