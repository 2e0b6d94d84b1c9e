"""What is lost on the way to a page in a real browser: a person never has to load the page again for it."""

from pathlib import Path

import pytest

import dashboards
from p2ppool.records.pools import get_pool
from p2ppool.store.models import TicketState
from p2ppool.store.unit_of_work import UnitOfWork, reading
from tests.lab.past.crawled import ring_samples
from tests.lab.past.history import a_bare_pool, a_busy_day, a_pool, a_ticket, change_ticket, keep_crawl
from tests.lab.past.weeks import a_past
from tests.lab.web.browser import Visitor

ASSETS = Path(dashboards.__file__).with_name("assets")
SAYS_SO_AFTER = 2000  # milliseconds without an answer
UPDATE = "**/_dash-update-component*"
PAGES = {
    "/": ".card:has-text('demo')",
    "/pools/demo": "#pool-ring .scatterlayer .points path",
    "/pools/demo/nodes": "#nodes-grid .ag-center-cols-container .ag-row",
    "/pools/demo/system": "#system-plot .scatterlayer .trace",
    "/pools/demo/ring": "#ring-nodes .ag-center-cols-container .ag-row",
    "/map": "#world-map .scattergeo .point",
    "/activity": ".history .badge",
    "/export": ".download",
    "/new-pool": "#new-pool-review",
}
"""What is to be seen on each page once all that it asked for has come."""


@pytest.fixture(scope="module", autouse=True)
def demo(engine):
    a_past(engine, "demo", hosts=8, days=1)
    samples = [sample | {"geo_loc": "50.11, 8.68"} for sample in ring_samples(9)]
    keep_crawl(engine, "demo", samples, minutes_ago=0)
    a_ticket(engine, "demo", state=TicketState.DONE)


@pytest.fixture
def lossy(visitor):
    """The window, whose complaints of lost answers are no surprise."""
    yield visitor
    visitor.complaints[:] = [one for one in visitor.complaints if "net::ERR_" not in one]


def lose(page, pattern, times=1, status=None):
    """Lose the next requests for `pattern`, or have a proxy answer them; gives a list of what was lost."""
    lost = []

    def handler(route):
        if len(lost) >= times:
            route.fallback()
            return
        lost.append(route.request.url)
        if status is None:
            route.abort("connectionreset")
        else:
            route.fulfill(status=status)

    page.route(pattern, handler)
    return lost


def see(page, path):
    page.locator(PAGES[path]).first.wait_for(state="attached")


@pytest.mark.parametrize("path", PAGES)
def test_a_lost_first_answer_is_asked_for_again(lossy, page, path):
    lost = lose(page, UPDATE)
    lossy.go(path)
    see(page, path)
    assert len(lost) == 1


@pytest.mark.parametrize("path", ["/", "/pools/demo"])
def test_so_is_each_answer_of_a_page(lossy, page, path):
    lost = lose(page, UPDATE, times=6)
    lossy.go(path)
    see(page, path)
    assert len(lost) == 6


@pytest.mark.parametrize("status", [502, 503, 504])
def test_so_is_what_a_proxy_answers_for_a_server_that_is_away(lossy, page, status):
    lose(page, UPDATE, times=3, status=status)
    lossy.go("/")
    see(page, "/")
    lossy.complaints[:] = [one for one in lossy.complaints if f"status of {status}" not in one]


@pytest.mark.parametrize("what", ["_dash-layout", "_dash-dependencies"])
def test_so_are_layout_and_dependencies(lossy, page, what):
    lost = lose(page, f"**/{what}", times=2)
    lossy.go("/")
    see(page, "/")
    assert len(lost) == 2


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("**/dash_renderer*.js", "/"),
        ("**/react@*.js", "/"),
        ("**/assets/focus.js*", "/"),
        ("**/assets/theme.js*", "/"),
        ("**/async-graph*.js", "/pools/demo"),
        ("**/plotly.min.js*", "/pools/demo"),
        ("**/assets/topojson/*.json", "/map"),
        ("**/ring/frame?*", "/pools/demo/ring"),
    ],
)
def test_so_are_scripts_and_what_they_fetch(lossy, page, pattern, path):
    lost = lose(page, pattern, times=2)
    lossy.go(path)
    see(page, path)
    page.wait_for_function("() => window.DashRenderer && window.dash_clientside.theme")
    page.wait_for_function("() => document.readyState === 'complete'")
    assert len(lost) == 2
    lossy.complaints.clear()  # what came behind a lost script had to do without it, until the page began anew


def test_so_are_styles(lossy, page):
    lost = lose(page, "**/assets/frame.css*")
    lossy.go("/")
    page.wait_for_function("() => getComputedStyle(document.body).margin === '0px'")
    assert len(lost) == 1


def test_a_script_that_is_gone_is_told_and_does_not_reload_for_ever(lossy, page):
    lose(page, "**/assets/menu.js*", times=1000, status=404)
    lossy.go("/")
    page.get_by_role("alert").get_by_text("could not be loaded").wait_for()
    see(page, "/")
    page.get_by_role("button", name="Close").click()
    assert page.get_by_role("alert").count() == 0
    lossy.complaints[:] = [one for one in lossy.complaints if "404" not in one]


def test_whoever_goes_on_while_the_server_is_away_gets_there_and_is_told_meanwhile(lossy, page):
    lossy.go("/")
    see(page, "/")
    page.route(UPDATE, lambda route: route.abort("connectionreset"))
    page.locator(".card", has_text="demo").get_by_role("link", name="demo").click()
    page.get_by_role("alert").get_by_text("does not answer. Trying again").wait_for()
    page.unroute(UPDATE)
    see(page, "/pools/demo")
    assert page.get_by_role("alert").count() == 0


def test_pauses_grow_from_a_quarter_of_a_second_to_eight(base, visitor, page):
    """On an empty page, where nothing else waits; timers end at once and tell how long they were to be."""
    page.goto(f"{base}/healthz")
    lost = lose(page, "**/healthz?again", times=9)
    page.evaluate((ASSETS / "retry.js").read_text())
    pauses = page.evaluate("""async () => {
        const pauses = [], later = window.setTimeout;
        window.setTimeout = (end, pause) => later(end, 0, pauses.push(pause));
        await window.fetch("/healthz?again");
        return pauses;
    }""")
    tries = [min(8000, 250 * 2**tries) for tries in range(9)]
    spread = [pause for pause in pauses if pause != SAYS_SO_AFTER]
    assert len(lost) == len(spread) == len(tries)
    assert all(longest / 2 <= pause <= longest for pause, longest in zip(spread, tries, strict=True))
    visitor.complaints[:] = [one for one in visitor.complaints if "net::ERR_" not in one]


def descriptions(engine, name):
    with reading(engine) as work:
        return get_pool(work.session, name).description


def test_what_acts_is_not_sent_twice_and_its_lost_answer_is_told(engine, lossy, page):
    a_bare_pool(engine, "edited")
    lossy.go("/pools/edited")
    page.locator("#pool-history").get_by_text("Nothing has ended yet.").wait_for()
    page.get_by_text("Edit", exact=True).click()
    page.get_by_label("Description").fill("by hand")
    sent = []

    def do_and_lose(route):
        if '"output":"..pool-edit-told' not in (route.request.post_data or ""):
            route.fallback()
            return
        sent.append(route.fetch().status)
        route.abort("connectionreset")

    page.route(UPDATE, do_and_lose)
    page.get_by_role("button", name="Save").click()
    alert = page.get_by_role("alert")
    alert.get_by_text("The manager did not answer. Check whether your request was carried out").wait_for()
    assert descriptions(engine, "edited") == "by hand"
    with UnitOfWork(engine) as work:
        get_pool(work.session, "edited").description = "by another since"
        work.commit()
    # Whatever is asked for again has been by the time that this came after as many tries.
    lost = lose(page, "**/assets/ring.svg", times=5)
    page.evaluate("() => window.fetch('/assets/ring.svg').then(answer => answer.status)")
    assert len(lost) == 5
    assert sent == [200]
    assert descriptions(engine, "edited") == "by another since"
    alert.get_by_role("button", name="Close").click()
    assert alert.count() == 0
    lossy.complaints[:] = [one for one in lossy.complaints if "did not respond" not in one]


def test_the_focus_survives_as_many_rewrites_as_come(engine, visitor, page):
    a_bare_pool(engine, "busy")
    running = a_busy_day(engine, "busy")
    visitor.go("/")
    card = page.locator(".card", has_text="busy")
    card.get_by_text("27 of 39").wait_for()
    link = card.get_by_role("link", name="busy")
    link.focus()
    for done in (28, 29, 30):
        old = link.element_handle()
        change_ticket(engine, running, done=done)
        card.get_by_text(f"{done} of 39").wait_for()
        assert not old.evaluate("link => link.isConnected")  # or this proves nothing
        assert page.evaluate("document.activeElement.getAttribute('href')") == "/pools/busy"
    page.keyboard.press("Enter")
    page.locator(".history .badge").first.wait_for()
    assert page.url.endswith("/pools/busy")


def test_the_focus_comes_back_when_its_part_comes_later_and_with_it_what_is_selected(visitor, page):
    visitor.go("/export")
    see(page, "/export")
    page.evaluate("""() => {
        const part = document.createElement("div");
        part.id = "part";
        document.querySelector("main").append(part);
        window.write = () => { part.innerHTML = "<input name=a value=abcdef><input name=b value=abcdef>" };
        window.write();
        part.lastChild.focus();
        part.lastChild.setSelectionRange(2, 4);
        part.replaceChildren();
    }""")
    assert page.evaluate("document.activeElement === document.body")
    page.evaluate("window.write()")
    now = "(e => [e.name, e.selectionStart, e.selectionEnd])(document.activeElement)"
    page.wait_for_function("() => document.activeElement !== document.body")
    assert page.evaluate(now) == ["b", 2, 4]


def test_whoever_has_gone_on_is_not_called_back(visitor, page):
    visitor.go("/export")
    see(page, "/export")
    page.evaluate("""() => {
        const part = document.createElement("div");
        part.id = "part";
        document.querySelector("main").append(part);
        window.write = () => { part.innerHTML = "<button name=a>A</button>" };
        window.write();
        part.lastChild.focus();
        part.replaceChildren();
    }""")
    page.mouse.click(1, 1)
    page.evaluate("window.write()")
    page.locator("#part button").wait_for()
    assert page.evaluate("document.activeElement === document.body")


def test_a_server_that_comes_back_is_told_by_the_light(engine, chromium, base, scripts):
    a_pool(engine, "lit", nodes=4)
    visitor = Visitor(chromium, base, scripts)
    page = visitor.page
    page.clock.install()
    visitor.go_to_ring("/pools/lit")
    page.locator(".live", has_text="live").wait_for()
    page.route(UPDATE, lambda route: route.abort("connectionreset"))
    lost = page.locator(".live.lost", has_text="no answer for")
    for _ in range(60):
        page.clock.run_for(1_000)
        if lost.is_visible():
            break
    assert lost.is_visible()
    page.unroute(UPDATE)
    page.clock.resume()
    page.locator(".live:not(.lost)", has_text="live").wait_for()
    visitor.close()


SLOW = """
    const ask = window.fetch;
    window.fetch = async (...request) => {
        const answer = await ask(...request);
        const isUpdate = String(request[0]).includes("_dash-update-component");
        if (isUpdate) await new Promise(end => setTimeout(end, 4000));
        return answer;
    };
"""
"""Each answer takes longer than from one tick of a page's clock to the next."""


@pytest.mark.parametrize("path", ["/", "/activity"])
def test_a_slow_server_is_waited_for_and_not_said_to_be_silent(chromium, base, scripts, path):
    visitor = Visitor(chromium, base, scripts)
    page = visitor.page
    page.add_init_script(SLOW)
    visitor.go(path)
    see(page, path)
    heartbeats = [page.locator(".live").get_attribute("data-heartbeat")]
    for _ in range(2):
        page.locator(f'.live[data-heartbeat]:not([data-heartbeat="{heartbeats[-1]}"])').wait_for()
        heartbeats.append(page.locator(".live").get_attribute("data-heartbeat"))
    assert page.locator(".live").inner_text() == "live"
    assert visitor.complaints == []
    visitor.close()
