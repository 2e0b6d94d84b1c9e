"""The story of a group, told by three users in a real browser."""

import re
import zipfile

import pytest

from p2ppool.store.models import Role
from tests.lab.history import a_bare_pool
from tests.lab.signed_in import for_browser, session_cookies
from tests.lab.web import Visitor, serving, store_url

NAME = "river lab@acis"
PATH = "/groups/river%20lab%40acis"
PHONE = {"width": 375, "height": 780}


@pytest.fixture(scope="module")
def base(engine, data_folder):
    a_bare_pool(engine)
    with serving(data_folder, who=None) as address:
        address.cookies = {
            name: for_browser(address, session_cookies(address, store_url(data_folder), name, Role.VIEWER))
            for name in ("ann", "bob", "cyd")
        }
        yield address


@pytest.fixture
def window(chromium, base, scripts):
    windows = []

    def window(who, **options):
        windows.append(Visitor(chromium, base, scripts, cookies=base.cookies[who], **options))
        return windows[-1]

    yield window
    for one in windows:
        one.close()


def secret_of(page, tmp_path):
    """What the member's config.zip holds."""
    with page.expect_download() as download:
        page.get_by_role("link", name="config.zip").first.click()
    place = tmp_path / "config.zip"
    download.value.save_as(place)
    with zipfile.ZipFile(place) as archive:
        files = {name: archive.read(name).decode("latin-1") for name in archive.namelist()}
    assert set(files) == {"node.config", "ipop.config", "dhcp.config", "bootstrap.config", "cacert"}
    assert f"<Group>{NAME}</Group>" in files["ipop.config"]
    return re.search("<Secret>(.{20})</Secret>", files["ipop.config"])[1]


def make_group(visitor):
    page = visitor.page
    visitor.go("/groups/new")
    page.get_by_label("Name", exact=True).fill(NAME)
    page.get_by_label("Description").fill("machines along the river")
    page.get_by_label("Terms of service").fill("be kind to all")
    assert not page.get_by_label("Transport addresses").is_visible()
    page.get_by_label("IP namespace").fill("river")
    page.get_by_label("Base IP").fill("10.128.9.0")
    page.get_by_label("Netmask").fill("255.255.0.0")
    page.get_by_role("button", name="Create group").click()
    page.get_by_text("it begins at 10.128.0.0").wait_for()
    assert ["400" in each for each in visitor.complaints] == [True]
    visitor.complaints.clear()
    page.get_by_label("Base IP").fill("10.128.0.0")
    page.get_by_role("button", name="Create group").click()
    page.wait_for_url(f"**{PATH}")


def ask_to_join(visitor):
    page = visitor.page
    visitor.go("/")
    page.get_by_role("link", name="Groups").click()
    page.get_by_role("link", name=f"Join… {NAME}").click()
    page.get_by_text("be kind to all").wait_for()
    page.get_by_label("I accept them").check()
    page.get_by_role("button", name="Ask to join").click()
    page.get_by_text("asked to join").wait_for()


def test_a_group_from_its_making_to_a_revocation(window, tmp_path):
    ann, bob, cyd = window("ann"), window("bob", viewport=PHONE), window("cyd", java_script_enabled=False)
    page = ann.page
    make_group(ann)
    ask_to_join(bob)
    cyd.go(f"{PATH}/join")
    cyd.page.get_by_label("I accept them").check()
    cyd.page.get_by_role("button", name="Ask to join").click()
    cyd.page.wait_for_url(f"**{PATH}")

    ann.go("/groups")
    page.get_by_role("link", name="2 requests to join").click()
    page.get_by_role("checkbox", name="bob").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Accept ticked").click()
    page.get_by_text("bob is a member now.").wait_for()
    page.get_by_role("checkbox", name="cyd").check()
    page.get_by_role("button", name="Deny ticked").click()
    page.get_by_text("cyd was denied.").wait_for()

    bob.go(PATH)
    secret = secret_of(bob.page, tmp_path)
    bob.page.get_by_text("Renew secret…").click()
    bob.page.get_by_role("button", name="Renew secret").click()
    bob.page.get_by_text("Your secret is renewed").wait_for()
    assert secret_of(bob.page, tmp_path) != secret
    assert bob.page.evaluate("document.scrollingElement.scrollWidth") <= 375
    cyd.go(PATH)
    assert cyd.page.get_by_role("link", name="config.zip").count() == 0

    ann.go(PATH)
    page.locator("summary", has_text="Change bob").click()
    page.get_by_role("button", name="Revoke for good").and_(page.locator(":visible")).click()
    page.get_by_text("Revoked: bob").wait_for()
    bob.go(PATH)
    bob.page.get_by_text("which is final").wait_for()

    ann.go("/groups")
    page.get_by_role("link", name=f"Leave… {NAME}").click()
    page.get_by_label(f"Delete {NAME} by leaving it").check()
    page.get_by_role("button", name=f"Leave {NAME}").click()
    page.get_by_text("and it is deleted").wait_for()
    bob.go("/groups")
    bob.page.get_by_role("heading", name="No group yet").wait_for()
    assert ann.complaints == bob.complaints == cyd.complaints == []
