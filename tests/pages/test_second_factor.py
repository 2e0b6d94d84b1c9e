"""Passkeys in a real browser, with an authenticator that it simulates."""

import pytest
from playwright.sync_api import expect

from p2ppool.accounts import users
from p2ppool.store.engine import open_engine
from p2ppool.store.models import Role
from p2ppool.store.schema import upgrade
from p2ppool.store.unit_of_work import UnitOfWork
from tests.lab.web.browser import serving, store_url
from tests.lab.web.people import PASSWORD

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def base(tmp_path):
    engine = open_engine(store_url(tmp_path))
    upgrade(engine)
    with UnitOfWork(engine) as work:
        users.create(work.session, "ada", Role.MANAGER, "test", password=PASSWORD)
        work.commit()
    engine.dispose()
    with serving(tmp_path, P2PPOOL_LISTEN_ADDRESS="localhost") as found:
        yield found


@pytest.fixture
def page(chromium):
    context = chromium.new_context()
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    yield page
    context.close()


def sign_in(page, base):
    page.goto(f"{base}/sign-in")
    page.fill("input[name=name]", "ada")
    page.fill("input[name=password]", PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("h1")).not_to_have_text("Sign in")


def test_a_passkey_is_added_and_then_asked_for(page, base):
    sign_in(page, base)
    page.goto(f"{base}/account/second-factor")
    page.fill("input[name=name]", "laptop")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.locator("h2", has_text="Your recovery codes")).to_be_visible()
    expect(page.locator(".tokens b")).to_have_text("laptop")
    page.context.clear_cookies()
    sign_in(page, base)
    expect(page.locator("h1")).to_have_text("One more step")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.locator("details.who summary")).to_have_text("ada")


def test_without_its_passkey_a_browser_says_so(page, base, chromium):
    sign_in(page, base)
    page.goto(f"{base}/account/second-factor")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.locator("h2", has_text="Your recovery codes")).to_be_visible()
    other = chromium.new_context().new_page()
    other.add_init_script("navigator.credentials.get = () => Promise.reject(new Error('none here'))")
    sign_in(other, base)
    other.get_by_role("button", name="Use a passkey").click()
    expect(other.locator("[data-passkey-problem]")).to_be_visible()
    expect(other.locator("h1")).to_have_text("One more step")
    other.context.close()
