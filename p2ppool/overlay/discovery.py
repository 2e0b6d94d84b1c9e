"""The state of a crawl: the addresses that were named, and the outcome of asking each."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from p2ppool.node.address import parse
from p2ppool.overlay.answer import Answer
from p2ppool.overlay.ask import NodeOutcome
from p2ppool.overlay.consistency import NO_BITS, NodeConsistency, judge
from p2ppool.overlay.snapshot import CrawledNode, NodeState

_UNCOUNTED = NodeConsistency(NO_BITS, None)


class Discovery:
    """Addresses in the order in which they were found, each with its last outcome. For one thread.

    Args:
        max_nodes: addresses to keep. Nodes can name as many as they like; `overflowed` tells that some were
            dropped.
    """

    def __init__(self, max_nodes: int) -> None:
        self._max_nodes = max_nodes
        self._outcomes: dict[str, NodeOutcome | None] = {}
        self._calls: Counter[str] = Counter()
        self._states: Counter[NodeState] = Counter()
        self._remembered: set[str] = set()
        self.overflowed = False

    def __len__(self) -> int:
        return len(self._outcomes)

    @property
    def local(self) -> str:
        """The address that was recorded first."""
        return next(iter(self._outcomes))

    def count(self, state: NodeState) -> int:
        """Count the addresses whose last outcome is `state`."""
        return self._states[state]

    def record(self, outcome: NodeOutcome) -> list[str]:
        """Record an outcome.

        Returns:
            The addresses that no node had named before.
        """
        before = self._outcomes.get(outcome.address)
        if before is not None:
            self._states[before.state] -= 1
        self._states[outcome.state] += 1
        self._outcomes[outcome.address] = outcome
        self._calls[outcome.address] += 1
        return [name for name in self._named(outcome) if self._add(name)]

    def remember(self, addresses: Iterable[str]) -> list[str]:
        """Add addresses that nodes may no longer name; return those that were not known."""
        added = [name for name in addresses if self._add(name)]
        self._remembered.update(added)
        return added

    def unanswered(self) -> list[str]:
        """Return the addresses that did not answer, in the order in which they were found."""
        in_vain = (NodeState.SILENT, NodeState.LEFT_OVER)
        return [name for name, outcome in self._outcomes.items() if outcome and outcome.state in in_vain]

    def nodes(self) -> tuple[CrawledNode, ...]:
        """Return every address in ring order, with its consistency."""
        gone = self._gone()
        heard_out = {
            name: outcome.answer.neighbours if outcome.answer else None
            for name, outcome in self._outcomes.items()
            if outcome and outcome.state is not NodeState.LEFT_OVER and name not in gone
        }
        consistencies = judge(heard_out)
        names = sorted(self._outcomes, key=parse)
        return tuple(self._node(name, consistencies.get(name, _UNCOUNTED)) for name in names)

    def _gone(self) -> set[str]:
        """Return remembered addresses that neither answer nor are named: the ring is whole without them."""
        answers = [outcome.answer for outcome in self._outcomes.values() if outcome and outcome.answer]
        alive = {answer.neighbours.own for answer in answers}
        named = {name for answer in answers for name in answer.neighbours.all()}
        return self._remembered - alive - named

    def _named(self, outcome: NodeOutcome) -> list[str]:
        if outcome.answer is not None:
            return list(outcome.answer.neighbours.all())
        # The node that answers for a ghost may be one that no neighbour names yet.
        return [] if outcome.answered_by is None else [outcome.answered_by]

    def _add(self, name: str) -> bool:
        if name in self._outcomes:
            return False
        if len(self) >= self._max_nodes:
            self.overflowed = True
            return False
        self._outcomes[name] = None
        return True

    def _node(self, name: str, found: NodeConsistency) -> CrawledNode:
        outcome = self._outcomes[name]
        if outcome is None:
            return CrawledNode(address=name, state=NodeState.LEFT_OVER)
        node = CrawledNode(
            address=name,
            state=outcome.state,
            bits=found.bits,
            consistency=found.consistency,
            answered_by=outcome.answered_by,
            retries=self._calls[name] - 1,
            seconds=outcome.seconds,
            error=outcome.error,
        )
        return node if outcome.answer is None else _described(node, outcome.answer)


def _described(node: CrawledNode, answer: Answer) -> CrawledNode:
    named = answer.neighbours
    return replace(
        node,
        left=named.left,
        right=named.right,
        left2=named.left2,
        right2=named.right2,
        shortcuts=named.shortcuts,
        **vars(answer.description),
    )
