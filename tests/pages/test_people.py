"""The people of a pool on its page: a manager gives roles, and who has one sees that pool alone."""

import pytest

from p2ppool.accounts.roles import pool_roles
from p2ppool.records.pools import get_pool
from p2ppool.store.models import PoolRole, Role
from p2ppool.store.unit_of_work import UnitOfWork
from tests.lab.past.history import a_pool
from tests.lab.web.browser import Visitor, store_url
from tests.lab.web.people import a_user
from tests.lab.web.signed_in import for_browser, session_cookies

LONG = "somebody.with-a-rather-long-name@example.org"


@pytest.fixture(scope="module", autouse=True)
def pools(engine):
    a_pool(engine, "shared")
    a_pool(engine, "elsewhere", seed=2)
    a_user(engine, "bob", Role.MEMBER)
    with UnitOfWork(engine) as work:
        found = a_user(engine, LONG, Role.VIEWER)
        pool_roles.give(work.session, get_pool(work.session, "shared"), found, PoolRole.OPERATOR, "test")
        work.commit()


@pytest.fixture
def bob(chromium, base, scripts, data_folder):
    """The window of a member."""
    cookies = for_browser(base, session_cookies(base, store_url(data_folder), "bob", Role.MEMBER))
    window = Visitor(chromium, base, scripts, cookies=cookies, viewport={"width": 1400, "height": 1000})
    yield window
    window.close()
    assert window.complaints == []


def listed(page):
    return page.locator(".people b").all_inner_texts()


def test_a_role_given_on_the_page_opens_that_pool_and_no_other(visitor, bob):
    visitor.go("/pools/shared")
    page = visitor.page
    assert listed(page) == [LONG]
    page.get_by_text("Give a role").click()
    page.get_by_label("User", exact=True).fill("bob")
    page.get_by_label("operator: also").check()
    page.get_by_role("button", name="Give", exact=True).click()
    page.get_by_text("bob is now operator.").wait_for()
    assert listed(page) == ["bob", LONG]
    bob.go("/")
    bob.page.locator(".card").first.wait_for()
    assert bob.page.locator(".card h2").all_inner_texts() == ["shared"]
    bob.go("/pools/shared")
    bob.page.get_by_role("button", name="Crawl: shared").wait_for()
    assert bob.page.get_by_role("button", name="Stop: shared").count() == 0
    assert bob.page.get_by_role("heading", name="People").count() == 0
    page.get_by_role("button", name="Remove: bob").click()
    page.get_by_text("bob has no role on this pool any more.").wait_for()
    assert listed(page) == [LONG]
    bob.go("/pools/shared")
    bob.page.get_by_text("There is no such pool.").wait_for()
    assert "404" in bob.complaints.pop()


@pytest.mark.parametrize("width", [1400, 375])
def test_nothing_is_wider_than_the_window(visitor, width):
    visitor.page.set_viewport_size({"width": width, "height": 900})
    visitor.go("/pools/shared")
    visitor.page.get_by_text("Give a role").click()
    visitor.page.locator(".people").scroll_into_view_if_needed()
    assert visitor.page.evaluate("document.documentElement.scrollWidth") <= width
    visitor.page.set_viewport_size({"width": 1400, "height": 1000})
