"""`p2ppool schedule …`: schedules, kept by Prefect and also visible in its UI."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from p2ppool.cli.run.start import check_pool
from p2ppool.cli.terminal.aliases import add_alias
from p2ppool.cli.terminal.output import AsJson, print_json, print_rows
from p2ppool.errors import UserError

if TYPE_CHECKING:
    from p2ppool.prefect_client.intervals import How
    from p2ppool.prefect_client.schedules import Schedule, Schedules

app = typer.Typer(no_args_is_help=True)

PoolArgument = Annotated[str, typer.Argument(metavar="POOL", help="The pool's name.")]
ActionArgument = Annotated[str, typer.Argument(metavar="ACTION", help="The action, such as crawl.")]


@app.command("list")
def list_all(
    pool: Annotated[str | None, typer.Option(metavar="NAME", help="Show only this pool.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the schedules: action, interval, and next run."""
    if pool is not None:
        check_pool(pool)

    def rows(schedules: "Schedules") -> list[dict[str, Any]]:
        found = schedules.all() if pool is None else schedules.of(pool)
        return _rows(schedules, found)

    print_rows(
        _with_schedules(rows), as_json=as_json, empty="no schedules: p2ppool schedule set POOL ACTION …"
    )


@app.command("set")
def change(
    pool: PoolArgument,
    action: ActionArgument,
    every: Annotated[str | None, typer.Option(metavar="SPAN", help="Interval: 30m, 24h, 7d.")] = None,
    cron: Annotated[
        str | None, typer.Option(metavar="LINE", help='Cron schedule in UTC: "0 3 * * *".')
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Schedule an action of a pool, or change its schedule."""
    from p2ppool.prefect_client import intervals
    from p2ppool.prefect_client.client import PrefectRefusalError

    kind = _action(action)
    if (every is None) == (cron is None):
        raise UserError('schedule set: give either --every 30m or --cron "0 3 * * *"')
    how = intervals.cron(cron) if cron else intervals.every(intervals.seconds_in(every or ""), pool, kind)
    _refuse_impossible(pool, kind)

    def work(schedules: "Schedules") -> list[dict[str, Any]]:
        found = _of(schedules, pool, kind)
        if len(found) > 1:
            raise UserError(
                f"pool {pool} has {len(found)} schedules of {kind}: delete them, or use the Prefect UI"
            )
        try:
            _set(schedules, found, (kind, pool), how)
        except PrefectRefusalError:
            raise UserError(f"Prefect can't use these times: {intervals.format_interval(how)}") from None
        _record(pool, f"schedule {kind}", {"times": intervals.format_interval(how)})
        return _rows(schedules, _of(schedules, pool, kind))

    _print(_changed(work), f"{kind} of pool {pool}: {intervals.format_interval(how)}", as_json=as_json)


def _record(pool: str, what: str, details: dict[str, Any] | None = None) -> None:
    """Record the change in the audit; Prefect has the schedule itself."""
    from p2ppool.cli.terminal.database import store, who
    from p2ppool.records.audit import Subject, note
    from p2ppool.records.pools import get_pool
    from p2ppool.store.unit_of_work import UnitOfWork

    with UnitOfWork(store()) as work:
        note(work.session, Subject.of(get_pool(work.session, pool)), who(), what, details)
        work.commit()


def _set(schedules: "Schedules", found: list["Schedule"], target: tuple[str, str], how: "How") -> None:
    from p2ppool.prefect_client.schedules import deployment_of

    if found:
        schedules.change(found[0], how)
    else:
        schedules.add(deployment_of(target[0], schedules), *target, how)


@app.command()
def pause(pool: PoolArgument, action: ActionArgument, as_json: AsJson = False) -> None:
    """Pause a schedule until it is resumed."""
    _turn(pool, action, active=False, as_json=as_json)


@app.command()
def resume(pool: PoolArgument, action: ActionArgument, as_json: AsJson = False) -> None:
    """Resume a paused schedule; schedules of a suspended pool continue when the pool is resumed."""
    _turn(pool, action, active=True, as_json=as_json)


@app.command("delete")
def delete(pool: PoolArgument, action: ActionArgument, as_json: AsJson = False) -> None:
    """Delete a pool's schedule of an action; it is not recreated automatically."""
    kind = _action(action)
    check_pool(pool)

    def work(schedules: "Schedules") -> list[dict[str, Any]]:
        for schedule in _existing(schedules, pool, kind):
            schedules.remove(schedule)
        _record(pool, f"delete schedule of {kind}")
        return []

    _print(_changed(work), f"{kind} of pool {pool}: schedule deleted", as_json=as_json)


add_alias(app, "remove", "schedule delete", delete)


def _turn(pool: str, action: str, *, active: bool, as_json: bool) -> None:
    kind = _action(action)
    check_pool(pool)

    def work(schedules: "Schedules") -> list[dict[str, Any]]:
        for schedule in _existing(schedules, pool, kind):
            if not _is_suspended(pool, schedule, resumes=active):
                schedules.change(schedule, active=active)
        _record(pool, f"{'resume' if active else 'pause'} schedule of {kind}")
        return _rows(schedules, _of(schedules, pool, kind))

    _print(_changed(work), f"{kind} of pool {pool}: {_state_text(active=active)}", as_json=as_json)


def _state_text(*, active: bool) -> str:
    return "resumed, runs while the pool is active" if active else "paused"


def _is_suspended(pool: str, schedule: "Schedule", *, resumes: bool) -> bool:
    """Tell whether the pool is suspended, and then set whether the schedule resumes together with it."""
    from p2ppool.cli.terminal.database import store
    from p2ppool.prefect_client.schedule_sync import let_resume
    from p2ppool.records.pools import get_pool
    from p2ppool.store.models import PoolState
    from p2ppool.store.unit_of_work import UnitOfWork

    with UnitOfWork(store()) as work:
        found = get_pool(work.session, pool)
        if found.state is not PoolState.SUSPENDED:
            return False
        let_resume(work.session, found, schedule.id, resumes=resumes)
        work.commit()
    return True


def _action(given: str) -> str:
    from p2ppool.prefect_client.default_schedules import SCHEDULABLE

    if given not in SCHEDULABLE:
        raise UserError(f"{given[:64]!r} can't have a schedule: one of {', '.join(SCHEDULABLE)}")
    return given


def _refuse_impossible(pool: str, action: str) -> None:
    """Refuse a schedule that would be removed again at once.

    Raises:
        UserError: there is no such pool, or it can't have this schedule as it is.
    """
    from p2ppool.cli.terminal.database import store
    from p2ppool.prefect_client.default_schedules import belongs
    from p2ppool.records.pools import get_pool
    from p2ppool.store.unit_of_work import reading

    with reading(store()) as work:
        found = get_pool(work.session, pool)
    if not belongs(action, found):
        kind = "test pool" if found.is_test else "pool"
        raise UserError(f"{pool} is a {kind} that is {found.state}: it can't have a schedule of {action}")


def _with_schedules(work: Callable[["Schedules"], list[dict[str, Any]]]) -> list[dict[str, Any]]:
    from p2ppool.prefect_client.client import PrefectApi
    from p2ppool.prefect_client.schedules import Schedules
    from p2ppool.settings import settings

    with PrefectApi.open(settings()) as api:
        return work(Schedules(api))


def _changed(work: Callable[["Schedules"], list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Change schedules and keep the changes in our database, too."""
    from p2ppool.cli.terminal.database import store
    from p2ppool.prefect_client.schedule_sync import ScheduleKeeper
    from p2ppool.settings import settings

    def change(schedules: "Schedules") -> list[dict[str, Any]]:
        rows = work(schedules)
        ScheduleKeeper(store(), schedules, settings()).remember()
        return rows

    return _with_schedules(change)


def _of(schedules: "Schedules", pool: str, action: str) -> list["Schedule"]:
    return [one for one in schedules.of(pool) if one.action == action]


def _existing(schedules: "Schedules", pool: str, action: str) -> list["Schedule"]:
    found = _of(schedules, pool, action)
    if not found:
        raise UserError(f"pool {pool} has no schedule of {action}: see `p2ppool schedule list`")
    return found


def _rows(schedules: "Schedules", found: Iterable["Schedule"]) -> list[dict[str, Any]]:
    from p2ppool.prefect_client.intervals import format_interval

    known = list(found)
    coming = schedules.next_runs(known)
    return [
        {
            "pool": one.pool,
            "action": one.action,
            "asks": format_interval(one.how),
            "state": "active" if one.active else "paused",
            "next": coming.get(one.id),
            "slug": one.slug,
        }
        for one in known
    ]


def _print(rows: list[dict[str, Any]], line: str, *, as_json: bool) -> None:
    print_json(rows) if as_json else typer.echo(line)
