"""Where somebody goes after signing in: a page of this site, whatever the address said."""

from urllib.parse import urlsplit

_LONGEST = 2000  # characters


def destination(wanted: str | None) -> str:
    r"""The path if it is one of ours, else the first page.

    Browsers take `//host`, `/\host` and either with tabs or line ends in it for an address elsewhere.
    """
    if not wanted or len(wanted) > _LONGEST or not wanted.isprintable() or " " in wanted or "\\" in wanted:
        return "/"
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return "/"
    here = wanted.startswith("/") and not wanted.startswith("//") and not parts.scheme and not parts.netloc
    return wanted if here else "/"
