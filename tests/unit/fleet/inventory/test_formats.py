"""Lists of hosts in the forms that others write: each read alike, whatever is wrong named by its line."""

from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from p2ppool.fleet.inventory.hosts_file import HostsFileError, HostsFormat, format_of, read_hosts

PLAIN = """
node1 jump=ada@bastion:2022
node2:23
manager
"""
CSV = """host;address;port;jump;rack
node1;10.0.0.1;;ada@bastion:2022;7
node2;;23.0;nan;8

manager;;;;
"""
ANSIBLE = """
[lab:children]
nodes

[lab:vars]
ansible_ssh_common_args='-o StrictHostKeyChecking=yes -o ProxyJump=ada@bastion:2022'

[nodes]  ; ours
node1 ansible_host=10.0.0.1
node2 ansible_port=23 ansible_ssh_common_args=""   # a straight way

[here]
me ansible_connection=local
"""
SSH_CONFIG = """
Host node1
    HostName 10.0.0.1
    ProxyJump ada@bastion:2022

host = node2
    Port 23
Host *.lab !x
    Port 99
"""


def read(text, **how):
    return [
        (host.name, host.port, host.where, str(host.jump or ""), host.is_manager)
        for host in read_hosts(text, 22, **how)
    ]


ONE = ("node1", 22, "10.0.0.1", "ada@bastion:2022", False)
TWO = ("node2", 23, "", "", False)
HERE = ("manager", 22, "", "", True)


@pytest.mark.parametrize(
    ("form", "text", "hosts"),
    [
        ("plain", PLAIN, [("node1", 22, "", "ada@bastion:2022", False), TWO, HERE]),
        ("csv", CSV, [ONE, TWO, HERE]),
        ("ansible", ANSIBLE, [ONE, TWO, HERE]),
        ("ssh_config", SSH_CONFIG, [ONE, TWO]),
    ],
)
def test_each_form_is_recognised_and_read(form, text, hosts):
    assert format_of(text) == form
    assert read(text) == hosts
    assert read(text, form=HostsFormat(form)) == hosts


def test_a_file_of_ipv6_addresses_is_no_inventory():
    assert read("[2001:db8::1]\n[2001:db8::2]:23\n")[1][:2] == ("2001:db8::2", 23)


def test_ranges_of_an_inventory_are_as_ansible_has_them():
    text = "[a]\nnode[08:10].x ansible_port=1\nrack-[a:c][1:5:4]\n"
    names = [name for name, *_ in read(text)]
    assert names == ["node08.x", "node09.x", "node10.x"] + [
        f"rack-{letter}{n}" for letter in "abc" for n in (1, 5)
    ]


def test_a_jump_host_may_be_named_by_its_alias():
    text = "Host gate\n HostName 10.0.0.9\n User ada\n Port 2022\nHost node1\n ProxyJump gate\n"
    assert read(text)[1] == ("node1", 22, "", "ada@10.0.0.9:2022", False)


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("node1 jump=a,b", 1, "one jump host only"),
        ("node1 jump=a;b@c", 1, "is not a user name"),
        ("node1 color=red", 1, "is no option here"),
        ("manager\nlocal", 2, "already on line 1"),
        ("manager address=here", 1, "not an IP address"),
        ("host,port\nnode1,ssh\n", 2, "is not a port"),
        ("host,port\n,22\n", 2, "no host in this line"),
        ("[a]\nnode[1:99999]", 2, "more than 10,000"),
        ("[a]\nnode[1:200][1:200][1:200]", 2, "more than 10,000"),
        ("[a]\nnode[1:9999]\nother[1:9999]\n" + "more[1:9999]\n" * 9999, 3, "more than 10,000"),
        ("[a]\n" + "node[1:9999]\n" * 9999, 12, "more than 100,000 hosts, repeated ones included"),
        ("".join(f"[a{n}:children]\na{n + 1}\n" for n in range(9999)), 2002, "more than 1,000 groups"),
        ("[a]\nnode[5:1]", 2, "empty range"),
        ("[a]\nnode1 x='", 2, "No closing quotation"),
        ("[a]\nnode1 ansible_ssh_common_args='-o ProxyCommand=nc'", 2, "ProxyCommand is not supported"),
        ("[a:hosts_of]\nnode1", 1, "is not a section"),
        ("Host a\nMatch exec reboot\n", 2, "is not supported"),
        ("Host a\n Port x\n", 2, "is not a port"),
        ("Host a\n ProxyJump b\nHost b\n ProxyJump c\n", 2, "not a chain"),
    ],
)
def test_what_cannot_be_used_is_named_with_its_line(text, line, says):
    with pytest.raises(HostsFileError, match=f"line {line}: .*{says}"):
        read_hosts(text, 22)


def test_all_that_is_wrong_is_reported_at_once():
    with pytest.raises(HostsFileError) as refused:
        read_hosts("host,port,jump\na,0,\nb,22,x@\n-c,22,\n", 22)
    assert [problem.split(":")[0] for problem in refused.value.problems] == ["line 2", "line 3", "line 4"]


def test_only_so_many_jump_hosts_are_taken():
    with pytest.raises(HostsFileError, match="names 65 jump hosts: at most 64"):
        read_hosts("".join(f"node{n} jump=gate{n}\n" for n in range(65)), 22)


words = st.sampled_from(
    ["host", "Host", "port", "[a]", "[a:vars]", "node[1:3]", "ansible_port=1", "jump=b", "manager", "a@b:1"]
)
texts = st.lists(st.lists(words | st.text(max_size=8), max_size=4), max_size=6).flatmap(
    lambda lines: st.sampled_from([" ", ",", ";", "="]).map(
        lambda by: "\n".join(by.join(line) for line in lines)
    )
)


@given(texts, st.none() | st.sampled_from(HostsFormat))
def test_any_text_in_any_form_is_hosts_or_one_line_of_errors(text, form):
    with suppress(HostsFileError):
        assert all(host.line >= 1 and 1 <= host.port <= 65535 for host in read_hosts(text, 22, form))
        return
    with pytest.raises(HostsFileError, match=r"\A[^\x00-\x1f\x7f]+\Z"):
        read_hosts(text, 22, form)


names = st.from_regex(r"[a-z][a-z0-9-]{0,8}[a-z0-9]", fullmatch=True)
users = st.from_regex(r"([a-z_][a-z0-9]{0,5})?", fullmatch=True)
rows = st.tuples(names, st.integers(1, 65535), st.none() | st.tuples(users, names, st.integers(1, 65535)))


@example([("na", 1, None), ("none", 22, None)])
@given(st.lists(rows, min_size=1, max_size=8, unique_by=lambda row: row[0]))
def test_the_same_hosts_are_read_from_every_form(found):
    jumps = [f"{jump[0]}@{jump[1]}:{jump[2]}".removeprefix("@") if jump else "" for _, _, jump in found]
    both = list(zip(found, jumps, strict=True))
    forms = {
        "plain": "\n".join(f"{n}:{p}" + f" jump={j}" * bool(j) for (n, p, _), j in both),
        "csv": "\n".join(["host,port,jump", *(f"{n},{p},{j}" for (n, p, _), j in both)]),
        "ansible": "[x]\n"
        + "\n".join(
            f"{n} ansible_port={p}" + f" ansible_ssh_common_args='-J {j}'" * bool(j) for (n, p, _), j in both
        ),
    }
    expected = [(n, p, "", j, False) for (n, p, _), j in both]
    for form, text in forms.items():
        assert read(text, form=HostsFormat(form)) == expected
