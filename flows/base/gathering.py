"""The shared part of gathering logs and gathering test results."""

from flows.base.ending import Ending, ending_of_hosts
from p2ppool.actions.held_turn import HeldTurn
from p2ppool.errors import UserError
from p2ppool.pools.gather.gathering import GatherResult
from p2ppool.pools.recording.pool_files import FileKind
from p2ppool.store.models import TicketState
from tasks.gather import gather_from_hosts
from tasks.local_node import start_local_node


def gather(held: HeldTurn, kind: FileKind) -> Ending:
    """Gather from the hosts, and only then start the local node, whose problem may be under investigation."""
    ending = judge(gather_from_hosts(held, kind))
    try:
        start_local_node(held)
    except UserError as error:
        state = TicketState.PARTIAL if ending.state is TicketState.DONE else ending.state
        return Ending(state, f"{ending.message}; {error}")
    return ending


def judge(gathered: GatherResult) -> Ending:
    """Build the ending: hosts, files, and the zip; a host without files is in order."""
    ending = ending_of_hosts(gathered.outcomes, "gathered from")
    files = f"{gathered.files} file{'' if gathered.files == 1 else 's'}"
    message = f"{ending.message}: {files}, {gathered.size:,} bytes, in {gathered.path.name}"
    return Ending(ending.state, message)
