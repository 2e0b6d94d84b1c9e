"""What a manager may say of a pool, and the one line where it can't be used."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2ppool.errors import UserError
from p2ppool.pools.definition.spec import PoolSpec, read_spec

SOUND = {
    "name": "demo",
    "hosts": "127.0.0.1",
    "package": "reference-node",
    "ssh_key": "key",
    "ssh_user": "p2p",
}


def test_what_is_left_out_has_the_defaults_that_users_know():
    spec = read_spec(**SOUND)
    assert (spec.namespace, spec.install_path, spec.ssh_port, spec.nodes_per_process) == (
        "demo",
        ".p2ppool/demo",
        22,
        1,
    )
    assert (spec.udp_port, spec.tcp_port, spec.rpc_port) == (None, None, None)


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("name", "a;rm -rf /", "name 'a;rm -rf /' can't be used"),
        ("name", "../x", "name '../x' can't be used"),
        ("name", "", "name '' can't be used"),
        ("name", "x" * 300, "1 to 32 letters"),
        ("name", "-rf", "the first a letter or digit"),
        ("name", "a\nb", "name 'a b' can't be used"),
        ("name", "demo\n", None),  # white space around is forgiven
        ("namespace", "<x/>", "namespace '<x/>' can't be used"),
        ("install_path", "/", "install path '/' can't be used"),
        ("install_path", "~/", "install path '~/' can't be used"),
        ("install_path", "/tmp/../etc", "install path '/tmp/../etc' can't be used"),
        ("install_path", "/tmp/$(id)", "a path of letters, digits"),
        ("install_path", "/tmp/a b", "a path of letters, digits"),
        ("ssh_user", "-oProxyCommand=x", "the name of a user"),
        ("ssh_port", 0, "SSH port '0' can't be used"),
        ("udp_port", 70000, "udp port '70000' can't be used"),
        ("rpc_port", "ten", "RPC port 'ten' can't be used"),
        ("nodes_per_process", 0, "nodes per process '0' can't be used"),
        ("package", "../../etc/passwd", "NAME or NAME@VERSION"),
        ("ssh_key", "a/b", "the NAME of an added key"),
        ("surprise", 1, "surprise '1' can't be used"),
    ],
)
def test_what_cannot_be_used_is_stated_in_one_line(field, value, says):
    if says is None:
        assert read_spec(**SOUND | {field: value}).name == "demo"
        return
    with pytest.raises(UserError) as error:
        read_spec(**SOUND | {field: value})
    assert says in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("given_path", "kept"),
    [("/opt/p2p/", "/opt/p2p"), ("~/p2p", "p2p"), ("p2p", "p2p"), ("/srv/p2p/pool-1", "/srv/p2p/pool-1")],
)
def test_install_paths_are_kept_tidy(given_path, kept):
    assert read_spec(**SOUND | {"install_path": given_path}).install_path == kept


@given(st.text(max_size=400))
def test_no_text_becomes_a_name_that_means_anything_to_a_shell_or_a_path(text):
    try:
        name = read_spec(**SOUND | {"name": text}).name
    except UserError as error:
        name, complaint = "refused", str(error)
    else:
        complaint = ""
    assert "\n" not in complaint
    assert name.replace("-", "").replace("_", "").isascii()
    assert name.replace("-", "").replace("_", "").isalnum()


def test_a_spec_survives_the_way_through_prefect_as_json():
    spec = read_spec(**SOUND | {"udp_port": 15000})
    assert PoolSpec.model_validate(spec.model_dump(mode="json", exclude_none=True)) == spec
