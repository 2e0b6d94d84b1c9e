"""Files that must survive a power cut."""

import os
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Waits until the names in `folder` are on the disk; a file's own fsync keeps its bytes, not its name."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
