"""How a crawl ends, from what it found; the flow itself runs in the end-to-end tests."""

from datetime import UTC, datetime

import pytest

from flows.crawl import judge
from p2ppool.overlay.snapshot import Crawl, CrawledNode, CutShort, NodeState
from p2ppool.store.models import TicketState
from tasks.crawl import Crawled

BEGAN = datetime(2026, 5, 1, tzinfo=UTC)
SOUND = CrawledNode(address="brunet:node:A", state=NodeState.ANSWERED, consistency=1.0)
GHOST = CrawledNode(address="brunet:node:B", state=NodeState.GHOST, consistency=0.0)


@pytest.mark.parametrize(
    ("nodes", "reason", "state", "message"),
    [
        ([SOUND], "", TicketState.DONE, "1 of 2 nodes answered, consistency 1.000"),
        ([SOUND, GHOST], "", TicketState.DONE, "1 of 2 nodes answered, 1 ghost, consistency 0.500"),
        ([], "", TicketState.DONE, "0 of 2 nodes answered, consistency unknown"),
        (
            [SOUND],
            CutShort.DEADLINE,
            TicketState.PARTIAL,
            "1 of 2 nodes answered, consistency 1.000; cut short: deadline",
        ),
    ],
)
def test_an_unhealthy_overlay_fails_no_crawl_and_a_cut_one_is_partial(nodes, reason, state, message):
    ending = judge(Crawled(Crawl(BEGAN, 1.0, tuple(nodes), reason), expected=2))
    assert (ending.state, ending.message) == (state, message)


@pytest.mark.parametrize(
    ("others", "says"),
    [(1, ", and 1 that is not the pool's own"), (2, ", and 2 that are not the pool's own")],
)
def test_nodes_that_are_not_the_pool_s_own_are_told_apart(others, says):
    nodes = tuple(
        CrawledNode(address=f"brunet:node:{name}", state=NodeState.ANSWERED) for name in "ABCDEFGHIJK"
    )
    ending = judge(Crawled(Crawl(BEGAN, 1.0, nodes), expected=9, others=others))
    assert ending.message.startswith(f"{11 - others} of 9 nodes answered{says}, consistency")
