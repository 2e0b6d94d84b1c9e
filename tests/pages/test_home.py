"""The list of pools and the form that makes one, in a real browser; Prefect is a stub that notes all."""

import os
import re

import httpx
import pytest

from p2ppool.keys.keyring import list_keys
from p2ppool.software.package.library import list_packages
from p2ppool.store.models import PoolState, TicketState
from p2ppool.store.unit_of_work import reading
from tests.lab.hosts.keys import SshKey
from tests.lab.manager.packages import another_reference_node
from tests.lab.manager.prefect_stub import prefect_stub
from tests.lab.past.history import a_bare_pool, a_crawl, a_pool, a_ticket, change_ticket
from tests.lab.waiting import eventually
from tests.lab.web.browser import EVIL, serving


@pytest.fixture(scope="module")
def prefect():
    with prefect_stub() as server:
        yield server


@pytest.fixture(scope="module")
def base(engine, data_folder, prefect):
    bounds = {"P2PPOOL_PACKAGE_MAX_BYTES": str(4 * 1024 * 1024)}
    with serving(data_folder, P2PPOOL_PREFECT_PORT=str(prefect.port), **bounds) as address:
        yield address


def card(page, name):
    found = page.locator(".card", has=page.get_by_role("link", name=name, exact=True))
    found.wait_for()
    return found


def said(page, text):
    page.locator(".told", has_text=text).wait_for()


def test_a_card_shows_how_the_pool_is_and_was(engine, visitor, page):
    a_pool(engine, "shown", nodes=9, failed=2, minutes_ago=90)
    for minutes, dead in ((60, 3), (30, 0)):
        a_crawl(engine, "shown", nodes=9, dead=dead, minutes_ago=minutes)
    visitor.go("/")
    shown = card(page, "shown")
    assert "9 of 9 nodes · 8 hosts" in shown.inner_text()
    assert shown.locator(".troubles").inner_text() == "2 hosts down"
    picture = shown.locator(".spark")
    assert "3 crawls" in picture.get_attribute("aria-label")
    assert "svg" in picture.locator("div").first.evaluate("line => getComputedStyle(line).maskImage")
    assert picture.bounding_box()["width"] > 200
    shown.locator(".card-face").click(position={"x": 120, "y": 8})  # anywhere on it
    page.wait_for_url("**/pools/shown")


def test_buttons_start_the_deployment_of_their_action(engine, visitor, page, prefect):
    a_pool(engine, "acted", nodes=4, failed=1)
    visitor.go("/")
    bar = card(page, "acted").locator(".card-bar")
    prefect.runs.clear()
    bar.get_by_role("button", name="Crawl: acted").click()
    said(page, "Crawl: requested")
    bar.get_by_text("More").click()
    bar.get_by_role("button", name="Verify: acted").click()
    said(page, "Verify: requested")
    assert not bar.get_by_role("button", name="Verify: acted").is_visible()
    bar.get_by_role("button", name="Retry failed (1): acted").click()
    said(page, "Retry of install")
    retried = {"pool": "acted", "retry_of": prefect.runs[2][1]["retry_of"]}
    assert [(action, parameters) for action, parameters, _ in prefect.runs] == [
        ("crawl", {"pool": "acted"}),
        ("verify", {"pool": "acted"}),
        ("install", retried),
    ]
    assert {tuple(tags) for *_, tags in prefect.runs} == {("requester:page ada",)}


def test_a_stop_asks_for_the_pools_name_and_escape_calls_it_off(engine, visitor, page, prefect):
    a_pool(engine, "doomed", nodes=4)
    a_ticket(engine, "doomed", "check", TicketState.RUNNING, done=1, total=3)
    visitor.go("/")
    prefect.runs.clear()
    bar, dialog = card(page, "doomed").locator(".card-bar"), page.get_by_role("dialog")

    def stop():
        bar.get_by_text("More").click()
        bar.get_by_role("button", name="Stop: doomed").click()
        dialog.get_by_text("Stop doomed?").wait_for()

    stop()
    page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")
    stop()
    assert "The running check (1 of 3) will be cancelled." in dialog.inner_text()
    sure = dialog.get_by_role("button", name="Stop")
    assert sure.is_disabled()
    dialog.get_by_label("To confirm").fill("shown")
    assert sure.is_disabled()
    dialog.get_by_label("To confirm").fill("doomed")
    sure.click()
    said(page, "Stop: requested")
    dialog.wait_for(state="hidden")
    assert [run[:2] for run in prefect.runs] == [("stop", {"pool": "doomed"})]


def test_an_install_asks_once_more(engine, visitor, page, prefect):
    a_pool(engine, "again", nodes=4)
    visitor.go("/")
    prefect.runs.clear()
    bar, dialog = card(page, "again").locator(".card-bar"), page.get_by_role("dialog")
    bar.get_by_text("More").click()
    bar.get_by_role("button", name="Install: again").click()
    dialog.get_by_role("button", name="Cancel").click()
    dialog.wait_for(state="hidden")
    bar.get_by_text("More").click()
    bar.get_by_role("button", name="Install: again").click()
    dialog.get_by_role("button", name="Install").click()
    said(page, "Install: requested")
    assert [run[:2] for run in prefect.runs] == [("install", {"pool": "again"})]


def test_news_leave_an_open_menu_and_the_focus_alone(engine, visitor, page):
    a_pool(engine, "steady", nodes=4)
    check = a_ticket(engine, "steady", "check", TicketState.RUNNING, done=1, total=3)
    visitor.go("/")
    shown = card(page, "steady")
    shown.get_by_text("1 of 3").wait_for()
    shown.get_by_text("More").click()
    shown.get_by_role("button", name="Verify: steady").focus()
    change_ticket(engine, check, done=2)
    shown.get_by_text("2 of 3").wait_for()
    assert shown.get_by_role("button", name="Verify: steady").is_visible()
    assert page.evaluate("document.activeElement.id") == "do-steady-verify"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.id") == "more-steady"
    assert not shown.get_by_role("button", name="Verify: steady").is_visible()


def test_of_many_pools_the_wanted_ones_are_found(engine, visitor, page):
    for number in range(6):
        a_bare_pool(engine, f"many{number}", hosts=1, description=EVIL, state=PoolState.SUSPENDED)
    visitor.go("/")
    card(page, "many3")
    assert EVIL in card(page, "many3").inner_text()
    page.get_by_label("Find pools").fill("MANY bold")
    page.get_by_text("6 of ").wait_for()
    eventually(lambda: page.locator(".card").count() == 6, 20)
    page.get_by_label("Find pools").fill("many nothing-like-that")
    page.get_by_text("No pool matches.").wait_for()
    assert page.locator("main img, main b:text('bold')").count() == 0
    assert page.evaluate("window.harmed") is None


def choose(page, field, words):
    page.locator(f"#new-pool-{field}").click()
    page.locator(".dash-dropdown-option", has_text=words).click()


def test_what_is_wrong_is_said_at_each_field_and_what_was_typed_stays(visitor, page):
    visitor.go("/new-pool")
    page.get_by_label("Name", exact=True).first.fill(EVIL)
    page.get_by_label("UDP port").fill("ten")
    page.get_by_label("Host list").fill("127.0.0.1\nbad host\n")
    page.get_by_label("UDP port").press("Tab")
    page.locator("#new-pool-udp_port-problem", has_text="wanted: a whole number").wait_for()
    page.locator("#new-pool-name-problem", has_text="<b>bold").wait_for()
    page.locator("#new-pool-hosts-problem", has_text="line 2").wait_for()
    assert page.locator("#new-pool-ssh_user-problem").inner_text() == ""
    page.get_by_role("button", name="Review").click()
    page.locator("#new-pool-ssh_user-problem", has_text="required").wait_for()
    assert page.get_by_label("UDP port").input_value() == "ten"
    assert page.locator("main img, main b:text('bold')").count() == 0


def add(group, says):
    """Send the chosen file until the answer comes: other tests' network interfaces may cut it off."""
    for _ in range(10):
        group.get_by_role("button", name="Add", exact=True).click()
        group.locator(".adding .said", has_text=re.compile(f"{re.escape(says)}|cut off")).wait_for()
        if says in group.locator(".adding .said").inner_text():
            return
    raise AssertionError("the upload was cut off again and again")


def test_a_pool_is_described_with_uploads_reviewed_and_asked_for(engine, visitor, page, prefect, tmp_path):
    package = another_reference_node(
        tmp_path / "my node.zip", os.urandom(600_000)
    )  # more than other requests
    (tmp_path / "bad.zip").write_bytes(b"nonsense")
    (tmp_path / "huge.zip").write_bytes(bytes(5 * 1024 * 1024))
    (tmp_path / "lab.key").write_bytes(SshKey.generate().private_pem)
    (tmp_path / "hosts.txt").write_text("127.0.0.1:2201\n127.0.0.1:2202\n")
    visitor.go("/new-pool")
    page.get_by_label("Name", exact=True).first.fill("formed")
    page.get_by_label("User", exact=True).fill("p2p")

    software, hosts = page.locator(".group.software"), page.locator(".group.hosts")
    for name, says in (("huge.zip", "larger than 4.0 MiB"), ("bad.zip", "bad.zip")):
        if not software.locator(".adding").evaluate("details => details.open"):
            software.get_by_text("Add a package").click()
        software.locator("input[type=file]").set_input_files(tmp_path / name)
        software.locator(".said", has_text=says).wait_for()
    # A file's bytes are not shown to who stands in between: these requests are Chromium's own.
    page.route("**/uploads/**", lambda route: route.continue_())
    add(software, "package bad.zip: is not a zip file")
    visitor.complaints.clear()  # the browser tells of each answer that is an error
    software.locator("input[type=file]").set_input_files(package)
    add(software, "is there: python3")
    hosts.locator("details.adding").evaluate("details => { details.open = true }")
    hosts.locator("details.adding input[type=file]").set_input_files(tmp_path / "lab.key")
    add(hosts, "is there: ssh-ed25519")
    visitor.complaints[:] = [one for one in visitor.complaints if "ERR_NETWORK_CHANGED" not in one]
    hosts.locator(".upload[data-kind=hosts] input").set_input_files(tmp_path / "hosts.txt")
    page.get_by_text("2 lines, read as plain").wait_for()

    prefect.runs.clear()
    page.get_by_role("button", name="Review").click()
    page.get_by_role("heading", name="formed, as it would be created").wait_for()
    page.get_by_role("button", name="Check the hosts first").click()
    page.get_by_text("0 of 2 hosts ready for installation.").wait_for()
    page.get_by_role("button", name="Create pool").click()
    page.locator("#new-pool-told", has_text="formed opens once its creation starts").wait_for()
    ((action, parameters, _),) = prefect.runs
    with reading(engine) as work:
        (added,) = [one for one in list_packages(work) if one.name == "my-node"]
        assert "lab" in {key.name for key in list_keys(work)}
    spec = parameters["spec"]
    assert (action, spec["name"], spec["hosts"]) == ("create", "formed", "127.0.0.1:2201\n127.0.0.1:2202")
    assert (spec["package"], spec["ssh_key"]) == (f"my-node@{added.version}", "lab")
    a_bare_pool(engine, "formed")
    page.wait_for_url("**/pools/formed")


def test_no_other_path_takes_what_is_large(base, tmp_path):
    body = bytes(400_000)
    for path in ("/", "/uploads/keys", "/pools/x"):
        try:
            assert httpx.post(base + path, content=body).status_code == 413
        except httpx.TransportError:  # it closed the line while the rest was still being sent
            continue


def test_a_phones_width_is_enough(engine, phone):
    a_pool(engine, "pocket", nodes=9, failed=2)
    for path, ready in (("/", "#more-pocket"), ("/new-pool", "#new-pool-review")):
        phone.go(path)
        phone.page.wait_for_selector(ready)
        if path == "/":
            phone.page.locator(ready).click()
        assert phone.page.evaluate("document.scrollingElement.scrollWidth") <= 375
