"""The map in a real browser: outlines from here alone, filters, bubbles, and what has no place."""

import pytest

from p2ppool.pools.definition.host_places import set_place
from p2ppool.records.pools import get_pool
from p2ppool.store.unit_of_work import UnitOfWork
from tests.lab.past.crawled import ring_samples
from tests.lab.past.history import a_bare_pool, keep_crawl
from tests.lab.web.browser import EVIL, serving

FRANKFURT, SYDNEY = "50.11, 8.68", "-33.87, 151.21"
MAP = "document.querySelector('#world-map .js-plotly-plot')"


@pytest.fixture(scope="module")
def base(engine, data_folder):
    """Pool "wide": 30 nodes in Frankfurt, 4 in Sydney, 2 silent; pool "hall": one node placed by hand."""
    a_bare_pool(engine, "wide", hosts=0, description=f"On two continents {EVIL}")
    samples = ring_samples(40, dead=2)
    answered = [sample for sample in samples if sample["state"] == "answered"]
    for place, sample in enumerate(answered):
        sample["geo_loc"] = FRANKFURT if place < 30 else SYDNEY if place < 34 else None
        sample["ip_namespace"] = "south" if 30 <= place < 34 else EVIL[:64] if place == 0 else None
    keep_crawl(engine, "wide", samples)
    a_bare_pool(engine, "hall", hosts=2)
    keep_crawl(engine, "hall", ring_samples(3))
    with UnitOfWork(engine) as work:
        pool = get_pool(work.session, "hall")
        set_place(work.session, pool, "node01", FRANKFURT, label=EVIL, who="test")
        work.commit()
    with serving(data_folder) as address:
        yield address


def go(visitor, path):
    visitor.go(path)
    visitor.page.wait_for_selector("#world-map .scattergeo .point")
    visitor.page.wait_for_selector("#world-places .ag-row")


def bubbles(page):
    """What the bubbles say, the largest first."""
    return page.evaluate(f"""() => [...{MAP}.data.find(trace => trace.name === "bubbles").text]
        .map(text => text.replace(/<[^>]*>/g, " ").trim())""")


def wait_for(page, condition, argument=None):
    page.wait_for_function(f"argument => {condition}", arg=argument, timeout=30_000)


def scale(page):
    return page.evaluate(f"{MAP}._fullLayout.geo.projection.scale")


def bubble(page, text):
    """Where on the screen the bubble with that text is; a map that is just drawn anew has it in a moment."""
    found = page.wait_for_function(
        """text => {
            const all = [...document.querySelectorAll("#world-map .scattergeo text")];
            const box = all.find(one => one.textContent.startsWith(text))?.getBoundingClientRect();
            return box && box.width ? [box.x + box.width / 2, box.y + 6] : null;
        }""",
        arg=text,
        timeout=30_000,
    )
    return found.json_value()


def pull_the_map(page):
    """By a bubble, which must not take that for a click."""
    before = page.evaluate(f"{MAP}._fullLayout.geo.projection.rotation.lon")
    x, y = bubble(page, "30")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 160, y, steps=4)
    page.mouse.up()
    wait_for(page, f"Math.abs({MAP}._fullLayout.geo.projection.rotation.lon - argument) > 10", before)
    assert scale(page) == 1
    assert page.locator("#world-here").is_hidden()


def test_land_is_drawn_from_here_alone_and_what_has_no_place_is_counted_and_named(visitor, page):
    """The visitor complains of whatever is asked for elsewhere."""
    go(visitor, "/map?pool=wide")
    assert (
        page.evaluate("document.querySelector('#world-map .layer.land path').getAttribute('d').length")
        > 10_000
    )
    assert len(bubbles(page)) == 2
    assert "34 nodes in 2 places" in page.locator("#world-frame").get_attribute("aria-label")

    panel = page.locator(".world-panel")
    assert "34 of 40 nodes on the map" in panel.inner_text()
    assert "6 nodes not placed" in panel.inner_text()
    assert "4 loopback address" in " ".join(panel.inner_text().split())
    assert "2 no IP address known" in " ".join(panel.inner_text().split())
    panel.locator("summary", has_text="loopback").click()
    assert panel.locator("details[open] li").count() == 4
    assert "38 of 40 nodes · consistency" in panel.inner_text()


def test_filters_leave_what_was_chosen(visitor, page):
    go(visitor, "/map")
    wait_for(page, f"{MAP}.data.find(trace => trace.name === 'bubbles').text[0].includes('31')")
    page.click("#world-pools")
    page.get_by_role("option", name="wide").or_(
        page.locator(".dash-options-list-option", has_text="wide")
    ).first.click()
    page.keyboard.press("Escape")
    wait_for(page, f"{MAP}.data.find(trace => trace.name === 'bubbles').text[0].includes('30')")
    page.click("#world-namespaces")
    page.locator(".dash-options-list-option", has_text="south").click()
    page.keyboard.press("Escape")
    wait_for(page, f"{MAP}.data.find(trace => trace.name === 'bubbles').text.length === 1")
    assert bubbles(page)[0].startswith("4")
    for health in ("consistent", "inconsistent"):
        page.locator("#world-health label").filter(has=page.locator(f".sign.{health}")).click()
    wait_for(page, f"{MAP}.data.every(trace => !trace.lat.length)")


def test_who_pulls_the_map_moves_it_who_clicks_a_bubble_sees_its_nodes_and_news_leave_the_zoom(visitor, page):
    go(visitor, "/map?pool=wide")
    pull_the_map(page)
    page.mouse.click(*bubble(page, "30"))
    wait_for(page, f"{MAP}.data.find(trace => trace.name === 'bubbles').text.length === 0")
    drawn = page.evaluate(f"{MAP}.data.reduce((sum, trace) => sum + trace.lat.length, 0)")
    assert (drawn, scale(page) > 20) == (30, True)
    here = page.locator("#world-here")
    assert here.locator("h2").inner_text() == "30 nodes at 50.11° N, 8.68° E"
    assert here.locator("li").count() == 30
    heartbeat = page.locator(".live").get_attribute("data-heartbeat")
    wait_for(page, "document.querySelector('.live').dataset.heartbeat > (argument || 0)", heartbeat)
    page.locator(".switch").click()
    wait_for(page, f"{MAP}._fullLayout.geo.landcolor === '#1d2735'")
    assert scale(page) > 20
    page.click("#world-whole")
    wait_for(page, f"{MAP}._fullLayout.geo.projection.scale === 1")
    page.locator("#world-closer").press("Enter")
    wait_for(page, f"{MAP}._fullLayout.geo.projection.scale === 2")


def test_what_nodes_and_managers_write_stays_text(visitor, page):
    go(visitor, "/map")
    page.locator("#world-places .ag-row", has_text="bold").first.click()
    page.wait_for_selector("#world-here li")
    wait_for(page, f"{MAP}._fullLayout.geo.projection.scale > 20")
    page.locator("#world-map .scattergeo path.point").first.hover(force=True)
    page.wait_for_selector("#world-map .hoverlayer .hovertext")
    page.click("#world-namespaces")
    page.wait_for_selector(".dash-options-list-option")
    assert "<b>bold</b>" in page.locator(".world-panel").inner_text()
    assert page.evaluate("window.harmed") is None
    assert page.locator("img[src*='evil']").count() == 0


def test_a_phone_has_the_map_in_its_width(phone):
    go(phone, "/map?pool=wide")
    page = phone.page
    box = page.locator("#world-map").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 375
    for part in (".world-filters", ".world", ".world-panel", "#world-places"):
        assert page.locator(part).evaluate("part => part.scrollWidth <= part.clientWidth")
