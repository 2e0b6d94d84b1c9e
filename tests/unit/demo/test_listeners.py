import errno
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2ppool.demo.listeners import MOST, claim, host_addresses
from p2ppool.errors import UserError
from tests.lab.fixtures import own_address


class TestAddresses:
    def test_they_follow_the_first_one(self):
        assert host_addresses("127.77.0.254", 3) == ["127.77.0.254", "127.77.0.255", "127.77.1.0"]

    @given(st.integers(1, 20), st.ip_addresses(v=4, network="127.0.0.0/8"))
    def test_they_are_all_different_and_on_this_machine_or_refused(self, count, first):
        try:
            addresses = host_addresses(str(first), count)
        except UserError:
            assert int(first) + count > 2**31
            return
        assert len(set(addresses)) == count
        assert all(address.startswith("127.") for address in addresses)

    @pytest.mark.parametrize(
        "first", ["10.0.0.1", "126.255.255.255", "::1", "", "host\nname", "127.77.0.0.1", "255.255.255.255"]
    )
    def test_only_loopback_will_do(self, first):
        with pytest.raises(UserError) as refused:
            host_addresses(first, 2)
        assert "\n" not in str(refused.value)

    @pytest.mark.parametrize("count", [-1, 0, MOST + 1])
    def test_a_silly_number_is_refused(self, count):
        with pytest.raises(UserError, match=str(count)):
            host_addresses("127.77.0.1", count)


class TestClaim:
    @pytest.fixture
    def addresses(self):
        return host_addresses(own_address(), 3)

    def test_any_port_means_the_same_port_everywhere(self, addresses):
        listeners = claim(addresses, 0)
        assert [listener.getsockname()[0] for listener in listeners] == addresses
        assert len({listener.getsockname()[1] for listener in listeners}) == 1
        for listener in listeners:
            listener.close()

    def test_a_port_in_use_on_one_address_is_refused_and_the_others_are_let_go(self, addresses):
        with socket.create_server((addresses[-1], 0)) as taken:
            port = taken.getsockname()[1]
            with pytest.raises(UserError, match=f"port {port} .* in use"):
                claim(addresses, port)
        for address in addresses:
            socket.create_server((address, port)).close()

    @pytest.mark.parametrize("port", [-1, 65536])
    def test_what_is_no_port_is_refused(self, addresses, port):
        with pytest.raises(UserError, match=str(port)):
            claim(addresses, port)

    def test_other_refusals_of_the_system_are_passed_on_in_one_line(self, addresses, monkeypatch):
        def refuse(*_, **__):
            raise PermissionError(errno.EACCES, "Permission denied")

        monkeypatch.setattr("p2ppool.demo.listeners.create_server", refuse)
        with pytest.raises(UserError, match=r"port 22 \(Permission denied\)"):
            claim(addresses, 22)
