"""The catalogue of actions: one row for each. Flows, deployments, commands, pages, docs and tests read it.

To add an action is to add a row here and a file in `flows/`; CONTRIBUTING.md shows how.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

from p2ppool.store.states import PoolRole, PoolState


class Rank(StrEnum):
    """Actions that the rules of turns treat alike."""

    STOP = "stop"
    SUSPEND = "suspend"
    CHANGE = "change"
    CHECK = "check"
    READ = "read"


URGENT: Final = frozenset({Rank.STOP, Rank.SUSPEND})
"""Ranks whose runs start however many others are running."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """An action's properties besides the rules.

    Attributes:
        name: of the action, its flow, its deployment and its command.
        rank: its rank in the rules of turns.
        label: on buttons.
        summary: what it does, in one sentence: the command's help.
        needs: the least role on the pool with which somebody may request, cancel or retry it.
        question: the confirmation that pages ask for if it stops nodes or other actions; empty: none.
        typed: whether the person must type the pool's name, because it can't be undone.
        retried_as: the action that retries the hosts it left behind; None: none does.
        form: whether it needs more than a pool's name, so that no plain button starts it.
        offered_in: the only state of a pool in which pages offer it; None: in all where it is possible.
        flow: the flow that performs it; empty: the one of its own name.
    """

    name: str
    rank: Rank
    label: str
    summary: str
    needs: PoolRole = PoolRole.MANAGER
    question: str = ""
    typed: bool = False
    retried_as: str | None = None
    form: bool = False
    offered_in: PoolState | None = None
    flow: str = ""


class Action(StrEnum):
    """The actions on a pool, in the order in which pages offer them."""

    row: Row
    _value_: str

    def __new__(cls, row: Row | str) -> Self:  # text only for type checkers: a look-up never comes here
        """Create a member whose value is its name."""
        assert isinstance(row, Row)  # noqa: S101 - see above
        member = str.__new__(cls, row.name)
        member._value_ = row.name
        member.row = row
        return member

    CRAWL = Row(
        name="crawl",
        rank=Rank.READ,
        label="Crawl",
        summary="Crawl the pool's overlay and store the snapshot.",
        needs=PoolRole.OPERATOR,
    )
    CHECK = Row(
        name="check",
        rank=Rank.CHECK,
        label="Check",
        summary="Check every host, and repair what is missing, outdated or not running.",
        needs=PoolRole.OPERATOR,
        retried_as="check",
    )
    VERIFY = Row(
        name="verify",
        rank=Rank.READ,
        label="Verify",
        summary="Verify every host point by point, and its node in the overlay; change nothing.",
        needs=PoolRole.OPERATOR,
    )
    PLAN = Row(
        name="plan",
        rank=Rank.READ,
        label="Dry run",
        summary="Show what an install or upgrade would change on each host; change nothing.",
        needs=PoolRole.OPERATOR,
        form=True,
        flow="upgrade",
    )
    CREATE = Row(
        name="create",
        rank=Rank.CHANGE,
        label="Create",
        summary="Create a pool: register it, start its local node, install on all its hosts.",
        retried_as="install",
        form=True,
    )
    INSTALL = Row(
        name="install",
        rank=Rank.CHANGE,
        label="Install",
        summary="Install and start the pool's software wherever it does not run.",
        question="Hosts that do not run the pool's version get it, and their nodes restart. "
        "Nodes that run it already are left alone.",
        retried_as="install",
    )
    UPGRADE = Row(
        name="upgrade",
        rank=Rank.CHANGE,
        label="Upgrade",
        summary="Upgrade a pool: another package, ports, number of nodes or host list, a canary first.",
        retried_as="install",
        form=True,
    )
    GATHER_LOGS = Row(
        name="gather-logs",
        rank=Rank.READ,
        label="Gather logs",
        summary="Bring the logs of every host into one zip.",
        needs=PoolRole.OPERATOR,
        retried_as="gather-logs",
    )
    GATHER_RESULTS = Row(
        name="gather-results",
        rank=Rank.READ,
        label="Gather results",
        summary="Bring the test results (*.db) of every host into one zip.",
        needs=PoolRole.OPERATOR,
        retried_as="gather-results",
    )
    SUSPEND = Row(
        name="suspend",
        rank=Rank.SUSPEND,
        label="Suspend",
        summary="Stop the pool's nodes; its history and everything installed stay.",
        question="Its nodes stop on every host. Everything installed and its history stay. "
        "Resume brings it back.",
        retried_as="suspend",
        offered_in=PoolState.ACTIVE,
    )
    RESUME = Row(
        name="resume",
        rank=Rank.CHANGE,
        label="Resume",
        summary="Start the nodes of a suspended pool again, with the addresses they had.",
        retried_as="resume",
        offered_in=PoolState.SUSPENDED,
    )
    STOP = Row(
        name="stop",
        rank=Rank.STOP,
        label="Stop",
        summary="Cancel whatever runs on the pool, then uninstall it from every host; its history stays.",
        question="It is uninstalled from every host: logs and results that were not gathered are lost. "
        "Its history stays until nothing is left on any host.",
        typed=True,
        retried_as="stop",
    )
    UNINSTALL_CHECK = Row(
        name="uninstall-check",
        rank=Rank.CHECK,
        label="Uninstall check",
        summary="Clear the hosts that a stop left; once none is left, archive and delete the stopped pool.",
        question="What is left of it on hosts is cleared. Once nothing is left, the pool is archived and "
        "deleted, with its history, its files and its key.",
        typed=True,
    )

    @property
    def flow(self) -> str:
        """The name of the flow that performs the action: a plan is an upgrade that changes nothing."""
        return self.row.flow or self.row.name

    @property
    def rank(self) -> Rank:
        """The action's rank in the rules of turns."""
        return self.row.rank


FLOWS: Final = tuple(action.value for action in Action if action.flow == action)
"""The actions that are flows, each served as a deployment of its name."""


def actions_of(rank: Rank) -> list[Action]:
    """List the actions of a rank."""
    return [action for action in Action if action.rank is rank]
