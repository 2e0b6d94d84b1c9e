"""The pages in a real browser: what a manager sees, and what must never happen."""

from dashboards.figures.palette import DARK, LIGHT
from p2ppool.reports.nodes.nodes import Health, last_snapshot_id, snapshot_nodes
from p2ppool.store.models import TicketState
from tests.lab.past.crawled import ring_samples
from tests.lab.past.history import (
    RUN,
    a_bare_pool,
    a_busy_day,
    a_crawl,
    a_pool,
    a_result,
    a_ticket,
    a_waiting_ticket,
    change_ticket,
    keep_crawl,
)
from tests.lab.web.browser import EVIL, Visitor

RING = "document.querySelector('#pool-ring .js-plotly-plot')"


def drawn(page):
    """How many nodes of each health the ring shows, and how many links of each kind."""
    return page.evaluate("""() => {
        const figure = document.querySelector("#pool-ring .js-plotly-plot");
        const nodes = Object.fromEntries(figure.data.map(trace => [trace.name, trace.x.length]));
        const links = Object.fromEntries(figure.layout.shapes.filter(shape => shape.path)
            .map(shape => [shape.name, shape.path.split("M").length - 1]));
        return {...nodes, ...links};
    }""")


def red_lines(page, colours):
    """Pieces of line on the screen in the colour of what disagrees."""
    paths = page.locator("#pool-ring .shapelayer path").evaluate_all(
        "paths => paths.map(path => [getComputedStyle(path).stroke, path.getAttribute('d')])"
    )
    red = "rgb({}, {}, {})".format(*bytes.fromhex(colours.inconsistent[1:]))
    return sum(d.count("M") for stroke, d in paths if stroke == red)


def column(page, name):
    """The visible cells of a column of the table of nodes, from the top."""
    cells = page.locator(f'#pool-nodes .ag-center-cols-container .ag-row [col-id="{name}"]')
    rows = cells.evaluate_all(
        "cells => cells.map(cell => [+cell.closest('.ag-row').getAttribute('row-index'), cell.innerText])"
    )
    return [text for _, text in sorted(rows)]


def header(page, name):
    return page.locator(f'#pool-nodes .ag-header-cell[col-id="{name}"]')


def wait_for(page, script, argument=None):
    page.wait_for_function(script, arg=argument, timeout=30_000)


def test_the_list_shows_each_pool_and_leads_to_it(engine, visitor, page):
    a_pool(engine, "listed", nodes=9, description="Eight hosts")
    a_bare_pool(engine, "untouched")
    visitor.go("/")
    card = page.locator(".card", has_text="listed")
    assert "9 of 9 nodes · 8 hosts" in card.inner_text()
    assert "healthy" in card.inner_text()
    assert "not crawled yet" in page.locator(".card", has_text="untouched").inner_text()
    card.get_by_role("link", name="listed").click()
    page.wait_for_selector("#pool-ring .scatterlayer .points path")
    assert page.url.endswith("/pools/listed")
    assert page.title() == "listed · P2PPool Manager"


def test_the_ring_shows_every_node_and_every_broken_link(engine, visitor, page):
    a_pool(engine, "broken", nodes=40, dead=5, left_over=1)
    nodes = snapshot_nodes(engine, last_snapshot_id(engine, "broken"))
    visitor.go_to_ring("/pools/broken")
    shown = drawn(page)
    for health in Health:
        assert shown[health] == (nodes["health"] == health).sum()
    assert (
        page.locator("#pool-ring .scatterlayer .points path").count() == 40 + 2
    )  # the local node's halo, the middle
    assert red_lines(page, LIGHT) == shown["broken"] > 0
    assert f"{shown['broken']} links not returned" in page.locator("#pool-ring-frame").get_attribute(
        "aria-label"
    )


def test_the_ring_of_a_thousand_nodes(engine, visitor, page):
    a_pool(engine, "planet", nodes=1000, dead=30)
    visitor.go_to_ring("/pools/planet")
    assert page.locator("#pool-ring .scatterlayer .points path").count() == 1000 + 2


def test_links_and_spacing_can_be_chosen(engine, visitor, page):
    a_pool(engine, "chosen", nodes=12)
    visitor.go_to_ring("/pools/chosen")
    assert {"near", "second", "shortcut"} <= set(drawn(page))
    page.get_by_text("second neighbours").click()
    wait_for(
        page,
        f"() => !{RING}.layout.shapes.some(shape => shape.name == 'second')",
    )
    page.get_by_text("even", exact=True).click()
    wait_for(page, f"() => {RING}.layout.uirevision == 'even'")
    assert {"near", "shortcut"} <= set(drawn(page))


def test_the_table_sorts_and_filters(engine, visitor, page):
    a_pool(engine, "table", nodes=9, dead=2)
    visitor.go_to_ring("/pools/table")
    assert column(page, "place") == [str(place) for place in range(1, 10)]
    header(page, "consistency").locator(".ag-header-cell-text").click()
    wait_for(page, "() => document.querySelector('#pool-nodes [col-id=consistency][aria-sort=ascending]')")
    assert column(page, "consistency") == sorted(column(page, "consistency"))
    header(page, "health").locator(".ag-header-cell-filter-button").click()
    page.locator(".ag-filter input[type=text]").first.fill("ghost")
    wait_for(
        page, "() => document.querySelectorAll('#pool-nodes .ag-center-cols-container .ag-row').length == 1"
    )
    assert column(page, "health") == ["ghost"]


def test_hosts_in_trouble_say_what_is_wrong(engine, visitor, page):
    a_pool(engine, "trouble", nodes=4, failed=1)
    visitor.go_to_ring("/pools/trouble")
    page.wait_for_selector("#pool-hosts .ag-row")
    first = page.locator("#pool-hosts .ag-center-cols-container [row-index='0']").inner_text()
    assert "refused" in first
    assert "node01:22 refused the connection: is sshd running there?" in first


def test_a_new_snapshot_appears_without_reload_and_leaves_zoom_and_sort(engine, visitor, page):
    a_pool(engine, "living", nodes=9)
    visitor.go_to_ring("/pools/living")
    page.evaluate("window.stayed = true")
    header(page, "consistency").locator(".ag-header-cell-text").click()
    page.locator("#pool-ring").hover()
    page.locator('.modebar-btn[data-title="Zoom in"]').click()
    zoomed = page.evaluate(f"{RING}._fullLayout.xaxis.range")
    a_crawl(engine, "living", nodes=9, dead=2, minutes_ago=0)
    wait_for(
        page,
        f"() => {RING}.data.some(trace => trace.name == 'ghost')",
    )
    wait_for(
        page,
        "() => [...document.querySelectorAll('#pool-nodes .ghost')].some(cell => cell.innerText == 'ghost')",
    )
    assert page.evaluate("window.stayed")
    assert page.evaluate(f"{RING}._fullLayout.xaxis.range") == zoomed
    assert header(page, "consistency").get_attribute("aria-sort") == "ascending"
    assert column(page, "consistency")[:2] == ["0.00", "0.00"]
    assert "7 of 9" in page.locator(".head").inner_text()


def test_the_turn_moves_without_reload_and_without_drawing_the_ring_anew(engine, visitor, page):
    a_pool(engine, "moving", nodes=4)
    install = a_ticket(engine, "moving", "install", done=1, total=3)
    visitor.go_to_ring("/pools/moving")
    turn = page.locator(".turn")
    turn.get_by_text("1 of 3").wait_for()
    page.evaluate(f"{RING}.data.mine = true")

    crawls = [a_waiting_ticket(engine, "moving", "crawl") for _ in range(6)]
    change_ticket(engine, install, done=2)
    turn.get_by_text("2 of 3").wait_for()
    turn.get_by_text(f"behind install (ticket {install})").wait_for()
    turn.get_by_text("1 more waits").click()
    turn.get_by_text(f"behind crawl (ticket {crawls[4]})").wait_for()

    stop = a_waiting_ticket(engine, "moving", "stop", requester="cli ada")
    why = f"preempted by stop of cli ada (ticket {stop})"
    change_ticket(engine, install, cancel=why, preempted_by=stop)
    turn.get_by_text(f"being cancelled: {why}").wait_for()
    assert turn.locator("details .place").all_inner_texts() == ["6", "7"]  # what was unfolded stays so
    assert turn.get_by_text(f"behind crawl (ticket {crawls[5]})").is_visible()
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"

    for crawl in crawls:
        change_ticket(engine, crawl, state=TicketState.CANCELLED, preempted_by=stop, message=why)
    change_ticket(engine, install, state=TicketState.CANCELLED, message=f"{why} after 2 of 3")
    change_ticket(engine, stop, state=TicketState.DONE)
    turn.get_by_text("Nothing is running or waiting.").wait_for()
    page.locator(".history").get_by_text(f"{why} after 2 of 3").wait_for()
    assert page.evaluate(f"{RING}.data.mine")


def test_the_history_shows_each_ending_and_more_by_keyboard(engine, visitor, page):
    a_bare_pool(engine, "busy")
    for _ in range(15):
        a_ticket(engine, "busy", state=TicketState.DONE)
    running = a_busy_day(engine, "busy")
    visitor.go("/")
    card = page.locator(".card", has_text="busy")
    card.get_by_text("27 of 39 · 2 wait").wait_for()
    card.get_by_role("link", name="busy").focus()
    change_ticket(engine, running, done=28)
    card.get_by_text("28 of 39 · 2 wait").wait_for()
    page.keyboard.press("Enter")  # the link was written anew and still has the focus
    badges = page.locator(".history .badge")
    badges.first.wait_for()
    assert {state.value for state in TicketState if state.ended} == set(badges.all_inner_texts())
    colours = badges.evaluate_all(
        "all => Object.fromEntries(all.map(badge => [badge.innerText, getComputedStyle(badge).color]))"
    )
    assert colours["crashed"] == colours["failed"] != colours["done"]
    assert colours["merged"] == colours["refused"] == colours["cancelled"] != colours["done"]
    assert badges.count() == 20
    page.get_by_role("button", name="Show more").focus()
    page.keyboard.press("Enter")
    wait_for(page, "() => document.querySelectorAll('.history .badge').length == 23")
    assert page.get_by_role("button", name="Show more").count() == 0


def test_pools_without_anything_say_what_to_do(engine, visitor, page):
    a_bare_pool(engine, "fresh")
    visitor.go("/pools/fresh")
    page.wait_for_selector("text=p2ppool pool crawl fresh")
    a_crawl(engine, "fresh", nodes=4)
    page.wait_for_selector("#pool-ring .scatterlayer .points path")


def test_an_unknown_pool_is_a_page_that_says_so(visitor, page):
    answer = visitor.go("/pools/nobody")
    assert answer.status == 404
    assert page.locator("h1").inner_text() == "There is no such pool."
    page.get_by_role("link", name="All pools").click()
    page.wait_for_selector("h1:has-text('Pools')")
    assert len(visitor.complaints) == 1
    assert "404" in visitor.complaints.pop()


def test_hostile_values_stay_text(engine, visitor, page):
    a_bare_pool(engine, "hostile", hosts=1, description=EVIL, namespace=EVIL[:64])
    samples = [
        sample | {"type": EVIL[:64], "ip_namespace": EVIL[:64], "error": EVIL} for sample in ring_samples(4)
    ]
    keep_crawl(engine, "hostile", samples)
    a_result(engine, "hostile", "node01", error="refused", message=EVIL)
    evil = {"requester": EVIL[:64], "parameters": {EVIL: EVIL}, "flow_run": "javascript:window.harmed=1"}
    a_ticket(engine, "hostile", "check", TicketState.FAILED, message=EVIL, **evil)
    a_ticket(engine, "hostile", EVIL[:32], cancel=EVIL, **evil)
    a_waiting_ticket(engine, "hostile", EVIL[:32], **evil)
    visitor.go("/")
    page.wait_for_selector(".card:has-text('hostile')")
    visitor.go_to_ring("/pools/hostile")
    page.wait_for_selector("#pool-hosts .ag-row")
    for part in (".description", "#pool-hosts", ".holder", ".history"):
        assert EVIL in page.locator(part).first.inner_text()
    assert EVIL[:32] in page.locator(".queue").first.inner_text()
    node = page.locator("#pool-ring .scatterlayer .points path").nth(2)
    node.scroll_into_view_if_needed()
    spot = node.bounding_box()
    page.mouse.move(spot["x"] + spot["width"] / 2, spot["y"] + spot["height"] / 2)
    page.wait_for_selector("#pool-ring .hoverlayer text")
    assert page.locator("#pool-ring .hoverlayer").text_content().count("<b>bold") == 1
    assert page.locator("main img, main script, main b:text('bold'), a[href^=javascript]").count() == 0
    assert page.evaluate("window.harmed") is None


def test_the_theme_follows_the_system_until_chosen_and_is_remembered(engine, visitor, page):
    a_pool(engine, "themed", nodes=9, dead=2)
    page.emulate_media(color_scheme="dark")
    visitor.go_to_ring("/pools/themed")
    assert red_lines(page, DARK) > 0
    page.emulate_media(color_scheme="light")
    wait_for(page, "() => document.documentElement.dataset.theme == 'light'")
    page.locator("#theme-switch").click()
    wait_for(page, "() => document.documentElement.dataset.theme == 'dark'")
    visitor.go_to_ring("/pools/themed")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert red_lines(page, DARK) > 0


def test_everything_is_reached_by_keyboard_and_shows_where_it_is(engine, visitor, page):
    a_pool(engine, "keys", nodes=4)
    for _ in range(6):
        a_waiting_ticket(engine, "keys")
    for _ in range(21):
        a_ticket(engine, "keys", state=TicketState.DONE, flow_run=RUN)
    visitor.go_to_ring("/pools/keys")
    seen = []
    for _ in range(100):
        page.keyboard.press("Tab")
        seen.append(
            page.evaluate("""() => {
            const e = document.activeElement, style = getComputedStyle(e);
            const grid = e.closest('.grid'), option = e.matches('input') ? e.closest('[id]').id : '';
            if (e === document.body) return ["the end", true];
            const visible = style.outlineStyle != 'none' || style.boxShadow != 'none'
                || getComputedStyle(e, '::after').borderStyle != 'none' || !!grid || !!option;
            return [grid ? grid.id : option || e.id || e.innerText || e.tagName, visible];
        }""")
        )
    names = [name for name, _ in seen]
    for name in (
        *("Skip to content", "P2PPool Manager", "theme-switch", "Pools", "pool-queue-summary", "pool-nodes"),
        *("pool-hosts", "Prefect run", "pool-history-more"),
    ):
        assert name in names, names
    assert [name for name, visible in seen if not visible] == []
    page.locator("#pool-nodes .ag-cell").first.click()
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.closest('.ag-row').getAttribute('row-index')") == "1"


def test_a_phones_width_is_enough(engine, phone):
    a_pool(engine, "pocket", nodes=40, dead=3, failed=2)
    a_busy_day(engine, "pocket")
    a_waiting_ticket(engine, "pocket", requester="W" * 64, parameters={"x" * 200: "y" * 200})
    for path in ("/", "/pools/pocket"):
        phone.go(path)
        page = phone.page
        page.wait_for_selector(".card, #pool-nodes .ag-row")
        page.wait_for_selector(".card, .history")
        assert page.evaluate("document.scrollingElement.scrollWidth") <= 375


def test_a_server_that_no_longer_answers_is_told(engine, chromium, base, scripts):
    a_pool(engine, "lost", nodes=4)
    visitor = Visitor(chromium, base, scripts)  # of its own, as the clock of a window is its own
    page = visitor.page
    page.clock.install()
    visitor.go_to_ring("/pools/lost")
    page.wait_for_selector(".live:has-text('live')")
    page.route("**/_dash-update-component?*", lambda route: route.abort())
    lost = page.locator(".live.lost", has_text="no answer for")
    for _ in range(60):  # an answer may be on its way yet
        page.clock.run_for(1_000)
        if lost.is_visible():
            break
    assert lost.is_visible()
    visitor.close()
