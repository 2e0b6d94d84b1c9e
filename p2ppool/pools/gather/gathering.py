"""One run's gathering: files of many hosts in one zip, which exists with its manifest or not at all.

Each host's files arrive in a folder of their own and are moved into the zip as soon as the host has ended. So
only hosts in progress have unpacked files on the manager.
"""

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from p2ppool.cancel import CancelToken
from p2ppool.errors import UserError
from p2ppool.fleet.agent.gather import LOGS, RESULTS, GatherLimits, Haul, gather
from p2ppool.fleet.agent.verbs import FolderRequest
from p2ppool.fleet.host.outcome import HostOutcome
from p2ppool.fleet.transport.connection import Connection
from p2ppool.pools.gather import manifest
from p2ppool.pools.gather.gathered_zip import GatheredZip
from p2ppool.pools.gather.shares import Shares
from p2ppool.pools.recording.pool_files import FileKind, file_name, folder_of
from p2ppool.settings import MIB, Settings
from p2ppool.store.models import Pool
from p2ppool.store.types import now

_WANTED: Final = {FileKind.LOGS: LOGS, FileKind.RESULTS: RESULTS}
_PREFIX: Final = ".gathering-"
_RESERVE: Final = 256 * MIB
"""Bytes of the disk that stay free, because the database is on it too."""


@dataclass(frozen=True)
class GatherResult:
    """The zip, and what it contains."""

    path: Path
    outcomes: Sequence[HostOutcome]
    files: int
    size: int
    """Bytes of the files, uncompressed."""


@contextmanager
def gathering(
    pool: Pool, kind: FileKind, ticket: int, config: Settings, cancel: CancelToken
) -> Iterator["Gathering"]:
    """Open a gathering that leaves nothing half-done, however it ends.

    What a killed process has left of an earlier one is removed: a pool has one action at a time.

    Raises:
        UserError: the data folder can't be written, or is full.
    """
    place = folder_of(config.data_folder, pool.name, kind)
    path = place / file_name(kind, now(), ticket)
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        for left in place.glob(f"{_PREFIX}*"):
            shutil.rmtree(left, ignore_errors=True)
        with tempfile.TemporaryDirectory(dir=place, prefix=_PREFIX, ignore_cleanup_errors=True) as folder:
            current = Gathering(pool, kind, ticket, config, path, Path(folder), cancel)
            try:
                yield current
            finally:
                current.close()
    except OSError as error:
        raise _not_written(place, error) from error


class Gathering:
    """Collects the files of a pool's hosts; many threads may call `take`."""

    def __init__(  # noqa: PLR0917 - in the order of `gathering`
        self,
        pool: Pool,
        kind: FileKind,
        ticket: int,
        config: Settings,
        path: Path,
        work_folder: Path,
        cancel: CancelToken,
    ) -> None:
        """Prepare the zip for `path`; `work_folder` is an empty folder on the same disk.

        Raises:
            UserError: the disk is full.
            OSError: nothing can be written.
        """
        self._room = _room(work_folder, config.gather_max_bytes)
        self._about = {
            "pool": pool.name,
            "kind": kind,
            "ticket": ticket,
            "began": f"{now():%Y-%m-%dT%H:%M:%SZ}",
        }
        self._wanted = _WANTED[kind]
        self._config = config
        self._path = path
        self._work_folder = work_folder
        self._cancel = cancel
        self._request = FolderRequest(base=pool.install_path, pool=pool.token)
        self._folders = manifest.folder_names(pool.hosts)
        self._shares = Shares(self._room, len(pool.hosts), config.gather_host_max_bytes)
        self._hauls: dict[int, Haul] = {}
        self._zip = GatheredZip(work_folder / "part.zip", cancel)

    def take(self, connection: Connection) -> Mapping[str, str]:
        """Fetch the files of one host: the job of a fan-out. Its facts are folder, files and bytes.

        Raises:
            HostFault: something went wrong; files that had arrived completely are kept.
        """
        key = connection.target.key
        haul = self._hauls[key] = Haul(self._work_folder / str(key))
        haul.folder.mkdir(mode=0o700)
        share = self._shares.draw()
        limits = GatherLimits(min(self._config.gather_file_max_bytes, share), share)
        try:
            gather(connection, self._request, self._wanted, limits, haul)
        finally:
            self._shares.give_back(share - haul.size)
            self._zip.add(self._folders[key], haul)
        folder = haul.facts.get("folder", "")
        return {"folder": folder, "files": str(len(haul.files)), "bytes": str(haul.size)}

    def finish(self, outcomes: Sequence[HostOutcome]) -> GatherResult:
        """Complete the zip with its manifest and give it its name.

        Raises:
            UserError: it was cancelled, or the zip can't be written.
        """
        if self._cancel.cancelled:
            raise UserError(f"cancelled: {self._cancel.reason}")
        try:
            self._zip.complete(self._manifests(outcomes), self._path)
        except OSError as error:
            raise _not_written(self._path, error) from error
        hauls = self._hauls.values()
        return GatherResult(
            self._path, outcomes, sum(len(haul.files) for haul in hauls), sum(haul.size for haul in hauls)
        )

    def close(self) -> None:
        """Close what is open; an unfinished zip is discarded."""
        self._zip.close()

    def _manifests(self, outcomes: Sequence[HostOutcome]) -> Mapping[str, str]:
        hosts = [
            manifest.describe(outcome, self._hauls.get(outcome.target.key), self._folders[outcome.target.key])
            for outcome in outcomes
        ]
        about: dict[str, Any] = {
            **self._about,
            "ended": f"{now():%Y-%m-%dT%H:%M:%SZ}",
            "limits": {
                "run": self._room,
                "host": self._config.gather_host_max_bytes,
                "file": self._config.gather_file_max_bytes,
            },
        }
        return {
            "manifest.json": manifest.as_json(about, hosts),
            "manifest.csv": manifest.as_csv(hosts),
        }


def _room(folder: Path, most: int) -> int:
    """Return how many bytes may arrive, limited by the free disk space."""
    room = min(most, shutil.disk_usage(folder).free - _RESERVE)
    if room < MIB:
        raise UserError(
            f"the disk of {folder.parent} is almost full: free some space for the files, then try again"
        )
    return room


def _not_written(path: Path, error: OSError) -> UserError:
    return UserError(f"{path} can't be written: {error.strerror}")
