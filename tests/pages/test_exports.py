"""Taking data away in a real browser: the page of exports, and "CSV" beside a table."""

import csv
import io
from pathlib import Path

import pytest

from tests.lab.past.crawled import ring_samples
from tests.lab.past.history import a_bare_pool, a_crawl, a_pool, keep_crawl
from tests.lab.web.browser import serving

ODD = ['=1+1,"a"', "2026-03-01T12:00:00+02:00", "-2", "two\nlines"]


@pytest.fixture(scope="module")
def base(engine, data_folder):
    a_pool(engine, "lab", nodes=12, dead=2)
    a_crawl(engine, "lab", nodes=12, minutes_ago=60 * 24 * 40)
    a_bare_pool(engine, "odd", hosts=4)
    samples = ring_samples(4)
    keep_crawl(engine, "odd", [sample | {"type": odd} for sample, odd in zip(samples, ODD, strict=True)])
    with serving(data_folder) as address:
        yield address


def saved(page, button):
    """Name and rows of what a click on it downloads."""
    with page.expect_download() as download:
        page.locator(button).click()
    text = Path(download.value.path()).read_bytes().decode()
    return download.value.suggested_filename, list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def test_what_is_chosen_is_counted_told_and_downloaded(visitor, page, base):
    visitor.go("/export?pool=lab")
    rows = page.locator(".outcome .rows")
    page.get_by_text("24 rows").wait_for()
    page.get_by_text("Week", exact=True).click()
    page.get_by_text("12 rows").wait_for()
    page.get_by_role("button", name="none").click()
    page.get_by_text("Choose at least one column.").wait_for()
    page.locator(".columns input[value=error]").check()
    page.locator(".columns input[value=node]").check()
    page.get_by_text("2 columns").wait_for()
    assert rows.inner_text() == "12 rows"
    name, found = saved(page, ".download")
    assert name.startswith("lab-node-stats-from-")
    assert [list(row) for row in found] == [["node", "error"]] * 12
    assert "no answer within 3 s" in {row["error"] for row in found}
    address = page.locator("#export-address").inner_text()
    assert page.request.get(address).text().count("\r\n") == 13
    assert "p2ppool export node-stats" in page.locator("#export-command-line").inner_text()
    page.locator(".kinds input[value=actions]").click()
    page.get_by_text("17 columns").wait_for()
    assert page.locator(".columns input[value=requester]").is_checked()


def test_a_tables_csv_is_what_it_shows(visitor, page):
    visitor.go("/pools/odd")
    page.wait_for_selector("#pool-nodes .ag-row")
    page.evaluate("""() => {
        const button = document.createElement("button");
        button.dataset.csvGrid = "pool-nodes";
        button.dataset.csvFile = "odd.csv";
        button.textContent = "CSV of the table";
        document.querySelector("main").prepend(button);
        const grid = window.dash_ag_grid.getApi("pool-nodes");
        grid.setFilterModel({type: {filterType: "text", type: "notContains", filter: "lines"}});
        grid.applyColumnState({state: [{colId: "address", sort: "desc"}, {colId: "ip", hide: true}]});
    }""")
    name, rows = saved(page, "text=CSV of the table")
    assert name == "odd.csv"
    assert "Address" in rows[0]
    assert "IP" not in rows[0]
    addresses = [row["Address"] for row in rows]
    assert addresses == sorted(addresses, reverse=True)
    assert {row["Type"] for row in rows} == {
        '\'=1+1,"a"',
        "2026-03-01T10:00:00.000Z",
        "'-2",
    }


def test_a_phones_width_is_enough(phone):
    phone.go("/export")
    phone.page.wait_for_selector(".download")
    assert phone.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
