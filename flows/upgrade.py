"""Upgrade a pool: another package, ports, number of nodes or host list, in stages or not at all."""

from typing import Any

from flows.base.action import action
from flows.base.ending import Ending, ending_of_hosts
from p2ppool.actions.catalogue import Action
from p2ppool.actions.held_turn import HeldTurn
from p2ppool.actions.requests import Request
from p2ppool.fleet.host.outcome import HostOutcome
from p2ppool.pools.definition.upgrade_spec import UpgradeSpec
from p2ppool.store.models import TicketState
from tasks.local_node import start_local_node, try_local_node
from tasks.overlay_health import Health, read_overlay_health, wait_for_overlay
from tasks.plan import plan_on_hosts
from tasks.removed_hosts import uninstall_removed_hosts
from tasks.rollout import Rollout, Undone, begin_rollout, install_stage, keep_version, roll_back
from tasks.turn import request_turn

_NAMED = 5  # hosts that the message lists


def _ask(request: Request, spec: UpgradeSpec, **_: Any) -> int:
    return request_turn(request, spec.name)


@action(Action.UPGRADE, name="{spec.name}", ask=_ask)
def upgrade(held: HeldTurn, spec: UpgradeSpec) -> Ending:
    """Install the version that `spec` describes on every host: a canary first, then the others in batches.

    A host keeps its previous version until the new one has proved to stay up there. When too many hosts fail,
    or the overlay does not recover, every host and the pool return to the previous version.
    """
    rollout = begin_rollout(held, spec)
    if spec.dry_run:
        return judge_plan(plan_on_hosts(held, rollout))
    start_local_node(held)
    outcomes: list[HostOutcome] = []
    trouble = try_local_node(held, rollout)
    if not trouble and not held.cancel.cancelled:
        outcomes, trouble = _roll_out(held, rollout, spec)
    if held.cancel.cancelled:  # its ending reports how far it came; the pool keeps its version
        return Ending(TicketState.CANCELLED, "")
    if trouble:
        return judge_undone(trouble, roll_back(held, rollout, outcomes))
    keep_version(held, rollout, outcomes)
    start_local_node(held)
    uninstall_removed_hosts(held, rollout.progress)
    return ending_of_hosts(outcomes, "upgraded on")


def _roll_out(held: HeldTurn, rollout: Rollout, spec: UpgradeSpec) -> tuple[list[HostOutcome], str]:
    """Return the outcomes of the started hosts, and why to abort; empty: all is well."""
    outcomes: list[HostOutcome] = []
    before = read_overlay_health(held) if len(rollout.stages) > 1 else Health(0, None)
    wanted = _wanted(before, rollout, spec)
    for number, stage in enumerate(rollout.stages, 1):
        latest = install_stage(held, rollout, stage)
        outcomes += latest
        trouble = _trouble_on_hosts(rollout, outcomes, latest if number == 1 and spec.canary else [])
        if not trouble and number < len(rollout.stages):
            now = wait_for_overlay(held, wanted)
            trouble = "" if now.reaches(wanted) else f"the overlay did not recover: {now}"
        if trouble or held.cancel.cancelled:
            return outcomes, trouble
    return outcomes, ""


def _wanted(before: Health, rollout: Rollout, spec: UpgradeSpec) -> Health:
    """Return the required health: as many nodes as before, less removed ones, at the same consistency."""
    fewer = max(0, rollout.old.nodes_per_process - rollout.new.nodes_per_process)
    answered = max(0, before.answered - fewer * len(rollout.new.hosts))
    return Health(answered, min(before.consistency or 0.0, spec.min_consistency))


def _trouble_on_hosts(rollout: Rollout, outcomes: list[HostOutcome], canary: list[HostOutcome]) -> str:
    for outcome in canary:
        if not outcome.ok:
            return f"it failed on {outcome.target.name}, where it was tried first: {outcome.message}"
    if rollout.failures.cancel.cancelled:
        return rollout.failures.cancel.reason
    return "" if any(outcome.ok for outcome in outcomes) else "it failed on all hosts"


def judge_undone(trouble: str, undone: Undone) -> Ending:
    """Build the ending: why it was aborted, and whether the previous version is back everywhere."""
    message = f"aborted: {trouble}; the pool keeps its version, {_hosts(undone.back)} rolled back"
    if undone.unsure:
        named = ", ".join(undone.unsure[:_NAMED])
        message += f"; {len(undone.unsure)} could not be ({named}): the next check retries"
    return Ending(TicketState.FAILED, message)


def judge_plan(outcomes: list[HostOutcome]) -> Ending:
    """Build the ending with the number of changes; the table has the hosts."""
    would = [outcome.facts.get("would", "") for outcome in outcomes if outcome.ok]
    changes = sum(not text.startswith("nothing") for text in would)
    message = f"would change {changes} of {len(outcomes)} hosts"
    if failed := len(outcomes) - len(would):
        return Ending(TicketState.PARTIAL, f"{message}; {failed} could not be checked")
    return Ending(TicketState.DONE, message)


def _hosts(number: int) -> str:
    return "1 host was" if number == 1 else f"{number} hosts were"
