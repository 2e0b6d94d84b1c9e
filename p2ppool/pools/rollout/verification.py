"""Compares a host with what its pool expects, point by point; the first difference is the host's error."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from p2ppool.errors import one_line
from p2ppool.fleet.host.outcome import ErrorKind, HostFault, HostOutcome

POINTS: Final = ("pool", "namespace", "version", "processes", "config", "overlay")
"""In the order in which they are checked."""
PREFIX: Final = "point."
"""The prefix of a point's name among a host's facts."""
OK: Final = "ok"
UNKNOWN: Final = "not checked"
PREFLIGHT_FAILURE: Final = "obstacle"
"""The fact with the kind of error that prevents a node from running there;
`PREFLIGHT_FAILURE_TEXT` has its text.
"""
PREFLIGHT_FAILURE_TEXT: Final = "obstacle_text"

CAUSES: Final = frozenset(
    {
        ErrorKind.MISSING_RUNTIME,
        ErrorKind.UNFIT_RUNTIME,
        ErrorKind.NO_IFCONFIG,
        ErrorKind.UNREADABLE_IFCONFIG,
        ErrorKind.PORT_TAKEN,
    }
)
"""The defects of a host that prevent a node from running or from joining."""
_CAUSED: Final = frozenset(
    {ErrorKind.NOT_INSTALLED, ErrorKind.NOT_RUNNING, ErrorKind.CONFIG_REFUSED, ErrorKind.NOT_IN_OVERLAY}
)
"""The errors that such a defect explains."""


_AS_IT_WAS: Final[Mapping[ErrorKind, str]] = MappingProxyType(
    {
        ErrorKind.NOT_INSTALLED: "nothing was installed",
        ErrorKind.WRONG_POOL: "another pool's software was there",
        ErrorKind.OTHER_VERSION: "another version was installed",
        ErrorKind.WRONG_NAMESPACE: "its config named another namespace",
        ErrorKind.NOT_RUNNING: "no process ran",
        ErrorKind.SEVERAL_PROCESSES: "several processes ran",
    }
)
"""The text of a check for each fault that it repairs."""
_EXCERPT: Final = 100  # characters of what the host reported


@dataclass(frozen=True)
class ExpectedState:
    """The state that each host of a pool should have."""

    pool: str
    """The pool's token."""
    namespace: str
    digest: str


@dataclass(frozen=True)
class Point:
    """One point that was checked; without `fault` it is correct."""

    name: str
    fault: ErrorKind | None
    text: str


def check_points(facts: Mapping[str, str], wanted: ExpectedState) -> list[Point]:
    """Check the points that the agent's `check` decides; only the first if the folder is not the pool's."""
    pool = _pool(facts, wanted)
    if pool.fault:
        return [pool]
    if not facts.get("digest"):
        return [pool, _wrong("version", ErrorKind.NOT_INSTALLED, "the folder is there, but nothing in it")]
    namespace, digest = facts.get("namespace", ""), facts["digest"]
    return [
        pool,
        _point("namespace", ErrorKind.WRONG_NAMESPACE, namespace, wanted.namespace),
        _point("version", ErrorKind.OTHER_VERSION, digest[:12], wanted.digest[:12]),
        _processes(facts),
        _config(facts),
    ]


def require_own_folder(facts: Mapping[str, str], own: str, hosts: Collection[str]) -> None:
    """Check that the folder is not another host's, by its own address and those of the pool's hosts.

    Raises:
        HostFault: it is, as one machine has two addresses, or two hosts have one home.
    """
    holder = facts.get("holder", "")
    address = holder.partition(" ")[0]
    if address in hosts and address != own:
        kind = ErrorKind.SAME_MACHINE if facts.get("holder_here") == "yes" else ErrorKind.SHARED_FOLDER
        raise HostFault(kind, holder, facts)


def repair_needed(facts: Mapping[str, str], wanted: ExpectedState) -> str | None:
    """Describe what a check has to repair on a host; None if nothing.

    A config that a node has refused does not count: installing the same again would not change it.
    """
    for point in check_points(facts, wanted):
        if point.fault is not None and point.fault is not ErrorKind.CONFIG_REFUSED:
            return f"{_AS_IT_WAS[point.fault]} ({one_line(point.text, _EXCERPT)})"
    return None


def facts_of(points: Collection[Point]) -> dict[str, str]:
    """Return one fact for each point, checked or not."""
    text = {point.name: point.text if point.fault else OK for point in points}
    return {f"{PREFIX}{name}": text.get(name, UNKNOWN) for name in POINTS}


def facts_of_preflight_failure(preflight_failure: HostFault | None) -> dict[str, str]:
    """Return the facts of what prevents a node from running on the host; empty texts if nothing does."""
    return {
        PREFLIGHT_FAILURE: preflight_failure.kind.value if preflight_failure else "",
        PREFLIGHT_FAILURE_TEXT: str(preflight_failure) if preflight_failure else "",
    }


def judge(points: Collection[Point], facts: Mapping[str, str], preflight_failure: HostFault | None) -> None:
    """Raise the host's fault, if any point is wrong.

    Raises:
        HostFault: the first wrong point; or the preflight failure, if that explains it.
    """
    wrong = next((point for point in points if point.fault), None)
    if wrong is None or wrong.fault is None:
        return
    if preflight_failure is not None and wrong.fault in _CAUSED:
        preflight_failure.facts = facts
        raise preflight_failure
    raise HostFault(wrong.fault, wrong.text, facts)


def missing(outcomes: Collection[HostOutcome], answered: Collection[str]) -> Iterator[HostOutcome]:
    """Yield successful outcomes whose nodes are not among the addresses that answered."""
    return (one for one in outcomes if one.ok and one.facts.get("address") not in answered)


def with_overlay(outcome: HostOutcome, answered: Collection[str], cut_short: str = "") -> HostOutcome:
    """Add the last point to a host's outcome, given the addresses that answered a crawl.

    `cut_short` says why the crawl was incomplete; empty if it was complete.
    """
    if not outcome.ok:
        return outcome
    point = f"{PREFIX}overlay"
    address = outcome.facts.get("address", "")
    if address in answered:
        return replace(outcome, facts={**outcome.facts, point: OK})
    text = f"{address} is not among the {len(answered)} nodes that answered"
    text += f" until the crawl was cut short: {cut_short}" if cut_short else ""
    facts = {**outcome.facts, point: text}
    fault = HostFault(ErrorKind.NOT_IN_OVERLAY, text)
    kind, text = facts.get(PREFLIGHT_FAILURE) or fault.kind, facts.get(PREFLIGHT_FAILURE_TEXT) or str(fault)
    return replace(outcome, error=ErrorKind(kind), message=text, step="overlay", facts=facts)


def _pool(facts: Mapping[str, str], wanted: ExpectedState) -> Point:
    folder, owner = facts.get("folder", ""), facts.get("pool", "")
    if folder in {"absent", "empty"}:
        return _wrong("pool", ErrorKind.NOT_INSTALLED, f"the folder is {folder}")
    if folder != "ours":
        return _wrong("pool", ErrorKind.WRONG_POOL, "the folder holds somebody else's files")
    return _point("pool", ErrorKind.WRONG_POOL, owner, wanted.pool)


def _processes(facts: Mapping[str, str]) -> Point:
    count = facts.get("processes", "")
    if facts.get("running") == "yes":
        return Point("processes", None, "")
    if count.isdecimal() and int(count) > 1:
        return _wrong("processes", ErrorKind.SEVERAL_PROCESSES, f"{count} processes")
    return _wrong("processes", ErrorKind.NOT_RUNNING, "no process of its latest start")


def _config(facts: Mapping[str, str]) -> Point:
    if facts.get("config") == "accepted":
        return Point("config", None, "")
    refused = facts.get("config") == "refused"
    text = "its log says Invalid NodeConfig" if refused else "it has written no NodeAddress into node.config"
    return _wrong("config", ErrorKind.CONFIG_REFUSED, text)


def _point(name: str, fault: ErrorKind, found: str, wanted: str) -> Point:
    return (
        Point(name, None, "") if found == wanted else _wrong(name, fault, f"{found or 'none'}, not {wanted}")
    )


def _wrong(name: str, fault: ErrorKind, text: str) -> Point:
    return Point(name, fault, text)
