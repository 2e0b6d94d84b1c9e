"""The page of all nodes and that of one node, in a real browser."""

import csv
from datetime import timedelta

from sqlalchemy import select

from p2ppool.node.address import PREFIX
from p2ppool.reports.crawls.crawls import crawl
from p2ppool.store.models import Host, Pool, UserView
from p2ppool.store.types import now
from p2ppool.store.unit_of_work import UnitOfWork, reading
from tests.lab.past.crawled import ring_samples
from tests.lab.past.history import a_bare_pool, a_crawl, a_pool, keep_crawl
from tests.lab.past.large import a_large_pool
from tests.lab.web.browser import EVIL

ROWS = "#nodes-grid .ag-center-cols-container .ag-row"


def look(visitor, path):
    """Open a page of nodes and wait for its rows."""
    visitor.go(path)
    visitor.page.wait_for_selector(ROWS)


def cells(page, column):
    """What a column of the table shows, from the top."""
    found = page.locator(f'{ROWS} [col-id="{column}"]').evaluate_all(
        "cells => cells.map(cell => [+cell.closest('.ag-row').getAttribute('row-index'), cell.innerText])"
    )
    return [text for _, text in sorted(found)]


def heads(page):
    """The columns that show, from the left."""
    return page.evaluate(
        "dash_ag_grid.getApi('nodes-grid').getAllDisplayedColumns().map(column => column.getColId())"
    )


def counted(page, text):
    page.locator("#nodes-count").get_by_text(text, exact=True).wait_for()


def choose_columns(page, *labels):
    page.locator("details.node-view summary").click()
    for label in labels:
        page.locator("#nodes-chooser").get_by_text(label, exact=True).click()


def test_sort_filter_and_search(engine, visitor, page):
    a_pool(engine, "sorted", nodes=30, dead=4)
    look(visitor, "/pools/sorted/nodes")
    counted(page, "30 nodes")
    page.locator('.ag-header-cell[col-id="consistency"] .ag-header-cell-text').click()
    page.wait_for_selector('.ag-header-cell[col-id="consistency"][aria-sort=ascending]')
    assert cells(page, "consistency") == sorted(cells(page, "consistency"))
    page.locator("#nodes-states").get_by_text("2 silent").click()
    counted(page, "2 of 30 nodes")
    assert cells(page, "health") == ["silent", "silent"]
    page.locator("#nodes-states").get_by_text("all").click()
    counted(page, "30 nodes")
    page.get_by_placeholder("Search").fill("node07")
    counted(page, "1 of 30 nodes")
    assert cells(page, "host") == ["node07"]


def wait_until_kept(page, engine, pool, columns):
    """Until they are the only user's own: a page that is left before keeps none."""
    query = select(UserView.columns).join(Pool, Pool.id == UserView.pool_id).where(Pool.name == pool)
    for _ in range(200):
        with reading(engine) as work:
            if work.session.scalar(query) == columns:
                return
        page.wait_for_timeout(100)  # its requests are answered meanwhile
    raise AssertionError(f"{columns} were not kept")


def test_chosen_columns_and_their_order_are_found_again(engine, visitor, page):
    a_pool(engine, "mine", nodes=4)
    look(visitor, "/pools/mine/nodes")
    assert "ip" not in heads(page)
    choose_columns(page, "IP", "Left", "Right")
    page.get_by_text("Saved as your view.").wait_for()
    page.keyboard.press("Escape")
    page.locator('.ag-header-cell[col-id="address"]').focus()
    page.keyboard.press("Shift+ArrowLeft")
    page.wait_for_function("() => dash_ag_grid.getApi('nodes-grid').getColumnState()[0].colId == 'address'")
    chosen = heads(page)
    wait_until_kept(page, engine, "mine", chosen)
    assert chosen[:2] == ["address", "host"]
    assert "ip" in chosen
    assert "left" not in chosen
    look(visitor, "/pools/mine/nodes")
    page.wait_for_function("() => dash_ag_grid.getApi('nodes-grid').getColumnState()[0].colId == 'address'")
    assert heads(page) == chosen
    page.locator("details.node-view summary").click()
    page.get_by_role("button", name="Back to the pool's default").click()
    page.get_by_text("This is the pool's default.").wait_for()
    page.wait_for_function("() => dash_ag_grid.getApi('nodes-grid').getColumnState()[0].colId == 'host'")
    look(visitor, "/pools/mine/nodes")
    assert "ip" not in heads(page)


def test_the_pools_default_is_what_others_see(engine, visitor, page, another):
    a_pool(engine, "ours", nodes=4)
    look(visitor, "/pools/ours/nodes")
    choose_columns(page, "Consistency", "TCP")
    page.get_by_role("button", name="Make this the pool's default").click()
    page.get_by_text("From now on, everybody without a view of their own sees this one.").wait_for()
    look(another, "/pools/ours/nodes")
    assert "tcp" in heads(another.page)
    assert "consistency" not in heads(another.page)


def test_an_older_crawl_by_its_day_and_the_latest_that_goes_on(engine, visitor, page):
    a_pool(engine, "dated", nodes=9, minutes_ago=3 * 24 * 60)
    old = crawl(engine, "dated").crawl
    a_crawl(engine, "dated", nodes=12, minutes_ago=5)
    look(visitor, "/pools/dated/nodes")
    counted(page, "12 nodes")
    page.locator("#nodes-day").fill(f"{old.started_at:%Y-%m-%d}")
    page.keyboard.press("Enter")
    counted(page, "9 nodes")
    page.wait_for_url(f"**/pools/dated/nodes?crawl={old.id}")
    a_crawl(engine, "dated", nodes=15, minutes_ago=1)
    page.reload()
    counted(page, "9 nodes")
    page.get_by_role("button", name="Next crawl").click()
    counted(page, "12 nodes")
    page.get_by_role("button", name="Latest").click()
    counted(page, "15 nodes")
    page.wait_for_url("**/pools/dated/nodes")
    a_crawl(engine, "dated", nodes=18, minutes_ago=0)
    counted(page, "18 nodes")
    visitor.go(f"/pools/dated/nodes?at={old.started_at + timedelta(hours=1):%Y-%m-%dT%H:%MZ}")
    counted(page, "9 nodes")


def test_a_row_opens_the_history_of_its_node(engine, visitor, page):
    a_pool(engine, "past", nodes=9, dead=2, minutes_ago=50)
    a_crawl(engine, "past", nodes=9, minutes_ago=4)
    look(visitor, "/pools/past/nodes")
    page.get_by_placeholder("Search").fill("node05")
    counted(page, "1 of 9 nodes")
    address = page.evaluate("dash_ag_grid.getApi('nodes-grid').getDisplayedRowAtIndex(0).data.address")
    page.locator(f'{ROWS} [col-id="consistency"]').click()
    page.wait_for_url(f"**/pools/past/nodes/{address.removeprefix(PREFIX)}")
    page.wait_for_selector("#node-figure .scatterlayer .trace", state="attached")
    page.get_by_text("2 crawls saw it.").wait_for()
    assert page.locator("#node-samples .ag-center-cols-container .ag-row").count() == 2
    assert "node05" in page.locator(".stays").inner_text()
    neighbour = page.locator(".node-neighbours a").first
    there = neighbour.get_attribute("href")
    neighbour.click()
    page.wait_for_url(f"**{there}")
    page.get_by_role("link", name="All nodes").click()
    counted(page, "1 of 9 nodes")  # the search stays as long as the window
    page.locator(f'{ROWS} [col-id="left"]').click(position={"x": 130 - 5, "y": 10})
    page.wait_for_selector("#node-figure .scatterlayer .trace", state="attached")


def test_enter_opens_the_node(engine, visitor, page):
    a_pool(engine, "keyed", nodes=4)
    look(visitor, "/pools/keyed/nodes")
    page.locator('.ag-header-cell[col-id="host"]').focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_selector("#node-figure .scatterlayer .trace", state="attached")


def test_the_csv_has_what_shows(engine, visitor, page):
    a_pool(engine, "saved", nodes=30, dead=4)
    look(visitor, "/pools/saved/nodes")
    page.locator("#nodes-states").get_by_text("2 ghost").click()
    counted(page, "2 of 30 nodes")
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    with open(download.value.path(), newline="") as file:  # noqa: PTH123 - a path from playwright
        rows = list(csv.DictReader(file))
    assert download.value.suggested_filename == "saved-nodes.csv"
    assert [row["State"] for row in rows] == ["ghost", "ghost"]
    assert all(row["Address"].startswith(PREFIX) for row in rows)


def test_ten_thousand_rows_show_and_are_searched(engine, visitor, page):
    a_large_pool(engine, "planet", nodes=10_000)
    look(visitor, "/pools/planet/nodes")
    counted(page, "10,000 nodes")
    page.evaluate("dash_ag_grid.getApi('nodes-grid').ensureIndexVisible(9999)")
    page.wait_for_selector(f'{ROWS}[row-index="9999"]')
    last = page.evaluate("dash_ag_grid.getApi('nodes-grid').getDisplayedRowAtIndex(9999).data.address")
    page.get_by_placeholder("Search").fill(last.removeprefix(PREFIX))
    page.locator("#nodes-count").get_by_text("of 10,000 nodes").wait_for()
    assert last.removeprefix(PREFIX) in cells(page, "address")


def test_hostile_values_stay_text(engine, visitor, page):
    a_bare_pool(engine, "hostile", hosts=4)
    with UnitOfWork(engine) as work:
        for host in work.session.scalars(select(Host).where(Host.name.startswith("node0"))):
            if host.pool.name == "hostile":
                host.name, host.digest, host.facts = EVIL, "d", {"package": EVIL}
        work.commit()
    told = {"type": EVIL[:64], "ip_namespace": EVIL[:64], "geo_loc": EVIL[:64], "virtual_ip": EVIL[:45]}
    samples = [sample | told | {"error": EVIL} for sample in ring_samples(4)]
    keep_crawl(engine, "hostile", samples)
    look(visitor, "/pools/hostile/nodes")
    choose_columns(page, "Error", "Address", "Agrees", "Left", "Right", "Links", "SAs", "Retries", "ms")
    page.keyboard.press("Escape")
    page.wait_for_selector(f'{ROWS} [col-id="error"]')
    assert EVIL in cells(page, "host")
    for column in ("version", "error"):
        assert cells(page, column)[1] == EVIL
    page.locator(ROWS).first.click()
    page.wait_for_selector("#node-samples .ag-row")
    assert page.locator("main img, main b").count() == 0
    assert page.evaluate("window.harmed") is None


def test_what_is_not_there_says_so(engine, visitor, page):
    a_bare_pool(engine, "fresh")
    visitor.go("/pools/fresh/nodes")
    page.get_by_text("p2ppool pool crawl fresh").wait_for()
    lost = keep_crawl(engine, "fresh", [], answered=3, expected=3, downsampled=True, started_at=now())
    page.get_by_text("Only the totals of this crawl are kept").wait_for()
    assert crawl(engine, "fresh").crawl.id == lost
    assert visitor.go("/pools/fresh/nodes/NOBODY").status == 404
    page.get_by_text("There is no such node.").wait_for()
    assert len(visitor.complaints) == 1
    visitor.complaints.clear()  # the browser says that there is none
