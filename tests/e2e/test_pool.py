"""One pool from nothing to a healed ring, by the command line, on real sshd; test_demo has demo hosts."""

import io
import json
import zipfile
from pathlib import Path

import httpx
import pytest

from tests.lab.hosts.faults import Proxy, refused
from tests.lab.hosts.ssh_client import login, run
from tests.lab.waiting import eventually
from tests.lab.web.signed_in import session_cookies

pytestmark = [pytest.mark.root, pytest.mark.parametrize("fleet", ["sshd"], indirect=True, scope="session")]


def whole(nodes):
    """Whether a snapshot shows a ring of so many nodes that agree."""
    return lambda snapshot: (snapshot["answered"], snapshot["consistency"]) == (nodes, 1.0)


def test_a_pool_is_created_crawled_and_listed(manager, fleet, create):
    nodes = len(fleet.addresses) + 1
    created = create("whole")
    assert created["outcome"] == "done", created
    manager.crawl_until("whole", whole(nodes))

    (row,) = [row for row in manager.json("pool", "list") if row["name"] == "whole"]
    assert (row["nodes"], row["consistency"], row["failed"]) == (f"{nodes}/{nodes}", 1.0, 0)
    status = manager.status("whole")
    assert {host["result"] for host in status["hosts"]} == {"done"}
    assert [action["action"] for action in status["actions"]][-1] == "create"


def test_creating_it_again_changes_nothing_on_the_hosts(manager, fleet, create):
    create("again", fleet.addresses[:2])
    before = [pid_of(fleet, address, "again") for address in fleet.addresses[:2]]
    assert create("again", fleet.addresses[:2])["outcome"] == "done"
    assert [pid_of(fleet, address, "again") for address in fleet.addresses[:2]] == before


def test_a_pool_that_differs_is_refused(manager, fleet, create):
    create("once", fleet.addresses[:1])
    refused = create("once", fleet.addresses[:2])
    assert (refused["outcome"], refused["message"]) == (
        "failed",
        "pool once exists with another host list: choose another name",
    )


def test_several_nodes_a_process_all_join(manager, fleet, create):
    assert create("many", fleet.addresses[:2], "--nodes-per-process", "3")["outcome"] == "done"
    manager.crawl_until("many", whole(2 * 3 + 1))


def test_an_export_asked_for_in_prefect_lies_with_the_pools_files(manager, fleet, create):
    assert create("whole")["outcome"] == "done"
    manager.crawl_until("whole", whole(len(fleet.addresses) + 1))
    asked = {"pool": "whole", "kind": "node-stats", "from_day": "2026-01-01", "columns": ["node", "state"]}
    with manager.prefect() as api:
        run, wrong = (
            api.start("export-csv", asked | other, "test") for other in ({}, {"columns": ["nothing"]})
        )
        eventually(lambda: api.state(run).final and api.state(wrong).final, 90)
        assert api.state(wrong).name == "Failed"
        assert "has no column 'nothing'" in api.state(wrong).message
        rows = int(api.state(run).message.split(" rows, ")[0])
        found = api.call("POST", "/artifacts/filter", {"artifacts": {"flow_run_id": {"any_": [run]}}})
    (file,) = manager.json("pool", "files", "whole")
    assert (file["kind"], file["ticket"]) == ("export", None)
    lines = Path(file["file"]).read_bytes().split(b"\r\n")
    assert (lines[0], len(lines) - 2) == (b"node,state", rows)
    assert rows > len(fleet.addresses)
    assert {each["key"] for each in found} == {"export", "export-rows"}
    assert f"/pools/whole/files/{Path(file['file']).name}" in str(found)


def test_a_killed_node_is_named_and_the_ring_heals(manager, fleet, create):
    nodes = len(fleet.addresses) + 1
    create("wounded")
    manager.crawl_until("wounded", whole(nodes))
    run_on(fleet, fleet.addresses[0], f"kill -9 {pid_of(fleet, fleet.addresses[0], 'wounded')}")

    crawled = manager.json("pool", "crawl", "wounded")

    assert crawled["outcome"] == "done"
    snapshot = manager.status("wounded")["pool"]["snapshot"]
    assert (snapshot["answered"], snapshot["silent"] + snapshot["ghosts"]) == (nodes - 1, 1), crawled
    assert snapshot["seconds"] < 30  # a hang guard, no measure
    (unreachable,) = manager.status("wounded")["unheard"]
    assert (unreachable["host"], unreachable["state"] in {"silent", "ghost"}) == (fleet.addresses[0][0], True)
    manager.crawl_until("wounded", whole(nodes - 1))


def test_results_are_gathered_and_can_be_downloaded(manager, fleet, create):
    with refused() as nowhere:
        create("gathered", [*fleet.addresses[:2], nowhere])
        run_on(fleet, fleet.addresses[0], f"echo measured >{fleet.install_path}-gathered/node/run.db")
        done = manager.json("pool", "gather-results", "gathered")
    assert done["outcome"] == "partial", done
    file = Path(done["file"])
    assert done["message"] == f"gathered from 2 of 3 hosts (1 refused): 1 file, 9 bytes, in {file.name}"
    assert [row["file"] for row in manager.json("pool", "files", "gathered")] == [str(file)]

    address = f"http://127.0.0.1:{manager.web_port}/pools/gathered/files/{file.name}"
    assert httpx.get(address).status_code == 401
    pages = f"http://127.0.0.1:{manager.web_port}"
    cookies = session_cookies(pages, manager.store_url)
    downloaded = httpx.get(address, cookies=cookies).raise_for_status().content
    assert downloaded == file.read_bytes()
    with zipfile.ZipFile(io.BytesIO(downloaded)) as archive:
        hosts = json.loads(archive.read("manifest.json"))["hosts"]
        assert [host["result"] for host in hosts] == ["gathered", "nothing", "failed"]
        assert archive.read(hosts[0]["files"][0]["in_zip"]) == b"measured\n"

    logs = manager.run("pool", "gather-logs", "gathered")
    assert logs.returncode == 0, logs.stderr
    assert zipfile.is_zipfile(logs.stdout.splitlines()[-1])


def test_cancelling_in_prefect_ends_the_ticket_and_the_connections(manager, fleet, create):
    with Proxy(fleet.addresses[0], bytes_per_second=2000) as slow:
        run = create("called-off", [slow.address, *fleet.addresses[1:3]], "--no-wait")["run"]
        eventually(lambda: ticket(manager, "called-off") and ticket(manager, "called-off")["done"] == 2, 60)
        manager.cancel(run)
        ended = eventually(lambda: ended_ticket(manager, "called-off"), 60)
    assert ended["state"] == "cancelled"
    results = {host["address"]: host["result"] for host in manager.status("called-off")["hosts"]}
    assert results[f"{slow.address[0]}:{slow.address[1]}"] == "cancelled"
    assert list(results.values()).count("done") == 2
    eventually(lambda: manager.prefect_state(run)[0] == "CANCELLED", 60)


def ticket(manager, pool):
    done = manager.run("pool", "status", pool, "--json")
    return manager.status(pool)["actions"][0] if done.returncode == 0 else None


def ended_ticket(manager, pool):
    found = ticket(manager, pool)
    return found if found["state"] not in {"waiting", "running"} else None


def run_on(fleet, address, command):
    """What `command` prints on a host of the fleet."""
    with login(address, fleet.private_key, fleet.user) as transport:
        return run(transport, command).stdout.decode()


def pid_of(fleet, address, pool):
    """The node's pid on that host."""
    return int(run_on(fleet, address, f"cat {fleet.install_path}-{pool}/node/node.pid").split()[0])
