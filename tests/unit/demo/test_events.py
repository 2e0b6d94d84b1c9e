"""The hosts' own record of what happened on them."""

import json
import os
import signal
import socket
import time

import pytest

from p2ppool.demo.events import DemoEvent, EventLog, read_events
from p2ppool.demo.hosts import DemoHosts
from p2ppool.errors import UserError
from tests.lab.fixtures import own_address
from tests.lab.hosts.ssh_client import login, run
from tests.lab.waiting import eventually

CAREFREE = "echo $$; exec sleep 600"  # lives on without its client


class TestLog:
    def test_what_was_noted_is_read_back(self, tmp_path):
        before = time.time()
        with EventLog(tmp_path) as log:
            log.note(1, "opened")
            log.note(1, "closed")
        first, second = read_events(tmp_path, 7)
        assert (first.host, first.connection, first.event) == (7, 1, "opened")
        assert second.event == "closed"
        assert before <= first.t <= second.t <= time.time()

    def test_it_is_one_json_object_a_line_and_there_at_once(self, tmp_path):
        with EventLog(tmp_path) as log:
            log.note(3, "command")
            (line,) = (tmp_path / "events.jsonl").read_text().splitlines()
            noted = json.loads(line)
            assert isinstance(noted.pop("t"), float)
            assert noted == {"connection": 3, "event": "command"}

    def test_connections_have_numbers_of_their_own(self, tmp_path):
        with EventLog(tmp_path) as log:
            assert len({log.new_connection() for _ in range(100)}) == 100

    def test_a_new_log_is_empty_and_makes_its_folder(self, tmp_path):
        folder = tmp_path / "host-1"
        for _ in range(2):
            with EventLog(folder) as log:
                assert read_events(folder, 1) == []
                log.note(1, "opened")

    def test_a_host_that_never_ran_has_no_events(self, tmp_path):
        assert read_events(tmp_path, 1) == []

    def test_a_line_half_written_is_left_for_later(self, tmp_path):
        with EventLog(tmp_path) as log:
            log.note(1, "opened")
        with (tmp_path / "events.jsonl").open("a") as file:
            file.write('{"t": 1.5, "connec')
            file.flush()
            assert [event.event for event in read_events(tmp_path, 1)] == ["opened"]
            file.write('tion": 1, "event": "closed"}\n')
        assert read_events(tmp_path, 1)[-1] == DemoEvent(1, 1.5, 1, "closed")

    def test_a_log_that_can_not_be_written_is_named(self, tmp_path):
        (tmp_path / "events.jsonl").mkdir()
        with pytest.raises(UserError, match=r"events\.jsonl"):
            EventLog(tmp_path)


@pytest.fixture
def hosts(tmp_path, ssh_key):
    """Two running demo hosts that nothing has happened on."""
    key = ssh_key.public_line
    with DemoHosts(tmp_path / "hosts", 2, authorized_key=key, port=0, first_address=own_address()) as hosts:
        yield hosts


def pair(hosts, number):
    return hosts.addresses[number - 1].split(":")[0], hosts.port


def noted(hosts, connection=None):
    return [event.event for event in hosts.events() if connection in {None, event.connection}]


def wait_for(hosts, event, count=1):
    eventually(lambda: noted(hosts).count(event) == count)


def started(transport, command):
    """The pid that the command tells."""
    channel = transport.open_session(timeout=10)
    channel.exec_command(command)
    return int(channel.makefile().readline())


class TestHosts:
    def test_a_connection_is_noted_from_its_beginning_to_its_end(self, hosts, ssh_key):
        before = time.time()
        with login(pair(hosts, 2), ssh_key.private_pem) as transport:
            run(transport, "true")
            run(transport, "false")
        wait_for(hosts, "closed")
        assert noted(hosts) == ["opened", "command", "ended", "command", "ended", "closed"]
        events = hosts.events()
        assert {(event.host, event.connection) for event in events} == {(2, events[0].connection)}
        assert before <= events[0].t <= events[-1].t <= time.time()

    def test_who_never_logs_in_is_noted_too(self, hosts):
        with socket.create_connection(pair(hosts, 1), timeout=10):
            wait_for(hosts, "opened")
            assert "closed" not in noted(hosts)
        wait_for(hosts, "closed")
        assert noted(hosts) == ["opened", "closed"]

    def test_connections_at_the_same_time_are_distinguished(self, hosts, ssh_key):
        with login(pair(hosts, 1), ssh_key.private_pem) as first:
            with login(pair(hosts, 1), ssh_key.private_pem) as second:
                run(second, "true")
            wait_for(hosts, "closed")
            run(first, "true")
            run(first, "true")
        wait_for(hosts, "closed", 2)
        one, two = dict.fromkeys(event.connection for event in hosts.events())
        assert noted(hosts, one) == ["opened", *(["command", "ended"] * 2), "closed"]
        assert noted(hosts, two) == ["opened", "command", "ended", "closed"]

    def test_the_events_of_all_hosts_are_in_order(self, hosts, ssh_key):
        for number in (2, 1, 2):
            with login(pair(hosts, number), ssh_key.private_pem) as transport:
                run(transport, "true")
        wait_for(hosts, "closed", 3)
        assert [event.host for event in hosts.events() if event.event == "command"] == [2, 1, 2]
        assert hosts.events() == sorted(hosts.events(), key=lambda event: event.t)

    def test_a_command_that_outlives_its_connection_ends_when_its_process_does(self, hosts, ssh_key):
        with login(pair(hosts, 1), ssh_key.private_pem) as transport:
            pid = started(transport, CAREFREE)
        wait_for(hosts, "closed")
        assert "ended" not in noted(hosts)
        os.kill(pid, signal.SIGKILL)
        wait_for(hosts, "ended")

    def test_a_command_has_ended_even_if_a_child_of_it_holds_all_its_streams(self, hosts, ssh_key):
        with login(pair(hosts, 1), ssh_key.private_pem) as transport:
            child = started(transport, "exec 3<&0; sleep 600 <&3 & echo $!")
            wait_for(hosts, "ended")
            os.kill(child, 0)  # it lives
            assert "closed" not in noted(hosts)
            os.kill(child, signal.SIGKILL)

    def test_a_stop_is_the_end_of_everything(self, hosts, ssh_key):
        with login(pair(hosts, 1), ssh_key.private_pem) as transport:
            started(transport, CAREFREE)
            hosts.stop()
            assert sorted(noted(hosts)) == ["closed", "command", "ended", "opened"]

    def test_a_start_forgets_the_run_before(self, hosts, ssh_key):
        with login(pair(hosts, 1), ssh_key.private_pem):
            wait_for(hosts, "opened")
        hosts.stop()
        assert hosts.events()
        hosts.start()
        assert hosts.events() == []

    def test_a_start_that_is_refused_forgets_nothing(self, hosts, ssh_key):
        with login(pair(hosts, 1), ssh_key.private_pem):
            wait_for(hosts, "opened")
            second = DemoHosts(
                hosts.folder, 2, authorized_key=ssh_key.public_line, port=0, first_address=own_address()
            )
            with pytest.raises(UserError):
                second.start()
            assert noted(hosts) == ["opened"]
