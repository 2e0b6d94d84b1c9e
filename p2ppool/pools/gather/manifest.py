"""The manifest of a zip of gathered files: every host, every file, and what is missing and why."""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from p2ppool.fleet.agent.gather import GatheredFile, Haul
from p2ppool.fleet.host.outcome import HostOutcome
from p2ppool.store.models import Host

_COLUMNS: Final = ("host", "address", "port", "file", "in_zip", "bytes", "bytes_on_host", "sha256", "note")


def folder_names(hosts: Iterable[Host]) -> dict[int, str]:
    """Name a folder in the zip for each host, by the host's id:
    name and port, safe and unique on any system.
    """
    names: dict[int, str] = {}
    taken: set[str] = set()
    for host in hosts:
        name = f"{re.sub(r'[^A-Za-z0-9.-]', '_', host.name)[:100].lstrip('.-') or 'host'}-{host.port}"
        while name.lower() in taken:
            name = f"{name}-{host.id}"
        taken.add(name.lower())
        names[host.id] = name
    return names


def describe(outcome: HostOutcome, haul: Haul | None, folder: str) -> dict[str, Any]:
    """Describe one host: what was gathered, what was not, and why. `haul` is None if it was never reached."""
    files = haul.files if haul else []
    return {
        "host": outcome.target.name,
        "address": outcome.target.address,
        "port": outcome.target.port,
        "result": "failed" if outcome.error else "gathered" if files else "nothing",
        "why": outcome.message or ("" if files else _why_nothing(haul)),
        "files": [_describe_file(file, folder) for file in files],
        "left_out": [
            {"name": name, "bytes_on_host": size, "note": "over a limit"}
            for name, size in (haul.left_out.items() if haul else ())
        ],
        "not_sent": _not_sent(haul.facts if haul else {}),
    }


def as_json(about: Mapping[str, Any], hosts: Iterable[Mapping[str, Any]]) -> str:
    """Format the manifest for programs: what the whole is about, then the hosts."""
    return json.dumps({**about, "hosts": list(hosts)}, indent=2, ensure_ascii=False) + "\n"


def as_csv(hosts: Iterable[Mapping[str, Any]]) -> str:
    """Format the manifest for people: a line for each file, and for each thing that is missing (RFC 4180)."""
    out = io.StringIO()
    writer = csv.DictWriter(out, _COLUMNS, restval="")
    writer.writeheader()
    for host in hosts:
        named = {column: host[column] for column in ("host", "address", "port")}
        writer.writerows(named | line for line in _lines(host))
    return out.getvalue()


def _lines(host: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for file in (*host["files"], *host["left_out"]):
        yield {"file": file["name"]} | {column: file[column] for column in _COLUMNS if column in file}
    for note in (host["why"], *host["not_sent"]):
        if note:
            yield {"note": note}


def _describe_file(file: GatheredFile, folder: str) -> dict[str, Any]:
    notes = []
    if file.promised < file.size_there:
        notes.append(f"its first {file.size_there - file.promised} bytes are left out")
    if file.size < file.promised:
        notes.append("it became shorter while it was read")
    return {
        "name": file.name,
        "in_zip": f"{folder}/{file.name}",
        "bytes": file.size,
        "bytes_on_host": file.size_there,
        "sha256": file.sha256,
        "note": ", ".join(notes),
    }


def _why_nothing(haul: Haul | None) -> str:
    installed = haul is not None and haul.facts.get("folder") == "ours"
    return "no such file is there" if installed else "nothing of the pool is installed there"


def _not_sent(facts: Mapping[str, str]) -> list[str]:
    """List what the agent counted; a host's numbers are treated as mere text."""
    labels = {
        "unsent": "files over a limit",
        "odd": "names with odd characters",
        "special": "links or special files",
    }
    return [f"left out: {facts[fact]} {what}" for fact, what in labels.items() if facts.get(fact, "0") != "0"]
