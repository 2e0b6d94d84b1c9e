"""Reads hosts from CSV: a header and columns as spreadsheets and pandas write them;
other columns are ignored.
"""

import csv
from collections.abc import Iterator, Mapping
from typing import Final

from p2ppool.fleet.inventory.fields import (
    MANAGER_NAMES,
    manager_machine,
    read_jump,
    read_name,
    read_place,
    read_port,
)
from p2ppool.fleet.inventory.host_line import Found, HostLine

COLUMNS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("host", "hostname", "name", "node"), "host"),
    **dict.fromkeys(("address", "ip", "ip_address"), "address"),
    **dict.fromkeys(("port", "ssh_port"), "port"),
    **dict.fromkeys(("jump", "proxyjump", "jump_host"), "jump"),
}
"""Names of columns, and what they mean."""
_EMPTY: Final = frozenset({"", "nan", "none", "null", "na", "-"})


def delimiter_of(header: str) -> str | None:
    """Return the separator of a line that is a header of hosts; None if it is no such header."""
    for delimiter in ";,\t":
        names = [_column(name) for name in header.split(delimiter)]
        if len(names) > 1 and {"host", "address"} & set(names):
            return delimiter
    return None


def read(text: str, default_port: int) -> Found:
    """Return the hosts and the problems."""
    hosts: list[HostLine] = []
    problems: list[str] = []
    for line, row in _rows(text, problems):
        try:
            hosts.append(_host(row, line, default_port))
        except ValueError as error:
            problems.append(f"line {line}: {error}")
    return hosts, problems


def _rows(text: str, problems: list[str]) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Yield the lines below the header, keyed by what their columns mean."""
    lines = text.splitlines(keepends=True)
    header = next((line for line in lines if line.strip()), "")
    delimiter = delimiter_of(header.strip())
    if delimiter is None:
        problems.append("line 1: the header has no column host: write one such as host,port,jump")
        return
    reader = csv.reader(lines, delimiter=delimiter)
    columns: list[str] = []
    try:
        for fields in reader:
            if not any(field.strip() for field in fields):
                continue
            if columns:
                yield reader.line_num, _by_meaning(columns, fields)
            columns = columns or [_column(name) for name in fields]
    except csv.Error as error:
        problems.append(f"line {reader.line_num}: {error}")


def _by_meaning(columns: list[str], fields: list[str]) -> Mapping[str, str]:
    pairs = zip(columns, (field.strip() for field in fields), strict=False)
    return {column: field for column, field in pairs if column and not _is_empty(column, field)}


def _is_empty(column: str, field: str) -> bool:
    """Return whether the field is one, though something may be written there; a host may be named `na`."""
    return not field if column == "host" else field.lower() in _EMPTY


def _host(row: Mapping[str, str], line: int, default_port: int) -> HostLine:
    place = row.get("host") or row.get("address")
    if not place:
        raise ValueError("no host in this line")
    if place.lower() in MANAGER_NAMES:
        return manager_machine(line, row.get("address", "") if "host" in row else "")
    name, port = read_place(place, default_port)
    if "port" in row:
        port = read_port(row["port"].removesuffix(".0"))  # pandas makes floats of a column with gaps
    where = read_name(row["address"]) if "host" in row and "address" in row else ""
    return HostLine(name, port, line, where, read_jump(row["jump"]) if "jump" in row else None)


def _column(name: str) -> str:
    return COLUMNS.get(name.strip().strip('"').lower().replace(" ", "_"), "")
