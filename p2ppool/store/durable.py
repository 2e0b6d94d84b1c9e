"""Files that must survive a power cut."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Sync the names in `folder` to the disk; a file's own fsync covers its bytes, not its name."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def create_once(place: Path, data: bytes) -> None:
    """Create the file with this content, readable by its owner only.

    An existing one stays, also that of a process that does the same at the same time.

    Raises:
        OSError: it can't be created.
    """
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(
        dir=place.parent, prefix=f".{place.name}."
    ) as part:  # 0600 from the start
        part.write(data)
        part.flush()
        os.fsync(part.fileno())
        # A link, unlike a rename, never replaces an existing file.
        with suppress(FileExistsError):
            os.link(part.name, place)
    sync_folder(place.parent)
