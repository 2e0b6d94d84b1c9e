"""The hosts file, line by line."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2ppool.fleet.inventory.hosts_file import BYTES_LIMIT, HOSTS_LIMIT, HostsFileError, read_hosts


@pytest.mark.parametrize(
    ("line", "name", "port"),
    [
        ("node1", "node1", 22),
        ("Node1.Example.ORG.", "node1.example.org", 22),
        ("node1:2222", "node1", 2222),
        ("  node1:2222\t# in the cellar", "node1", 2222),
        ("my_node-1.example", "my_node-1.example", 22),
        ("10.0.0.1", "10.0.0.1", 22),
        ("10.0.0.1:65535", "10.0.0.1", 65535),
        ("2001:DB8::0:1", "2001:db8::1", 22),
        ("[2001:db8::1]", "2001:db8::1", 22),
        ("[2001:db8::1]:2222", "2001:db8::1", 2222),
        ("xn--nxasmq6b.example", "xn--nxasmq6b.example", 22),
    ],
)
def test_a_line_names_a_host(line, name, port):
    [host] = read_hosts(line, default_port=22)
    assert (host.name, host.port, host.line) == (name, port, 1)


@pytest.mark.parametrize(
    "line",
    [
        *("node1:", "node1:0", "node1:65536", "node1:ssh", "node1:-1", "node1:\uff12", "node1: 22"),
        *("-node", "node-.example", "a..b", ".a", "a b", "user@node1", "http://node1", "node1/x", "nöde"),
        *("10.0.0.256", "10.0.0", "10.0.0.01", "1", "0x7f.1", "10.0.0.1.", "x" * 64, "a." * 130 + "a"),
        *("2001:db8::1:2::3", "[2001:db8::1", "[node1]:22", "[]", "[::1]22", "fe80::1%eth0", "::1]:22"),
        *("$(reboot)", "a;b", "node1#x", "a\x1b[2Jb", "a\u2028b", ":22"),
    ],
)
def test_a_line_that_is_no_host_is_named_with_its_number(line):
    with pytest.raises(HostsFileError, match=r"^line 3: ") as refused:
        read_hosts(f"good1\n\n{line}\ngood2\n", default_port=22)
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 200


def test_comments_blank_lines_a_byte_order_mark_and_windows_ends_are_fine():
    text = "\ufeff# ours\r\n\r\nnode1\r\n   \t\r\n  # theirs\r\nnode2:23 # slow\r\n"
    assert [(host.name, host.port, host.line) for host in read_hosts(text, 22)] == [
        ("node1", 22, 3),
        ("node2", 23, 6),
    ]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("node1", "NODE1."),
        ("node1", "node1:22"),
        ("::1", "[0:0::1]:22"),
        ("10.0.0.1:22", "10.0.0.1"),
    ],
)
def test_a_host_that_is_there_twice_is_named_with_both_lines(first, second):
    with pytest.raises(HostsFileError, match=r"line 3: .* is already on line 1"):
        read_hosts(f"{first}\nother\n{second}\n", 22)


def test_one_name_with_two_ports_is_two_hosts():
    assert len(read_hosts("node1:22\nnode1:23", 22)) == 2


def test_all_bad_lines_are_found_and_the_first_ten_reported():
    with pytest.raises(HostsFileError) as refused:
        read_hosts("\n".join(f"bad {number}" for number in range(42)), 22)
    assert len(refused.value.problems) == 42
    assert "line 10:" in str(refused.value)
    assert "line 11:" not in str(refused.value)
    assert "and 32 more" in str(refused.value)


@pytest.mark.parametrize("text", ["", "\n \n", "# nobody\n"])
def test_a_file_without_hosts_is_an_error(text):
    with pytest.raises(HostsFileError, match="names no host"):
        read_hosts(text, 22)


def test_a_file_may_not_be_endless():
    with pytest.raises(HostsFileError, match="too large"):
        read_hosts("a" * (BYTES_LIMIT + 1), 22)
    with pytest.raises(HostsFileError, match="at most 10,000"):
        read_hosts("\n".join(f"h{number}" for number in range(HOSTS_LIMIT + 1)), 22)


labels = st.text("abz09-_", max_size=20).map(lambda middle: f"h{middle}0")
names = st.lists(labels, min_size=1, max_size=4).map(".".join)
addresses = st.ip_addresses().map(str)
hosts = st.tuples(names | addresses, st.integers(1, 65535))


@given(st.lists(hosts, min_size=1, unique=True))
def test_what_a_host_prints_is_read_back_as_that_host(pairs):
    lines = [f"[{name}]:{port}" if ":" in name else f"{name}:{port}" for name, port in pairs]
    read = read_hosts("\n".join(lines), 22)
    assert [(host.name, host.port) for host in read] == pairs
    assert [str(host) for host in read] == lines


@given(st.text(max_size=200))
def test_any_text_is_either_hosts_or_one_line_of_errors(text):
    with suppress(HostsFileError):
        assert read_hosts(text, 22)
        return
    with pytest.raises(HostsFileError, match=r"\A[^\x00-\x1f\x7f]+\Z"):
        read_hosts(text, 22)
