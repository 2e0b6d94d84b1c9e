"""Whether a host has what its pool wants, point by point; the first one that is wrong is the host's error."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from p2ppool.errors import one_line
from p2ppool.fleet.host.outcome import ErrorKind, HostFault, HostOutcome

POINTS: Final = ("pool", "namespace", "version", "processes", "config", "overlay")
"""In the order in which they are looked at."""
PREFIX: Final = "point."
"""Before a point's name among a host's facts."""
OK: Final = "ok"
UNKNOWN: Final = "not looked at"
PREFLIGHT_FAILURE: Final = "obstacle"
"""The fact with the kind of error by which a node can't run there; `PREFLIGHT_FAILURE_TEXT` has its text."""
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
"""What a host may lack that keeps a node from running or from joining."""
_CAUSED: Final = frozenset(
    {ErrorKind.NOT_INSTALLED, ErrorKind.NOT_RUNNING, ErrorKind.CONFIG_REFUSED, ErrorKind.NOT_IN_OVERLAY}
)
"""What such a lack explains."""


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
"""What a check says of each fault that it repairs."""
_EXCERPT: Final = 100  # characters of what the host reported


@dataclass(frozen=True)
class ExpectedState:
    """What should be on each host of a pool."""

    pool: str
    """The pool's token."""
    namespace: str
    digest: str


@dataclass(frozen=True)
class Point:
    """One point that was looked at; without `fault` it is as it should be."""

    name: str
    fault: ErrorKind | None
    words: str


def look_at(facts: Mapping[str, str], wanted: ExpectedState) -> list[Point]:
    """The points that the agent's `check` of a host decides; where the folder is not ours, only the first."""
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


def repair_needed(facts: Mapping[str, str], wanted: ExpectedState) -> str | None:
    """Return what a check has to repair on a host, as it was; None: nothing.

    A config that a node has refused is no reason: installing the same again would not change it.
    """
    for point in look_at(facts, wanted):
        if point.fault is not None and point.fault is not ErrorKind.CONFIG_REFUSED:
            return f"{_AS_IT_WAS[point.fault]} ({one_line(point.words, _EXCERPT)})"
    return None


def facts_of(points: Collection[Point]) -> dict[str, str]:
    """One entry for each point there is."""
    words = {point.name: point.words if point.fault else OK for point in points}
    return {f"{PREFIX}{name}": words.get(name, UNKNOWN) for name in POINTS}


def facts_of_preflight_failure(preflight_failure: HostFault | None) -> dict[str, str]:
    """What is in the way of a node on the host; empty: nothing."""
    return {
        PREFLIGHT_FAILURE: preflight_failure.kind.value if preflight_failure else "",
        PREFLIGHT_FAILURE_TEXT: str(preflight_failure) if preflight_failure else "",
    }


def judge(points: Collection[Point], facts: Mapping[str, str], preflight_failure: HostFault | None) -> None:
    """Let a host pass, or not.

    Raises:
        HostFault: the first point that is wrong; or what is in the way of a node there, if that explains it.
    """
    wrong = next((point for point in points if point.fault), None)
    if wrong is None or wrong.fault is None:
        return
    if preflight_failure is not None and wrong.fault in _CAUSED:
        preflight_failure.facts = facts
        raise preflight_failure
    raise HostFault(wrong.fault, wrong.words, facts)


def missing(outcomes: Collection[HostOutcome], answered: Collection[str]) -> Iterator[HostOutcome]:
    """Those that are sound in themselves, but whose node is not among the addresses that answered."""
    return (one for one in outcomes if one.ok and one.facts.get("address") not in answered)


def with_overlay(outcome: HostOutcome, answered: Collection[str], cut_short: str = "") -> HostOutcome:
    """The outcome of a host with the last point, by the addresses that answered a crawl.

    `cut_short` says why the crawl did not come to its end; empty: it did.
    """
    if not outcome.ok:
        return outcome
    point = f"{PREFIX}overlay"
    address = outcome.facts.get("address", "")
    if address in answered:
        return replace(outcome, facts={**outcome.facts, point: OK})
    words = f"{address} is not among the {len(answered)} nodes that answered"
    words += f" until the crawl was cut short: {cut_short}" if cut_short else ""
    facts = {**outcome.facts, point: words}
    fault = HostFault(ErrorKind.NOT_IN_OVERLAY, words)
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
    words = "its log says Invalid NodeConfig" if refused else "it has written no NodeAddress into node.config"
    return _wrong("config", ErrorKind.CONFIG_REFUSED, words)


def _point(name: str, fault: ErrorKind, found: str, wanted: str) -> Point:
    return (
        Point(name, None, "") if found == wanted else _wrong(name, fault, f"{found or 'none'}, not {wanted}")
    )


def _wrong(name: str, fault: ErrorKind, words: str) -> Point:
    return Point(name, fault, words)
