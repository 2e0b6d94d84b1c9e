"""OpenSSH's known_hosts, as its own ssh-keygen writes and reads it."""

import subprocess

import pytest

from p2ppool.fleet.transport.known_hosts import KnownKey, LeftOut, matches, read_known_hosts
from tests.lab.hosts.keys import SshKey

KEY = SshKey.generate().public_line


@pytest.mark.parametrize(
    ("pattern", "name", "port", "expected"),
    [
        ("192.0.2.1", "192.0.2.1", 22, True),
        ("192.0.2.1", "192.0.2.1", 2222, False),
        ("192.0.2.1", "192.0.2.11", 22, False),
        ("[192.0.2.1]:2222", "192.0.2.1", 2222, True),
        ("[192.0.2.1]:2222", "192.0.2.1", 22, False),
        ("node,192.0.2.1", "node", 22, True),
        ("*.example.org", "a.example.org", 22, True),
        ("*.example.org,!a.example.org", "a.example.org", 22, False),
        ("[*.example.org]:2222", "a.example.org", 2222, True),
        ("node?", "node1", 22, True),
        ("NODE", "node", 22, True),
        ("|1|bad|bad", "node", 22, False),
        ("|1|ä|bad", "node", 22, False),
        ("|1|YmFk|ä", "node", 22, False),
    ],
)
def test_a_pattern_names_the_hosts_that_openssh_says(pattern, name, port, expected):
    assert matches(pattern, name, port) is expected


@pytest.mark.parametrize(("name", "port"), [("192.0.2.1", 22), ("192.0.2.1", 2222), ("node.example.org", 22)])
def test_a_hashed_name_is_recognised(tmp_path, name, port):
    file = tmp_path / "known_hosts"
    file.write_text(f"{name if port == 22 else f'[{name}]:{port}'} {KEY}\n")
    subprocess.run(["ssh-keygen", "-H", "-f", file], check=True, capture_output=True)
    [known] = read_known_hosts(file.read_text())
    assert known.pattern.startswith("|1|")
    assert matches(known.pattern, name, port)
    assert not matches(known.pattern, name, port + 1)
    assert not matches(known.pattern, f"{name}x", port)


def test_lines_are_keys_or_say_why_not():
    kind, key = KEY.split()[:2]
    damaged = f"node {kind} {key[:-4]}===="
    text = f"# a comment\n\nnode {KEY} comment\n@revoked node {KEY}\nnode ssh-dss AAAA\n{damaged}\nx\n"
    assert list(read_known_hosts(text)) == [
        KnownKey("node", f"{kind} {key}"),
        LeftOut(4, "@revoked lines are not supported"),
        LeftOut(5, "keys of the kind ssh-dss are not used"),
        LeftOut(6, "its key is damaged"),
        LeftOut(7, "hosts, a kind of key and a key were expected"),
    ]


def test_what_is_left_out_is_quoted_as_text():
    text = f"node \x1b[31m\x07 AAAA\n@\x1b[2J\x9b node {KEY}\n"
    found = list(read_known_hosts(text))
    assert [each.line for each in found] == [1, 2]
    assert all(each.why.isprintable() for each in found)
