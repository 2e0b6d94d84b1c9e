"""Where to go after signing in: always a page of this site."""

from urllib.parse import urlsplit

_LONGEST = 2000  # characters


def destination(requested: str | None) -> str:
    r"""Return the path if it is on this site, else `/`.

    Browsers take `//host`, `/\host` and either with tabs or line ends in it for an address elsewhere.
    """
    if (
        not requested
        or len(requested) > _LONGEST
        or not requested.isprintable()
        or " " in requested
        or "\\" in requested
    ):
        return "/"
    try:
        parts = urlsplit(requested)
    except ValueError:
        return "/"
    is_local = (
        requested.startswith("/") and not requested.startswith("//") and not parts.scheme and not parts.netloc
    )
    return requested if is_local else "/"
