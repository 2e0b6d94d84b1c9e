"""Ids of components: the page, then the figure or part, so that no two ever meet."""


def ident(page: str, part: str) -> str:
    """The id of `part` on `page`."""
    return f"{page}-{part}"
