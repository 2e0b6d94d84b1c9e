"""`python -m p2ppool.documentation [FOLDER]` rewrites the generated parts of all pages in a folder (docs)."""

import sys
from pathlib import Path

from p2ppool.documentation.pages import outdated, rewritten


def main() -> None:
    """Rewrite every page whose generated parts are out of date, and name it."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "docs")
    for page in outdated(folder):
        page.write_text(rewritten(page.read_text()))
        print(page)  # noqa: T201 - what was rewritten


main()
