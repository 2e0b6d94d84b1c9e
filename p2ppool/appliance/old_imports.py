"""A stand-in for what the floppy library's `fs` imports and newer setuptools lack."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from types import ModuleType
from typing import Final

_NAME: Final = "pkg_resources"
_one_at_a_time: Final = Lock()


@contextmanager
def old_pkg_resources() -> Iterator[None]:
    """Let `import pkg_resources` return a module with only what `fs` needs while it is imported.

    A real one is not imported, as it prints a warning and takes its time; it stays available for later
    imports by others.
    """
    with _one_at_a_time:
        before = sys.modules.get(_NAME)
        sys.modules[_NAME] = _stand_in()
        try:
            yield
        finally:
            del sys.modules[_NAME]
            if before is not None:
                sys.modules[_NAME] = before


def _stand_in() -> ModuleType:
    module = ModuleType(_NAME)
    # Namespace packages are built into Python today. Entry points would open other places than disks.
    vars(module).update(declare_namespace=lambda _: None, iter_entry_points=lambda *_: iter(()))
    return module
