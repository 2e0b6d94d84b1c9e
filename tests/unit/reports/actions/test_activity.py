"""What goes on in all pools or in one."""

from p2ppool.reports.actions.action import HostPhase
from p2ppool.reports.actions.activity import active, consequences, ended
from p2ppool.store.models import HostResult, TicketState
from p2ppool.store.unit_of_work import UnitOfWork
from tests.lab.past.history import a_bare_pool, a_ticket, a_waiting_ticket, pool_of


def test_what_runs_then_what_waits_with_place_and_whom_it_waits_for(engine):
    for name in ("b", "a"):
        a_bare_pool(engine, name)
    runs = {name: a_ticket(engine, name, "install") for name in ("b", "a")}
    first = a_waiting_ticket(engine, "b", "check")
    alone = a_waiting_ticket(engine, "a", "crawl")
    second = a_waiting_ticket(engine, "b", "crawl")
    a_ticket(engine, "b", "create", TicketState.DONE)
    found = active(engine, None, 10)
    assert [(one.pool, one.ticket.id, one.place) for one in found] == [
        *(("a", runs["a"], 0), ("b", runs["b"], 0)),
        *(("a", alone, 1), ("b", first, 1), ("b", second, 2)),
    ]
    assert [one.behind and one.behind.id for one in found] == [None, None, runs["a"], runs["b"], first]
    assert [one.ticket.id for one in active(engine, "a", 10)] == [runs["a"], alone]
    assert active(engine, "nobody", 10) == []
    assert len(active(engine, None, 3)) == 3


def test_what_runs_reports_how_its_hosts_stand(engine):
    a_bare_pool(engine, hosts=5)
    ticket = a_ticket(engine, "demo", "install", done=4, total=5)
    errors = [None, None, "refused", "cancelled"]
    with UnitOfWork(engine) as work:
        for host, error in zip(pool_of(engine, "demo").hosts, errors, strict=False):
            row = {"error": error, "step": "start", "message": "", "seconds": 1.0}
            work.session.add(HostResult(ticket_id=ticket, host_id=host.id, **row))
        work.commit()
    (found,) = active(engine, None, 10)
    assert found.hosts == {HostPhase.DONE: 2, HostPhase.FAILED: 1, HostPhase.CUT_OFF: 1}


def test_the_past_is_paged_through_to_its_end_and_back(engine):
    a_bare_pool(engine)
    a_bare_pool(engine, "other")
    made = [a_ticket(engine, "demo", state=TicketState.DONE) for _ in range(7)]
    a_ticket(engine, "other", state=TicketState.DONE)
    a_ticket(engine, "demo")  # goes on

    def numbers(page):
        return [one.ticket.id for one in page.tickets]

    pages = [ended(engine, "demo", 3)]
    while pages[-1].older:
        pages.append(ended(engine, "demo", 3, pages[-1].older))
    assert [number for page in pages for number in numbers(page)] == made[::-1]
    assert [page.newer is None for page in pages] == [True, False, False]
    back = ended(engine, "demo", 3, pages[2].newer)
    assert numbers(back) == numbers(pages[1])
    assert numbers(ended(engine, "demo", 3, back.newer)) == numbers(pages[0])
    assert len(ended(engine, None, 10).tickets) == 8
    assert ended(engine, "demo", 3, before=1).tickets == ()


def test_what_a_ticket_did_to_others(engine):
    a_bare_pool(engine)
    a_bare_pool(engine, "other")
    stop = a_ticket(engine, "demo", "stop")
    preempted = a_ticket(engine, "demo", "crawl", TicketState.CANCELLED, preempted_by=stop)
    merged = a_ticket(engine, "demo", "stop", TicketState.MERGED, merged_into=stop)
    retry = a_waiting_ticket(engine, "demo", "stop", retry_of=stop)
    assert [(one.how, one.ticket.id) for one in consequences(engine, stop)] == [
        *(("preempted", preempted), ("took in", merged), ("retried by", retry)),
    ]
    assert consequences(engine, 99) == []
