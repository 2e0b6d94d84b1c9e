"""Files that must survive a power cut."""

import os
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Sync the names in `folder` to the disk; a file's own fsync covers its bytes, not its name."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
