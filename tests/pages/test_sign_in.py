"""The way of the first manager, and of the first whom they let in, in a real browser."""

import pytest

from tests.lab.past.history import a_bare_pool
from tests.lab.web.browser import Visitor, serving

PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def base(engine, data_folder):
    a_bare_pool(engine)
    with serving(data_folder, who=None) as address:
        yield address


@pytest.fixture
def window(chromium, base, scripts):
    windows = []

    def window(**options):
        windows.append(Visitor(chromium, base, scripts, **options))
        return windows[-1]

    yield window
    for one in windows:
        one.close()


def fill(page, **fields):
    for name, value in fields.items():
        page.fill(f"[name={name}]", value)
    page.locator("form:has([name=password]) button[type=submit]").first.click()


def test_from_the_first_start_to_a_viewer_who_sees_and_does_not_act(window, base):
    first = window()
    page = first.page
    first.go("/pools/demo")
    assert page.url.endswith("/sign-in?next=%2Fpools%2Fdemo")
    assert page.locator(".note").is_visible()

    link = base.first_words.split()[-1]
    page.goto(link)
    assert "#" not in page.url
    assert not page.get_by_label("Code").is_visible()
    fill(page, name="Ada", password=PASSWORD, again=PASSWORD)
    page.locator("h1:has-text('Pools')").wait_for()

    first.go("/pools/demo")
    page.get_by_role("button", name="Crawl").click()
    page.get_by_text(
        "start it with `p2ppool up`"
    ).wait_for()  # the click went through; no Prefect server is here

    page.locator(".who summary").click()
    page.get_by_role("link", name="Users").click()
    page.fill("[name=name]", "bob")
    page.get_by_role("button", name="Create").click()
    for_bob = page.locator("#secret").inner_text()

    second = window(viewport={"width": 375, "height": 780})
    viewer = second.page
    viewer.goto(for_bob)
    fill(viewer, password=PASSWORD, again=PASSWORD)
    viewer.locator("h1:has-text('Pools')").wait_for()
    second.go("/pools/demo")
    viewer.locator(".files, #pool-files").first.wait_for()
    viewer.locator("dl.head").wait_for()
    assert viewer.locator(".doing").inner_text() == ""
    assert viewer.evaluate("document.scrollingElement.scrollWidth") <= 375
    viewer.locator(".who summary").click()
    assert viewer.locator(".who-menu").inner_text().split("\n") == ["Account", "Sign out"]
    viewer.keyboard.press("Escape")
    assert not viewer.locator(".who-menu").is_visible()

    page.locator(".who summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.locator("h1:has-text('Sign in')").wait_for()
    first.go("/pools/demo")
    fill(page, name="ada", password=PASSWORD)
    page.wait_for_url("**/pools/demo")
    page.get_by_role("button", name="Crawl").wait_for()

    assert first.complaints == second.complaints == []


def test_a_page_whose_session_ends_leads_to_the_sign_in_and_back(window, base):
    one, two = window(), window()
    for each in (one, two):
        each.go("/pools/demo")
        fill(each.page, name="bob", password=PASSWORD)
        each.page.wait_for_url("**/pools/demo")
        each.page.locator("dl.head").wait_for()
    two.page.goto(f"{base}/account")
    two.page.get_by_role("button", name="Sign out everywhere").click()
    one.page.wait_for_url("**/sign-in?next=%2Fpools%2Fdemo")  # its next callback was refused
    fill(one.page, name="bob", password=PASSWORD)
    one.page.wait_for_url("**/pools/demo")
    one.page.locator("dl.head").wait_for()
