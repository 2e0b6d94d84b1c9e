"""The story of a group, told by three users in a real browser, from their registration on."""

import io
import re
import zipfile

import pytest

from tests.lab.past.history import a_bare_pool
from tests.lab.web.browser import Visitor, serving
from tests.lab.web.group_client import Machine, fault_of

pytestmark = [
    pytest.mark.filterwarnings("ignore:Parsed a serial number"),  # the original's can be negative,
    pytest.mark.filterwarnings("ignore:Attribute's length"),  # and its names empty
]

NAME = "river lab@acis"
PATH = "/groups/river%20lab%40acis"
PASSWORD = "four words by the river"
PHONE = {"width": 375, "height": 780}


@pytest.fixture(scope="module")
def base(engine, data_folder):
    a_bare_pool(engine)
    with serving(data_folder) as address:
        yield address


@pytest.fixture
def window(chromium, base, scripts):
    """Opens a window of somebody whom the server does not know; `cookies=None`: of its manager."""
    windows = []

    def window(cookies=(), **options):
        cookies = None if cookies is None else list(cookies)
        windows.append(Visitor(chromium, base, scripts, cookies=cookies, **options))
        return windows[-1]

    yield window
    for one in windows:
        one.close()


def register(visitor, name):
    page = visitor.page
    visitor.go("/")
    page.get_by_role("link", name="Register").click()
    page.get_by_label("Name").fill(name)
    page.get_by_label("Mail address").fill(f"{name}@example.org")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Repeat password").fill(PASSWORD)
    page.get_by_role("button", name="Register").click()
    page.get_by_text("A manager will decide").wait_for()


def let_in(manager, *names):
    manager.go("/users")
    for name in names:
        manager.page.get_by_role("button", name=f"Accept {name}").click()
        manager.page.get_by_role("button", name=f"Password link for {name}").wait_for()


def sign_in(visitor, name):
    visitor.go("/sign-in")
    visitor.page.get_by_label("Name").fill(name)
    visitor.page.get_by_label("Password").fill(PASSWORD)
    visitor.page.get_by_role("button", name="Sign in").click()
    visitor.page.wait_for_url(re.compile(r"^http://[^/]+/$"))


def become_users(manager, **people):
    for name, visitor in people.items():
        register(visitor, name)
    let_in(manager, *people)
    for name, visitor in people.items():
        sign_in(visitor, name)


def config_of(page, tmp_path):
    """The member's config.zip."""
    with page.expect_download() as download:
        page.get_by_role("link", name="config.zip").first.click()
    place = tmp_path / "config.zip"
    download.value.save_as(place)
    return place.read_bytes()


def secret_in(config):
    with zipfile.ZipFile(io.BytesIO(config)) as archive:
        files = {name: archive.read(name).decode("latin-1") for name in archive.namelist()}
    assert set(files) == {
        "node.config",
        "ipop.config",
        "dhcp.config",
        "bootstrap.config",
        "cacert",
        "webcert",
    }
    assert f"<Group>{NAME}</Group>" in files["ipop.config"]
    return re.search("<Secret>(.{20})</Secret>", files["ipop.config"])[1]


def make_group(visitor):
    page = visitor.page
    visitor.go("/groups/new")
    page.get_by_label("Name", exact=True).fill(NAME)
    page.get_by_label("Description").fill("machines along the river")
    page.get_by_label("Terms of service").fill("be kind to all")
    assert not page.get_by_role("textbox", name="Transport addresses", include_hidden=True).is_visible()
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
    page.locator(".site a[aria-current=page]", has_text="Pools").wait_for()
    page.get_by_role("link", name="Groups").click()
    page.locator(".site a[aria-current=page]", has_text="Groups").wait_for()
    page.get_by_role("link", name=f"Join… {NAME}").click()
    page.get_by_text("be kind to all").wait_for()
    page.get_by_label("I accept them").check()
    page.get_by_role("button", name="Ask to join").click()
    page.get_by_text("asked to join").wait_for()


def ask_without_scripts(visitor):
    visitor.go(f"{PATH}/join")
    visitor.page.get_by_label("I accept them").check()
    visitor.page.get_by_role("button", name="Ask to join").click()
    visitor.page.wait_for_url(f"**{PATH}")


def decide(admin, accept, deny):
    page = admin.page
    admin.go("/groups")
    page.get_by_role("link", name="2 requests to join").click()
    page.get_by_role("checkbox", name=accept).focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Accept selected").click()
    page.get_by_text(f"{accept} is now a member.").wait_for()
    page.get_by_role("checkbox", name=deny).check()
    page.get_by_role("button", name="Deny selected").click()
    page.get_by_text(f"{deny} was denied.").wait_for()


def test_a_group_from_its_making_to_a_revocation(window, tmp_path):
    ann, bob, cyd = window(), window(viewport=PHONE), window(java_script_enabled=False)
    page = ann.page
    become_users(window(cookies=None), ann=ann, bob=bob, cyd=cyd)
    make_group(ann)
    ask_to_join(bob)
    ask_without_scripts(cyd)
    decide(ann, accept="bob", deny="cyd")

    bob.go(PATH)
    config = config_of(bob.page, tmp_path)
    machine = Machine(config)
    number = machine.submit()
    assert machine.certificate(number)
    assert machine.revoked() == ()
    bob.page.get_by_text("Renew secret…").click()
    bob.page.get_by_role("button", name="Renew secret").click()
    bob.page.get_by_text("Your secret was renewed").wait_for()
    assert secret_in(config_of(bob.page, tmp_path)) != secret_in(config)
    assert fault_of(machine.submit) == "Request denied."
    assert bob.page.evaluate("document.scrollingElement.scrollWidth") <= 375
    cyd.go(PATH)
    assert cyd.page.get_by_role("link", name="config.zip").count() == 0

    ann.go(PATH)
    page.locator("summary", has_text="Change bob").click()
    page.get_by_label("Yes, permanently").and_(page.locator(":visible")).check()
    page.get_by_role("button", name="Revoke bob").and_(page.locator(":visible")).click()
    page.get_by_text("Revoked: bob").wait_for()
    assert machine.revoked() == ("bob",)
    assert fault_of(machine.certificate, number) == "Request denied."
    bob.go(PATH)
    bob.page.get_by_text("permanently").wait_for()

    ann.go("/groups")
    page.get_by_role("link", name=f"Leave… {NAME}").click()
    page.get_by_label(f"Delete GroupVPN {NAME} by leaving").check()
    page.get_by_role("button", name=f"Leave {NAME}").click()
    page.get_by_text("and it was deleted").wait_for()
    bob.go("/groups")
    bob.page.get_by_role("heading", name="No groups yet").wait_for()
    assert ann.complaints == bob.complaints == cyd.complaints == []
