"""The ring over time in a real browser: it heals, nodes tell who disagrees, some come, go and move."""

import pytest
from sqlalchemy import delete, select

from p2ppool.node.address import PREFIX, write
from p2ppool.reports.nodes.agreement import Finding, agreement_of
from p2ppool.reports.nodes.churn import churn, nodes_by_address
from p2ppool.reports.nodes.nodes import snapshot_nodes
from p2ppool.store.models import Host, NodeSample, Pool
from p2ppool.store.unit_of_work import UnitOfWork
from tests.lab.past.convergence import converging_ring, moved, reinstalled, whole_ring
from tests.lab.past.crawled import host_ip
from tests.lab.past.history import a_bare_pool, keep_crawl
from tests.lab.web.browser import EVIL

GRAPH = "document.querySelector('#ring-own-graph .js-plotly-plot')"
NODES = 12


@pytest.fixture(scope="module")
def crawls(engine):
    """Of the pool "mending": whole, torn, healed, and healed with one node moved and one reinstalled."""
    a_bare_pool(engine, "mending", hosts=NODES + 4)
    whole, torn, healed = converging_ring(NODES)
    after = reinstalled(moved(healed, 2, NODES + 3), 5, write(2**155))
    return [
        keep_crawl(engine, "mending", samples, minutes_ago=40 - 10 * place)
        for place, samples in enumerate((whole, torn, healed, after))
    ]


def shown(visitor, path, nodes=None):
    """Open the page and wait until it is drawn and its tables are filled."""
    visitor.go(path)
    wait_for(visitor.page, f"() => ({GRAPH}?.data || []).some(trace => trace.customdata)")
    visitor.page.wait_for_selector("#ring-nodes .ag-center-cols-container .ag-row")
    if nodes is not None:
        wait_for_nodes(visitor.page, nodes)


def wait_for(page, script, argument=None):
    page.wait_for_function(script, arg=argument, timeout=30_000)


def wait_for_nodes(page, count):
    """Until the ring shows so many."""
    wait_for(
        page,
        f"""count => {GRAPH}.data
            .filter(trace => trace.customdata && !['local', 'focus'].includes(trace.name))
            .reduce((sum, trace) => sum + trace.customdata.length, 0) == count""",
        count,
    )


def places(page):
    """Where each node is drawn."""
    return page.evaluate(f"""() => Object.fromEntries({GRAPH}.data
        .filter(trace => trace.customdata && trace.name != 'local')
        .flatMap(trace => trace.customdata.map((address, at) => [address, [trace.x[at], trace.y[at]]])))""")


def red_links(page, of="own"):
    return page.locator(f"#ring-{of}-graph .shapelayer path[style*='stroke-dasharray: 5px']").count()


def changes(page):
    page.wait_for_selector("#ring-changes .ag-center-cols-container .ag-row")
    rows = page.locator("#ring-changes .ag-center-cols-container .ag-row").evaluate_all(
        "rows => rows.map(row => row.getAttribute('row-id').split(' '))"
    )
    return {what: sorted(address for kind, address in rows if kind == what) for what, _ in rows}


def test_a_ring_heals_while_the_slider_moves(engine, crawls, visitor, page):
    shown(visitor, f"/pools/mending/ring?crawl={crawls[0]}", NODES)
    assert page.locator(".where").inner_text() == "crawl 1 of 4"
    assert red_links(page) == 0
    page.evaluate("window.stayed = true")
    before = places(page)
    slider = page.get_by_role("slider", name="Crawl")
    slider.focus()
    page.keyboard.press("ArrowRight")
    wait_for(page, f"() => {GRAPH}.layout.shapes.some(shape => shape.name == 'broken')")
    assert red_links(page) > 0
    torn = page.locator("#ring-own-frame").get_attribute("aria-label")
    assert "inconsistent" in torn
    assert "0 links not returned" not in torn
    assert places(page) == before  # position is address: nobody jumps
    page.keyboard.press("ArrowRight")
    wait_for_nodes(page, NODES - 3)
    assert red_links(page) == 0
    assert places(page).items() <= before.items()
    assert "0 links not returned" in page.locator("#ring-own-frame").get_attribute("aria-label")
    wait_for(page, f"() => location.search.includes('crawl={crawls[2]}')")
    assert page.evaluate("window.stayed")
    assert "1.00 · 9 nodes" in slider.get_attribute("aria-valuetext")


def test_it_plays_to_the_end_and_stops(engine, crawls, visitor, page):
    shown(visitor, f"/pools/mending/ring?crawl={crawls[1]}", NODES)
    page.locator("h1").click()
    page.keyboard.press(" ")
    page.get_by_role("button", name="Play or pause").get_by_text("Pause").wait_for()
    page.get_by_text("crawl 4 of 4").wait_for()
    page.get_by_role("button", name="Play or pause").get_by_text("Play").wait_for()
    page.keyboard.press("ArrowLeft")
    page.get_by_text("crawl 3 of 4").wait_for()


def test_a_node_is_found_and_says_who_disagrees(engine, crawls, visitor, page):
    nodes = snapshot_nodes(engine, crawls[1])
    odd = next(
        found
        for found in (agreement_of(nodes, address) for address in nodes["address"])
        if found.facts["host"] and any(side.finding is Finding.NAMES_ANOTHER for side in found.sides)
    )
    side = next(side for side in odd.sides if side.finding is Finding.NAMES_ANOTHER)
    shown(visitor, f"/pools/mending/ring?crawl={crawls[1]}", NODES)
    page.get_by_label("Find a node").fill(odd.facts["host"])
    page.locator("#ring-found .jump").first.wait_for()
    page.keyboard.press("Enter")
    panel = page.locator(".node-panel")
    panel.get_by_text(odd.facts["address"].removeprefix(PREFIX)).wait_for()
    line = panel.locator(".says li", has_text=f"{side.position}:").first
    assert "does not name it back" in line.inner_text()
    assert f"as {side.opposite} it names" in line.inner_text()
    assert line.locator(".jump").first.get_attribute("title") == side.neighbour
    assert line.locator(".jump").last.get_attribute("title") == side.instead
    wait_for(page, f"() => {GRAPH}.data.some(trace => trace.name == 'focus')")
    wait_for(page, f"() => {GRAPH}.layout.yaxis.range[0] != -1.22")  # it came nearer
    line.locator(".jump").first.click()
    panel.get_by_text(side.neighbour.removeprefix(PREFIX)).wait_for()
    history = panel.get_by_role("link", name="History of this node").get_attribute("href")
    assert history == f"/pools/mending/nodes?node={side.neighbour.replace(':', '%3A')}"
    page.get_by_role("button", name="Clear").click()
    wait_for(page, f"() => !{GRAPH}.data.some(trace => trace.name == 'focus')")


def test_a_node_is_chosen_by_click_and_by_keyboard_in_the_list(engine, crawls, visitor, page):
    shown(visitor, f"/pools/mending/ring?crawl={crawls[2]}", NODES - 3)
    nodes = list(snapshot_nodes(engine, crawls[2])["address"])
    node = page.locator("#ring-own-graph .scatterlayer .trace").nth(1).locator(".points path").nth(4)
    spot = node.bounding_box()
    page.mouse.click(spot["x"] + spot["width"] / 2, spot["y"] + spot["height"] / 2)
    panel = page.locator(".node-panel")
    panel.get_by_text(nodes[4].removeprefix(PREFIX)).wait_for()
    assert panel.locator(".says .agrees").count() == 4
    page.locator("#ring-nodes .ag-cell").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    panel.get_by_text(nodes[1].removeprefix(PREFIX)).wait_for()


def test_two_crawls_side_by_side_with_who_came_went_and_moved(engine, crawls, visitor, page):
    shown(visitor, f"/pools/mending/ring?crawl={crawls[3]}", NODES - 3)
    assert not page.locator("#ring-other-frame").is_visible()
    page.locator("#ring-against").click()
    page.locator(".dash-dropdown-content [role=option]").last.click()
    wait_for(page, "() => document.querySelector('#ring-other-graph .points path')")
    found = churn(*(nodes_by_address(snapshot_nodes(engine, crawls[place])) for place in (0, 3)))
    wait_for(page, f"() => location.search.includes('with={crawls[0]}')")
    page.get_by_text("From the crawl of").wait_for()
    wait_for(page, "() => document.querySelectorAll('#ring-changes [row-id^=\"went \"]').length >= 3")
    listed = changes(page)
    assert listed["went"] == sorted(node.address for node in found.went)
    assert len(listed["went"]) == 3
    assert listed["reinstalled"] == [found.reinstalled[0][1].address] == [write(2**155)]
    assert listed["moved"] == [found.moved[0][1].address]
    row = page.locator("#ring-changes .ag-row", has_text="moved")
    assert f"({host_ip(NODES + 3)})" in row.inner_text()
    row.locator("[col-id=what]").click()  # one choice for both rings
    for ring in ("own", "other"):
        wait_for(
            page,
            f"""() => document.querySelector('#ring-{ring}-graph .js-plotly-plot')
                .data.some(trace => trace.name == 'focus')""",
        )


def test_the_address_brings_the_same_view_again(engine, crawls, visitor, page):
    node = snapshot_nodes(engine, crawls[2])["address"][3]
    path = f"/pools/mending/ring?crawl={crawls[2]}&with=before&node={node}&view=far"
    shown(visitor, path, NODES - 3)
    page.locator(".node-panel").get_by_text(node.removeprefix(PREFIX)).wait_for()
    wait_for(page, "() => document.querySelector('#ring-other-graph .points path')")
    assert red_links(page, "other") > red_links(page) == 0
    assert page.get_by_role("radio", name="and shortcuts").is_checked()
    wait_for(page, f"() => document.querySelectorAll('.lines').length && location.search == '{path[19:]}'")


def test_a_new_crawl_is_added_and_moves_only_who_follows(engine, visitor, page):
    a_bare_pool(engine, "living")
    whole, torn, healed = converging_ring(9, 2)
    keep_crawl(engine, "living", whole, minutes_ago=9)
    shown(visitor, "/pools/living/ring", 9)
    keep_crawl(engine, "living", torn, minutes_ago=5)
    page.get_by_text("crawl 1 of 2").wait_for()
    page.get_by_text("follow new crawls").click()
    page.get_by_text("crawl 2 of 2").wait_for()
    keep_crawl(engine, "living", healed, minutes_ago=1)
    page.get_by_text("crawl 3 of 3").wait_for()
    wait_for_nodes(page, 7)


def test_a_crawl_without_samples_says_so(engine, visitor, page):
    a_bare_pool(engine, "thin")
    kept = [keep_crawl(engine, "thin", converging_ring(9, 2)[0], minutes_ago=minutes) for minutes in (9, 5)]
    with UnitOfWork(engine) as work:
        work.session.execute(delete(NodeSample).where(NodeSample.snapshot_id == kept[1]))
        work.commit()
    visitor.go("/pools/thin/ring")
    page.get_by_text("no longer kept: old samples were deleted").wait_for()
    page.get_by_text("no longer kept: nothing to compare").wait_for()
    page.get_by_role("button", name="Previous crawl").click()
    wait_for_nodes(page, 9)


def test_hostile_values_stay_text(engine, visitor, page):
    a_bare_pool(engine, "hostile", hosts=9)
    with UnitOfWork(engine) as work:
        hosts = work.session.scalars(select(Host).join(Pool).where(Pool.name == "hostile"))
        for number, host in enumerate(hosts):
            host.name = f"{EVIL}{number}"
        work.commit()
    evil = {"type": EVIL[:64], "ip_namespace": EVIL[:64], "virtual_ip": EVIL[:45], "error": EVIL}
    whole, torn, _ = converging_ring(9, 2)
    keep_crawl(engine, "hostile", whole, minutes_ago=9)
    crawl = keep_crawl(engine, "hostile", [sample | evil for sample in torn])
    asked = "%3Cimg%20src%3D//evil.example/x%20onerror%3D%22window.harmed%3D1%22%3E"
    shown(visitor, f"/pools/hostile/ring?crawl={crawl}&node={asked}&with={asked}&view={asked}&from={asked}")
    page.get_by_label("Find a node").fill("<img")
    page.locator("#ring-found .jump").nth(2).click()
    page.locator(".node-panel .says").first.wait_for()
    for part in (".node-panel", "#ring-found", "#ring-nodes", "#ring-changes"):
        page.locator(part).get_by_text(EVIL).first.wait_for()
    page.get_by_label("Find a node").fill(EVIL * 2)
    page.get_by_text("No node of this crawl matches").wait_for()
    assert page.locator("main img, main script, main b:text('bold'), a[href^=javascript]").count() == 0
    assert page.evaluate("window.harmed") is None


def test_a_phones_width_is_enough(engine, crawls, phone):
    shown(phone, f"/pools/mending/ring?crawl={crawls[1]}&with=before", NODES)
    assert phone.page.evaluate("document.querySelector('main').scrollWidth") <= 375


def test_whole_rings_are_whole():
    whole, torn, healed = converging_ring(NODES)
    assert len(whole) == len(torn) == NODES
    assert whole_ring(torn) == healed
