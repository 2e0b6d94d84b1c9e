"""What holds on demo hosts and on real sshd hosts alike, so that a test may ask for either kind."""

import hashlib

import paramiko
import pytest

from tests.lab.hosts.keys import SshKey
from tests.lab.hosts.ssh_client import connect, login, run
from tests.lab.waiting import eventually

pytestmark = pytest.mark.slow


@pytest.fixture
def connection(fleet):
    with login(fleet.addresses[0], fleet.private_key) as transport:
        yield transport


def test_a_command_s_output_errors_and_exit_status_come_back_apart(connection):
    answer = run(connection, "echo out; echo err >&2; exit 7")
    assert (answer.stdout, answer.stderr, answer.status) == (b"out\n", b"err\n", 7)


def test_a_command_that_a_signal_ended_has_no_exit_status(connection):
    assert run(connection, "kill -9 $$").status == -1


def test_megabytes_stream_in(connection):
    data = bytes(range(256)) * 20_000
    assert run(connection, "sha256sum", data).stdout.split()[0] == hashlib.sha256(data).hexdigest().encode()


def test_megabytes_stream_out(connection):
    assert run(connection, "yes | head -c 5000000").stdout == b"y\n" * 2_500_000


def test_without_a_command_a_shell_reads_standard_input(connection):
    channel = connection.open_session(timeout=10)
    channel.invoke_shell()
    channel.sendall(b"echo hello\n")
    channel.shutdown_write()
    assert channel.makefile("rb").read() == b"hello\n"


def test_several_commands_share_a_connection(connection):
    slow = connection.open_session(timeout=10)
    slow.exec_command("cat")
    assert run(connection, "echo quick").stdout == b"quick\n"
    slow.sendall(b"still here")
    slow.shutdown_write()
    assert slow.makefile("rb").read() == b"still here"


def test_a_command_starts_in_the_user_s_own_home_with_little_around_it(fleet, monkeypatch, connection):
    home, folder, user, *environment = (
        run(connection, "echo $HOME; pwd; echo $USER; env").stdout.decode().split()
    )
    assert folder == home
    assert user == fleet.user
    assert not [entry for entry in environment if entry.startswith(("PYTEST", "VIRTUAL_ENV", "PYTHON"))]


def test_each_host_has_its_own_home(fleet):
    first, second = fleet.addresses[:2]
    with login(first, fleet.private_key) as transport:
        run(transport, "echo secret >mine")
    with login(second, fleet.private_key) as transport:
        assert run(transport, "cat mine").status != 0


def test_the_server_s_end_of_ssh_connection_is_the_host_s_own_address(fleet):
    for address, port in fleet.addresses:
        with login((address, port), fleet.private_key) as transport:
            told = run(transport, "echo $SSH_CONNECTION").stdout.decode().split()
            assert told == [*map(str, transport.sock.getsockname()), address, str(port)]


def test_each_host_has_its_own_host_key(fleet):
    keys = set()
    for address in fleet.addresses:
        with login(address, fleet.private_key) as transport:
            keys.add(transport.get_remote_server_key().asbytes())
    assert len(keys) == len(fleet.addresses)


def test_another_key_and_another_user_are_refused(fleet):
    with (
        pytest.raises(paramiko.AuthenticationException),
        login(fleet.addresses[0], SshKey.generate().private_pem),
    ):
        pass
    with (
        pytest.raises(paramiko.AuthenticationException),
        login(fleet.addresses[0], fleet.private_key, "root"),
    ):
        pass


def test_passwords_are_not_even_offered(fleet):
    with connect(fleet.addresses[0]) as transport, pytest.raises(paramiko.BadAuthenticationType) as refused:
        transport.auth_password(fleet.user, "secret")
    assert refused.value.allowed_types == ["publickey"]


class TestDroppedConnection:
    """As OpenSSH does it for commands without a terminal."""

    @pytest.fixture
    def other(self, fleet):
        with login(fleet.addresses[0], fleet.private_key) as transport:
            yield transport

    @staticmethod
    def started(transport, command):
        channel = transport.open_session(timeout=10)
        channel.exec_command(command)
        return int(channel.makefile().readline())

    @staticmethod
    def lives(transport, pid):
        return run(transport, f"kill -0 {pid}").status == 0

    def test_the_end_of_standard_input_lets_a_watchdog_end_its_group(self, connection, other):
        watched = self.started(connection, "sleep 1000 & echo $!; cat >/dev/null; kill 0")
        assert self.lives(other, watched)
        connection.close()
        eventually(lambda: not self.lives(other, watched))

    def test_what_writes_on_gets_a_broken_pipe(self, connection, other):
        writer = self.started(connection, "echo $$; exec yes")
        connection.close()
        eventually(lambda: not self.lives(other, writer))

    def test_a_node_in_its_own_session_lives_on(self, connection, other):
        node = self.started(
            connection, "setsid sleep 1000 </dev/null >/dev/null 2>&1 & echo $!; cat; touch dropped"
        )
        run(other, "rm -f dropped")
        connection.close()
        eventually(lambda: run(other, "test -e dropped").status == 0)
        assert self.lives(other, node)
        run(other, f"kill {node}")

    def test_what_does_not_watch_its_input_lives_on_too(self, connection, other):
        careless = self.started(
            connection, "echo $$; cat >/dev/null; touch dropped; exec sleep 1000 >/dev/null 2>&1"
        )
        run(other, "rm -f dropped")
        connection.close()
        eventually(lambda: run(other, "test -e dropped").status == 0)
        assert self.lives(other, careless)
        run(other, f"kill {careless}")


def test_a_client_s_signal_reaches_the_command(connection):
    channel = connection.open_session(timeout=10)
    channel.exec_command("trap 'echo got it; exit 3' TERM; echo ready; while :; do sleep 0.05; done")
    output = channel.makefile("rb")
    assert output.readline() == b"ready\n"
    request = paramiko.Message()
    request.add_byte(paramiko.common.cMSG_CHANNEL_REQUEST)
    request.add_int(channel.remote_chanid)
    request.add_string("signal")
    request.add_byte(b"\0")  # no reply wanted
    request.add_string("TERM")
    connection._send_user_message(request)
    assert output.read() == b"got it\n"
    assert channel.recv_exit_status() == 3


def test_nodes_can_be_interrupted(connection):
    """SIGINT must not reach them as ignored, which it is for what a shell starts in the background."""
    ignored = run(connection, "grep SigIgn /proc/self/status").stdout.split()[1]
    assert int(ignored, 16) & 0b10 == 0
