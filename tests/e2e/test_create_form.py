"""A pool from the form in the browser to nodes on real hosts."""

import pytest

from tests.lab.web.browser import Visitor, chromium
from tests.lab.web.signed_in import for_browser, session_cookies

__all__ = ["chromium"]

pytestmark = [pytest.mark.root, pytest.mark.parametrize("fleet", ["sshd"], indirect=True, scope="session")]


@pytest.fixture
def visitor(chromium, manager):
    base = f"http://127.0.0.1:{manager.web_port}"
    cookies = for_browser(base, session_cookies(base, manager.store_url))
    visitor = Visitor(chromium, base, {}, cookies=cookies, viewport={"width": 1400, "height": 1000})
    yield visitor
    visitor.close()
    assert visitor.complaints == []


def choose(page, field, words):
    page.locator(f"#new-pool-{field}").click()
    page.locator(".dash-dropdown-option", has_text=words).first.click()


def fill(page, **fields):
    for field, value in fields.items():
        page.locator(f"#new-pool-{field}").fill(str(value))


def test_a_pool_is_created_from_the_form_and_its_page_follows_it(manager, fleet, ports, visitor):
    page, hosts = visitor.page, fleet.addresses[:2]
    udp_port, rpc_port = ports[fleet.kind, "formed"]
    visitor.go("/new-pool")
    fill(page, name="formed", hosts="".join(f"{address}:{port}\n" for address, port in hosts))
    fill(page, ssh_user=fleet.user, install_path=f"{fleet.install_path}-formed")
    fill(page, udp_port=udp_port, rpc_port=rpc_port, failure_limit=20, description="From the browser")
    choose(page, "package", "reference-node")
    choose(page, "ssh_key", "lab")
    page.get_by_text("Test pool").click()

    page.get_by_role("button", name="Review").click()
    page.get_by_role("button", name="Check the hosts first").click()
    page.get_by_text("2 of 2 hosts ready for installation.").wait_for(timeout=60_000)
    page.get_by_role("button", name="Create pool").click()
    page.wait_for_url("**/pools/formed", timeout=90_000)
    page.locator(".history").get_by_text("installed on all 2 hosts").wait_for(timeout=90_000)

    status = manager.status("formed")
    assert [host["result"] for host in status["hosts"]] == ["done", "done"]
    assert status["pool"]["description"] == "From the browser"
    manager.crawl_until("formed", lambda snapshot: snapshot["answered"] == 3)
    (ticket,) = [one for one in status["actions"] if one["action"] == "create"]
    assert ticket["requester"] == "page ada"
    assert manager.run("pool", "edit", "formed", "--test").stdout == "pool formed: nothing has changed\n"
