"""Starting Python so that modules come from where they are installed, never from the current folder."""

import sys


def python(*arguments: str) -> list[str]:
    """Return the command that runs this Python with `arguments`.

    With `-P`, a `secrets.py` in the folder where somebody types `p2ppool up` is not imported.
    """
    return [sys.executable, "-P", *arguments]
