"""Ids of components: the page, then the part, so that no two are the same."""


def ident(page: str, part: str) -> str:
    """Return the id of `part` on `page`."""
    return f"{page}-{part}"
