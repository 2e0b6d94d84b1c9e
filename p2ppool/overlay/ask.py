"""One call to one node through the gateway, and the meaning of its answer for a crawl."""

import time
from dataclasses import dataclass

from p2ppool.overlay.answer import Answer, read_information
from p2ppool.overlay.errors import GatewayError, GatewayTimeoutError, GatewayUnreachableError
from p2ppool.overlay.gateway import Gateway
from p2ppool.overlay.snapshot import NodeState


@dataclass(frozen=True)
class NodeOutcome:
    """The result of one call to one address.

    Attributes:
        state: left over if the gateway itself could not be reached, which says nothing about the node.
        seconds: duration of the call.
        answer: the node's own answer, exactly if the state is answered.
        answered_by: for a ghost, the node that answered in its place.
        error: why there is no answer of the node's own, in one line.
    """

    address: str
    state: NodeState
    seconds: float
    answer: Answer | None = None
    answered_by: str | None = None
    error: str = ""


def ask_local(gateway: Gateway) -> NodeOutcome:
    """Ask the local node for its address and its neighbours.

    Raises:
        GatewayError: it did not answer. Without it there is nothing to crawl.
    """
    start = time.monotonic()
    answer = read_information(gateway.local_info())
    return NodeOutcome(answer.neighbours.own, NodeState.ANSWERED, time.monotonic() - start, answer)


def ask(gateway: Gateway, address: str, timeout: float) -> NodeOutcome:
    """Ask the node `address`, waiting at most `timeout` seconds."""
    start = time.monotonic()
    try:
        raw = gateway.info(address, timeout)
        answer = None if raw is None else read_information(raw)
    except GatewayError as error:
        return _without_answer(address, time.monotonic() - start, error, timeout)
    seconds = time.monotonic() - start
    if answer is None:
        return NodeOutcome(address, NodeState.SILENT, seconds, error="the overlay got no answer from it")
    own = answer.neighbours.own
    if own != address:
        gone = f"{own} answered in its place"
        return NodeOutcome(address, NodeState.GHOST, seconds, answered_by=own, error=gone)
    return NodeOutcome(address, NodeState.ANSWERED, seconds, answer)


def _without_answer(address: str, seconds: float, error: GatewayError, timeout: float) -> NodeOutcome:
    if isinstance(error, GatewayUnreachableError):
        return NodeOutcome(address, NodeState.LEFT_OVER, seconds, error=str(error))
    if isinstance(error, GatewayTimeoutError):
        return NodeOutcome(address, NodeState.SILENT, seconds, error=f"no answer within {timeout:g} s")
    return NodeOutcome(address, NodeState.SILENT, seconds, error=str(error))
