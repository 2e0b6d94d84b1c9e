"""The page of a pool over time in a real browser."""

import csv
from datetime import UTC, datetime, timedelta

from p2ppool.store.models import TicketState
from tests.lab.past.history import a_bare_pool, a_crawl, a_ticket
from tests.lab.past.weeks import a_past, crawls_at
from tests.lab.web.browser import EVIL

PLOT = "document.querySelector('#system-plot .js-plotly-plot')"
START = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def open_drawn(visitor, path):
    visitor.go(path)
    wait_for(visitor.page, f"() => {PLOT}?.data?.length > 1")


def wait_for(page, script, argument=None):
    page.wait_for_function(script, arg=argument, timeout=30_000)


def line(page, name):
    """The numbers of a line of the figure."""
    script = f"name => {PLOT}.data.find(trace => trace.name === name)?.y"
    return page.evaluate(script, name)


def wait_for_crawls(page, number, name="Nodes, answered"):
    """Until the note says so many crawls, and the figure has a point for each."""
    page.locator("#system-note", has_text=f"{number} crawls, ").wait_for()
    wait_for_points(page, number, name)


def wait_for_points(page, number, name="Nodes, answered"):
    script = f"([name, number]) => {PLOT}?.data?.find(trace => trace.name === name)?.y.length === number"
    wait_for(page, script, [name, number])


def saved(page, button):
    with page.expect_download() as download:
        page.locator(button).click()
    text = download.value.path().read_bytes().decode()
    return list(csv.DictReader(text.splitlines()))


def test_the_last_twenty_crawls_and_a_new_one_without_reload(engine, visitor, page):
    a_past(engine, "fresh", hosts=5, days=1)
    open_drawn(visitor, "/pools/fresh/system")
    assert page.title() == "System of fresh · P2PPool Manager"
    wait_for_crawls(page, 20)
    assert "Nodes: mean" in page.locator("#system-plot-frame").get_attribute("aria-label")
    assert page.locator("#system-crawls .ag-center-cols-container .ag-row").count() >= 10
    a_crawl(engine, "fresh", nodes=3, minutes_ago=0)
    wait_for(page, f"() => {PLOT}.data.find(trace => trace.name == 'Nodes, answered').y.at(-1) == 3")


def test_a_period_by_fields_by_address_and_by_dragging_and_back(engine, visitor, page):
    a_bare_pool(engine, "spring")
    crawls_at(engine, "spring", [START + HOUR * place for place in range(48)], answered=list(range(48)))
    open_drawn(visitor, "/pools/spring/system?from=2026-03-01T06:00&to=2026-03-01T18:00")
    wait_for_crawls(page, 12)
    assert line(page, "Nodes, answered") == list(range(6, 18))

    page.locator("#system-period-to").fill("2026-03-01T08:00")
    wait_for_crawls(page, 2)
    wait_for(page, "() => location.search == '?from=2026-03-01T06:00&to=2026-03-01T08:00'")
    page.locator("#system-period-to").fill("2026-02-01T08:00")
    page.locator(".period-error", has_text="the end must be after the start").wait_for()
    page.get_by_text("All", exact=True).click()
    wait_for_crawls(page, 48)

    spot = page.locator("#system-plot .nsewdrag").nth(3).bounding_box()
    height = spot["y"] + spot["height"] / 2
    page.mouse.move(spot["x"] + spot["width"] * 0.25, height)
    page.mouse.down()
    page.mouse.move(spot["x"] + spot["width"] * 0.5, height, steps=4)
    page.mouse.up()
    wait_for(page, "() => location.search.includes('from=2026-03-01T1')")
    wait_for(
        page, f"() => [11, 12].includes({PLOT}.data.find(trace => trace.name == 'Nodes, answered').y.length)"
    )
    shown = line(page, "Nodes, answered")
    assert shown == list(range(shown[0], shown[-1] + 1))

    assert [float(row["answered"]) for row in saved(page, "#system-csv")] == shown
    rows = saved(page, "[data-csv-grid=system-crawls]")
    assert [int(list(row.values())[1]) for row in rows] == shown[::-1]
    page.locator("#system-back").click()
    wait_for(page, "() => location.search == '?period=all'")
    wait_for_crawls(page, 48)
    page.get_by_text("Day", exact=True).click()
    page.get_by_text("No crawl of this pool started in that period.").wait_for()


def test_marks_of_actions_and_another_pool_beside(engine, visitor, page):
    a_past(engine, "lab", hosts=5, days=10, description=EVIL)
    a_past(engine, "planet", hosts=3, days=10, minutes=120)
    open_drawn(visitor, "/pools/lab/system?period=all")
    marks = f"() => {PLOT}.layout.shapes.length"
    assert page.evaluate(marks) == 4  # created, upgraded, installed, repaired
    page.locator("#system-actions summary").click()
    page.get_by_text("upgraded on all 5 hosts").wait_for()
    page.get_by_text("upgrades", exact=True).click()
    wait_for(page, f"() => {PLOT}.layout.shapes.length == 3")
    wait_for(
        page,
        "() => location.search.replaceAll('%2C', ',').includes('marks=install,suspend,resume,stop,check')",
    )

    page.locator("#system-other").click()
    page.get_by_text("planet", exact=True).last.click()
    page.locator(".line.other", has_text="planet: 120 crawls").wait_for()
    wait_for_points(page, 120, "Nodes, planet")
    wait_for(page, "() => location.search.includes('compare=planet')")
    page.reload()
    page.locator(".line.other", has_text="planet: 120 crawls").wait_for()
    assert {row["pool"] for row in saved(page, "#system-csv")} == {"lab", "planet"}


def test_hostile_values_stay_text(engine, visitor, page):
    a_bare_pool(engine, "hostile", hosts=1, description=EVIL)
    crawls_at(engine, "hostile", [START, START + HOUR])
    told = {"requester": EVIL[:64], "message": EVIL, "started_at": START, "ended_at": START + HOUR}
    a_ticket(engine, "hostile", "upgrade", TicketState.FAILED, **told)
    open_drawn(visitor, "/pools/hostile/system?period=all&compare=%3Cb%3E&from=%3Cimg%3E")
    sign = page.locator("#system-plot .subplot.xy .points path.point").first.bounding_box()
    page.mouse.move(sign["x"] + sign["width"] / 2, sign["y"] + sign["height"] / 2)
    page.wait_for_selector("#system-plot .hoverlayer text")
    assert "<img" in page.locator("#system-plot .hoverlayer").text_content()
    page.locator("#system-actions summary").click()
    assert EVIL in page.locator("#system-actions").inner_text()
    assert page.locator("main img, main b:text('bold')").count() == 0
    assert page.evaluate("window.harmed") is None


def test_a_year_of_crawls_on_a_phone(engine, phone):
    a_bare_pool(engine, "year")
    moments = [START + HOUR / 2 * place for place in range(17_520)]
    answered = [8] * len(moments)
    answered[12_345] = 1
    crawls_at(engine, "year", moments, answered=answered)
    open_drawn(phone, "/pools/year/system?period=all")
    phone.page.locator("#system-note", has_text="17,520 crawls, ").wait_for()
    wait_for_points(phone.page, 399)
    assert min(filter(None, line(phone.page, "answered, band"))) == 1  # a single dip in a year shows
    assert "The latest 2,000" in phone.page.locator("#system-crawls-hint").inner_text()
    width = phone.page.evaluate("document.querySelector('#system-plot-frame').getBoundingClientRect().right")
    assert width <= 375
