"""What goes on, in a real browser: it comes without reload, only what changed is drawn, text stays text."""

from sqlalchemy import select

from p2ppool.fleet.fan_out.in_progress import Working
from p2ppool.pools.recording.in_progress import keep_in_progress
from p2ppool.store.models import Host, HostResult, Pool, TicketState
from p2ppool.store.types import now
from p2ppool.store.unit_of_work import UnitOfWork
from tests.lab.past.history import RUN, a_bare_pool, a_busy_day, a_ticket, a_waiting_ticket, change_ticket
from tests.lab.web.browser import EVIL
from tests.lab.web.people import MANAGER

ROWS = "#action-hosts .ag-center-cols-container .ag-row"
DRAW_UNPRESSED = """(button) => {
  const drawn = button.cloneNode(true);
  drawn.setAttribute("aria-pressed", "false");
  document.body.append(drawn);
}"""


def hosts_of(session, pool):
    return list(session.scalars(select(Host).join(Pool).where(Pool.name == pool).order_by(Host.id)))


def a_result(engine, ticket, pool, number, *ended, step="start"):
    """`ended` is empty, or a kind of error and a message."""
    error, message = ended or (None, "")
    with UnitOfWork(engine) as work:
        host = hosts_of(work.session, pool)[number].id
        row = HostResult(ticket_id=ticket, host_id=host, error=error, step=step, message=message, seconds=1.5)
        work.session.merge(row)
        work.commit()


def work_on(engine, ticket, pool, *numbers, step="upload"):
    with UnitOfWork(engine) as work:
        hosts = hosts_of(work.session, pool)
        keep_in_progress(work.session, ticket, {hosts[at].id: Working(step, now()) for at in numbers})
        work.commit()


def cell(page, host, column):
    row = page.locator(ROWS, has=page.get_by_text(host, exact=True))
    return row.locator(f'[col-id="{column}"]')


def test_rows_errors_and_signs_come_without_reload(engine, visitor, page):
    a_bare_pool(engine, "living", hosts=6)
    ticket = a_ticket(engine, "living", "install", total=6)
    work_on(engine, ticket, "living", 0)
    visitor.go(f"/activity/{ticket}")
    cell(page, "node01", "result").get_by_text("working").wait_for()
    assert cell(page, "node01", "step").inner_text() == "upload"
    page.evaluate("window.stayed = true")
    cell(page, "node02", "result").click()

    a_result(engine, ticket, "living", 0)
    a_result(engine, ticket, "living", 1, "refused", "connection refused", step="connect")
    a_result(engine, ticket, "living", 2, "refused", "connection refused", step="connect")
    a_result(engine, ticket, "living", 3, "disk_full", "no space left")
    work_on(engine, ticket, "living", 4)
    change_ticket(engine, ticket, done=4)
    cell(page, "node01", "result").get_by_text("done").wait_for()
    page.get_by_text("4 of 6 · 3 failed · 1 working").wait_for()
    signs = page.locator("#action-signs i").evaluate_all("all => all.map(sign => sign.className)")
    assert signs == [f"mark {how}" for how in ("done", *["failed"] * 3, "working", "not-started")]
    assert page.locator("#action-errors b").all_inner_texts() == ["2", "1"]
    assert "start sshd there" in page.locator("#action-errors").inner_text()
    assert page.evaluate("document.activeElement.closest('[row-id]')?.getAttribute('row-id')")

    a_host = {"name": "late.example", "address": "198.51.100.9", "port": 22}
    with UnitOfWork(engine) as work:
        pool = work.session.scalars(select(Pool).where(Pool.name == "living")).one()
        work.session.add(Host(pool_id=pool.id, **a_host))
        work.session.delete(hosts_of(work.session, "living")[5])
        work.commit()
    cell(page, "late.example", "result").get_by_text("not started").wait_for()
    assert page.locator(ROWS).count() == page.locator("#action-signs i").count() == 6
    change_ticket(engine, ticket, state=TicketState.PARTIAL, message="installed on 1 of 6 hosts", done=6)
    page.get_by_text("installed on 1 of 6 hosts").wait_for()
    page.get_by_role("button", name="Retry failed").wait_for()
    assert page.evaluate("window.stayed")


def test_the_table_is_narrowed_by_counts_errors_and_search(engine, visitor, page):
    a_bare_pool(engine, "narrowed", hosts=5)
    ticket = a_ticket(engine, "narrowed", "install", total=5)
    a_result(engine, ticket, "narrowed", 3, "refused", "nobody listens")
    a_result(engine, ticket, "narrowed", 4, "timeout", "no answer")
    visitor.go(f"/activity/{ticket}")
    page.wait_for_selector(ROWS)
    assert page.locator(f"{ROWS}[row-index='0']").inner_text().startswith("node04")  # what failed comes first

    def shown(count):
        page.wait_for_function(
            "([rows, count]) => document.querySelectorAll(rows).length == count", arg=[ROWS, count]
        )
        return page.locator(f'{ROWS} [col-id="host"]').all_inner_texts()

    failed = page.get_by_role("button", name="2 failed")
    failed.focus()
    page.keyboard.press("Enter")
    assert set(shown(2)) == {"node04", "node05"}
    assert failed.get_attribute("aria-pressed") == "true"
    page.get_by_role("button", name="1 timeout").click()
    assert shown(1) == ["node05"]
    assert failed.get_attribute("aria-pressed") == "false"
    a_result(engine, ticket, "narrowed", 0, "timeout", "no answer")
    assert set(shown(2)) == {"node01", "node05"}
    picked = page.get_by_role("button", name="2 timeout")
    assert picked.get_attribute("aria-pressed") == "true"
    # React may draw a button anew, unpressed, at any time.
    page.evaluate(DRAW_UNPRESSED, picked.element_handle())
    page.locator("body > button[aria-pressed=true]").wait_for()
    page.locator("body > button").evaluate("button => button.remove()")
    picked.click()
    shown(5)
    page.get_by_placeholder("Search hosts and messages").fill("nobody")
    assert shown(1) == ["node04"]
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    name, text = download.value.suggested_filename, download.value.path().read_text()
    assert name == f"narrowed-install-{ticket}-hosts.csv"
    assert text.splitlines()[1].startswith("node04,refused,start,nobody listens,1.5,")


def test_the_queue_in_its_order_and_a_cancel(engine, visitor, page):
    a_bare_pool(engine, "queued")
    install = a_ticket(engine, "queued", "install", done=1, total=8, requester="cli ada")
    crawl = a_waiting_ticket(engine, "queued", "crawl")
    check = a_waiting_ticket(engine, "queued", "check")
    visitor.go("/activity?pool=queued")
    waiting = page.locator(".waiting > li")
    waiting.nth(1).wait_for()
    assert f"behind install (ticket {install})" in waiting.nth(0).inner_text()
    assert f"behind crawl (ticket {crawl})" in waiting.nth(1).inner_text()
    assert [place.split("\n")[0] for place in waiting.all_inner_texts()] == ["1", "2"]
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.get_by_role("button", name=f"Cancel: crawl (ticket {crawl})").click()
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name=f"Cancel: check (ticket {check})").click()
    page.locator(".told").get_by_text(f"cancelled by page {MANAGER}, before it started").wait_for()
    page.locator(".history").get_by_text(f"cancelled by page {MANAGER}, before it started").wait_for()
    assert waiting.count() == 1
    change_ticket(engine, install, done=7)
    page.get_by_text("7 of 8").wait_for()
    page.locator(".running").get_by_role("link", name="install").click()
    page.wait_for_selector("h1:has-text('install')")
    assert page.url.endswith(f"/activity/{install}")


def test_the_past_is_paged_through_by_links(engine, visitor, page):
    a_bare_pool(engine, "old")
    for _ in range(51):
        a_ticket(engine, "old", state=TicketState.DONE)
    visitor.go("/activity?pool=old")
    page.get_by_role("link", name="Older").click()
    page.wait_for_function("() => document.querySelectorAll('.history .badge').length == 1")
    page.go_back()
    page.wait_for_function("() => document.querySelectorAll('.history .badge').length == 50")


def test_hostile_values_stay_text(engine, visitor, page):
    a_bare_pool(engine, "hostile", hosts=1, extra_hosts=[Host(name=EVIL, address="192.0.2.9", port=22)])
    evil = {"requester": EVIL[:64], "parameters": {EVIL: EVIL}, "flow_run": "javascript:window.harmed=1"}
    ticket = a_ticket(engine, "hostile", EVIL[:32], cancel=EVIL, message=EVIL, **evil)
    a_waiting_ticket(engine, "hostile", EVIL[:32], **evil)
    a_ticket(engine, "hostile", EVIL[:32], TicketState.FAILED, message=EVIL, **evil)
    a_result(engine, ticket, "hostile", 0, EVIL[:32], EVIL, step=EVIL[:32])
    work_on(engine, ticket, "hostile", 1, step=EVIL[:32])
    visitor.go("/activity")
    page.locator(".history").get_by_text(EVIL, exact=True).wait_for()
    visitor.go(f"/activity/{ticket}")
    cell(page, "node01", "message").get_by_text(EVIL).wait_for()
    assert EVIL in page.locator("#action-about").inner_text()
    assert page.locator("main img, main script, main b:text('bold'), a[href^=javascript]").count() == 0
    assert page.evaluate("window.harmed") is None


def test_a_phones_width_is_enough(engine, phone):
    a_bare_pool(engine, "pocket", hosts=40)
    running = a_busy_day(engine, "pocket")
    a_waiting_ticket(engine, "pocket", requester="W" * 64, parameters={"x" * 200: "y" * 200}, flow_run=RUN)
    a_result(engine, running, "pocket", 0, "refused", "z" * 300)
    for path, part in (("/activity", ".history"), (f"/activity/{running}", ROWS)):
        phone.go(path)
        phone.page.wait_for_selector(part)
        assert phone.page.evaluate("document.scrollingElement.scrollWidth") <= 375
