"""Slow hosts: a thin link to every one of them."""

import asyncio
import hashlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2ppool.demo.hosts import DemoHosts
from p2ppool.demo.slow_link import SlowLink, refuse_bad_rate
from p2ppool.errors import UserError
from tests.lab.fixtures import own_address
from tests.lab.hosts.ssh_client import login, run
from tests.lab.waiting import eventually

pytestmark = pytest.mark.slow


class Clockwork(asyncio.SelectorEventLoop):
    """Nothing is waited for: the clock jumps to whatever is due next."""

    def __init__(self):
        super().__init__()
        self.now = 1000.0
        self._select, self._selector.select = self._selector.select, self._jump

    def time(self):
        return self.now

    def _jump(self, timeout):
        self.now += timeout or 0
        return self._select(0)


@pytest.fixture(scope="module")
def clockwork():
    with asyncio.Runner(loop_factory=Clockwork) as runner:
        yield runner


async def seconds_for(*sizes, link):
    """The time on the clock until all of `sizes`, each a command's whole input, have come through `link`."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    await asyncio.gather(*(carry_all(link, size) for size in sizes))
    return loop.time() - began


async def carry_all(link, size):
    while size:
        piece = min(size, link.piece)
        await link.carry(piece)
        size -= piece


class TestLine:
    @given(rate=st.integers(1, 10**9), seconds=st.integers(1, 20))
    def test_it_carries_as_much_a_second_as_it_is_given(self, clockwork, rate, seconds):
        async def measured():
            return await seconds_for(min(rate, 10**7) * seconds, link=SlowLink(rate))

        expected = min(rate, 10**7) * seconds / rate
        assert clockwork.run(measured()) == pytest.approx(expected, abs=0.06)

    def test_commands_of_one_connection_share_it(self, clockwork):
        async def measured():
            return await seconds_for(500, 500, link=SlowLink(100))

        assert clockwork.run(measured()) == pytest.approx(10, abs=0.06)

    def test_time_in_which_nothing_came_is_not_made_up_for(self, clockwork):
        async def measured():
            link = SlowLink(100)
            await carry_all(link, 100)
            await asyncio.sleep(60)
            return await seconds_for(1000, link=link)

        assert clockwork.run(measured()) == pytest.approx(10, abs=0.06)

    def test_a_wake_up_that_came_late_is_made_up_for(self, clockwork):
        async def measured():
            link = SlowLink(1000)
            loop = asyncio.get_running_loop()
            began = loop.time()
            for _ in range(200):
                await link.carry(50)
                loop.now += 0.01
            return loop.time() - began

        assert clockwork.run(measured()) == pytest.approx(10, abs=0.06)

    @given(rate=st.integers(1, 10**9))
    def test_pieces_are_small_and_never_empty(self, rate):
        piece = SlowLink(rate).piece
        assert 1 <= piece <= 64 * 1024
        assert piece == 1 or piece / rate <= 0.05

    @pytest.mark.parametrize("rate", [0, -1])
    def test_what_is_no_rate_is_refused(self, rate):
        with pytest.raises(UserError, match=f"{rate} bytes per second"):
            refuse_bad_rate(rate)


@pytest.fixture
def slow_host(tmp_path, ssh_key):
    """One demo host, not started yet, that a megabyte takes a quarter of an hour to."""
    hosts = DemoHosts(
        tmp_path / "hosts",
        1,
        authorized_key=ssh_key.public_line,
        port=0,
        first_address=own_address(),
        bytes_per_second=1000,
    )
    yield hosts
    hosts.stop()


@pytest.fixture
def transport(slow_host, ssh_key):
    with slow_host, login((slow_host.first_address, slow_host.port), ssh_key.private_pem) as transport:
        yield transport


def sending(transport, command, size):
    """The channel of a command that has been sent `size` bytes, or what the client may send unread of it."""
    channel = transport.open_session(timeout=10)
    channel.exec_command(command)
    channel.settimeout(1)  # the client notices only thus that no more is taken
    with suppress(TimeoutError):
        channel.sendall(bytes(size))
    return channel


def has_ended(hosts):
    return "ended" in [event.event for event in hosts.events()]


MEGABYTE = 1_000_000
MORE_THAN_IS_TAKEN = 8_000_000


class TestSlowHost:
    def test_what_comes_through_is_unharmed(self, slow_host, ssh_key):
        slow_host.bytes_per_second = 1_000_000
        data = bytes(range(256)) * 2000
        with slow_host, login((slow_host.first_address, slow_host.port), ssh_key.private_pem) as transport:
            answer = run(transport, "sha256sum", data).stdout.split()[0]
        assert answer == hashlib.sha256(data).hexdigest().encode()

    @pytest.mark.parametrize("size", [MEGABYTE, MORE_THAN_IS_TAKEN])
    @pytest.mark.parametrize("end", ["connection", "channel"])
    def test_the_input_of_a_client_that_hangs_up_ends_at_once_and_short(
        self, slow_host, transport, size, end
    ):
        channel = sending(transport, "cat >got", size)
        got = slow_host.homes[0] / "got"
        eventually(lambda: got.exists() and got.stat().st_size)
        (transport if end == "connection" else channel).close()
        eventually(lambda: has_ended(slow_host))
        assert 0 < got.stat().st_size < MEGABYTE

    def test_a_command_that_reads_nothing_does_not_hide_that_its_client_hung_up(self, slow_host, ssh_key):
        slow_host.bytes_per_second = 100_000_000
        with slow_host, login((slow_host.first_address, slow_host.port), ssh_key.private_pem) as transport:
            sending(transport, "while echo; do sleep 0.1; done", MORE_THAN_IS_TAKEN)
            assert not has_ended(slow_host)
            transport.close()
            eventually(lambda: has_ended(slow_host))

    def test_a_command_s_end_is_reported_while_its_input_still_comes(self, transport):
        answer = run(transport, "head -c 20 | wc -c", bytes(MEGABYTE))
        assert (answer.stdout, answer.status) == (b"20\n", 0)

    def test_output_comes_as_fast_as_it_goes(self, transport):
        assert len(run(transport, f"head -c {MEGABYTE} /dev/zero").stdout) == MEGABYTE

    def test_one_connection_does_not_hold_up_another(self, slow_host, transport, ssh_key):
        sending(transport, "cat", MEGABYTE)
        with login((slow_host.first_address, slow_host.port), ssh_key.private_pem) as other:
            assert run(other, "cat", b"quick").stdout == b"quick"

    def test_a_silly_rate_is_refused(self, slow_host):
        slow_host.bytes_per_second = 0
        with pytest.raises(UserError, match="0 bytes per second"):
            slow_host.start()
