import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2ppool.node import address, config
from p2ppool.node.config import InvalidConfigError, StartError

CONFIGS = Path(__file__).parents[2] / "data" / "brunet-configs"
WITHOUT_ADDRESS = [
    path for path in sorted(CONFIGS.glob("*.config")) if b"<NodeAddress>" not in path.read_bytes()
]
WHOLE = CONFIGS / "node-xmlrpc.config"
LISTENER = '<EdgeListeners><EdgeListener type="udp"><port>15000</port></EdgeListener></EdgeListeners>'


def written(folder, body):
    path = folder / "node.config"
    path.write_text(f"<NodeConfig>{body}</NodeConfig>")
    return str(path)


def sound(extra="", namespace="Ring", listener=LISTENER):
    return f"<BrunetNamespace>{namespace}</BrunetNamespace>{listener}{extra}"


def test_a_config_as_a_manager_writes_it():
    loaded = config.load(str(WHOLE))
    assert loaded.namespace == "Lab_Ring"
    assert loaded.udp_port == 15000
    assert loaded.remotes == (("127.0.0.1", 15000),)
    assert loaded.unusable_remotes == ()
    assert loaded.address is None
    assert loaded.xmlrpc_port == 10000
    assert not loaded.wants_security


def test_a_config_as_a_real_node_rewrote_it():
    loaded = config.load(str(CONFIGS / "node-xmlrpc.after-first-start.config"))
    assert loaded.namespace == "G8"
    assert loaded.udp_port == 17600
    assert loaded.remotes == (("127.0.0.1", 17600), ("127.0.0.1", 17601))
    assert address.write(loaded.address) == "brunet:node:XWXRD552YLGBUS3JPEDIONQ4AHSHDMEU"
    assert loaded.xmlrpc_port == 10206


@pytest.mark.parametrize(
    ("name", "port", "xmlrpc_port", "security"),
    [
        ("netring-n1.config", 15000, 10000, False),
        ("node-device-nc.config", 15002, None, False),
        ("node-secure.config", 18000, 10300, True),
        ("node.config", 15001, None, False),
    ],
)
def test_every_captured_config_loads(name, port, xmlrpc_port, security):
    loaded = config.load(str(CONFIGS / name))
    assert (loaded.udp_port, loaded.xmlrpc_port, loaded.wants_security) == (port, xmlrpc_port, security)


@pytest.mark.parametrize("source", WITHOUT_ADDRESS, ids=lambda path: path.name)
@given(number=st.integers(0, address.RING - 1))
def test_the_address_written_is_read_and_all_else_stays_byte_for_byte(source, number, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / f"written-{source.name}"
    before = source.read_bytes()
    path.write_bytes(before)
    config.write_address(str(path), number)
    after = path.read_bytes()
    element = f"<NodeAddress>{address.write(number)}</NodeAddress>".encode()
    start = after.index(element)
    rest = after[:start].removesuffix(b"  ") + after[start + len(element) :].removeprefix(b"\n")
    assert rest == before
    assert config.load(str(path)) == config.load(str(source))._replace(path=str(path), address=number)


@pytest.mark.parametrize("inside", ["/>", " />", "></NodeAddress>", "> </NodeAddress>"])
def test_a_blank_address_is_filled_in(tmp_path, inside):
    body = sound("<!-- <NodeAddress/> --><NodeAddress{}<DevicesToBind/>")
    path = written(tmp_path, body.format(inside))
    assert config.load(path).address is None
    config.write_address(path, 2)
    filled = body.format(f">{address.write(2)}</NodeAddress>")
    assert Path(path).read_text() == f"<NodeConfig>{filled}</NodeConfig>"


def test_comments_namespaces_and_umlauts_survive(tmp_path):
    path = tmp_path / "node.config"
    opening = '<?xml version="1.0"?>\r\n<!-- für alle -->\r\n<NodeConfig xmlns:a="b" >'
    ending = "</NodeConfig >\r\n<!-- end -->"
    path.write_bytes(f"{opening}{sound()}\r\n{ending}".encode())
    config.write_address(str(path), 2)
    element = f"  <NodeAddress>{address.write(2)}</NodeAddress>\n"
    assert path.read_bytes() == f"{opening}{sound()}\r\n{element}{ending}".encode()


def test_mode_and_symlink_of_the_file_stay(tmp_path):
    path = Path(written(tmp_path, sound()))
    path.chmod(0o640)
    link = tmp_path / "link.config"
    link.symlink_to(path)
    config.write_address(str(link), 2)
    assert link.is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert config.load(str(path)).address == 2
    assert {file.name for file in tmp_path.iterdir()} == {"link.config", "node.config"}


def test_what_utf_16_would_spoil_is_left_as_it_is(tmp_path):
    path = Path(written(tmp_path, sound()))
    data = path.read_text().encode("utf-16")
    path.write_bytes(data)
    with pytest.raises(StartError, match="cannot write NodeAddress"):
        config.write_address(str(path), 2)
    assert path.read_bytes() == data


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no XML",
        "<NodeConfig>",
        "<Other/>",
        "<!DOCTYPE NodeConfig [<!ENTITY a 'b'>]><NodeConfig>&a;</NodeConfig>",
        "<NodeConfig>" + "<a>" * 100,
        f"<NodeConfig>{sound(listener=LISTENER.replace('15000', 'abc'))}</NodeConfig>",
        f"<NodeConfig>{sound(listener=LISTENER.replace('15000', '-1'))}</NodeConfig>",
        f"<NodeConfig>{sound(listener=LISTENER.replace('15000', ''))}</NodeConfig>",
        f"<NodeConfig>{sound('<NodeAddress>brunet:node:AAAA</NodeAddress>')}</NodeConfig>",
        f"<NodeConfig>{sound('<XmlRpcManager><Enabled>maybe</Enabled></XmlRpcManager>')}</NodeConfig>",
        f"<NodeConfig>{sound('<XmlRpcManager><Enabled>true</Enabled><Port>x</Port></XmlRpcManager>')}</NodeConfig>",
        "<NodeConfig>" + " " * (1 << 20) + "</NodeConfig>",
    ],
    ids=range(13),
)
def test_what_cannot_be_understood_is_an_invalid_config(tmp_path, text):
    path = tmp_path / "node.config"
    path.write_text(text)
    with pytest.raises(InvalidConfigError) as caught:
        config.load(str(path))
    assert caught.value.status == 255
    assert str(caught.value).startswith(f"Invalid NodeConfig file: {path}: ")
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (sound(namespace=""), "BrunetNamespace is missing or empty"),
        (LISTENER, "BrunetNamespace is missing or empty"),
        (sound(namespace="x" * 256), "BrunetNamespace is longer than 255 bytes"),
        (sound(listener=""), "no EdgeListener of type udp"),
        (sound(listener=LISTENER.replace("udp", "tcp")), "no EdgeListener of type udp"),
        (sound(listener=LISTENER.replace("udp", "pigeon")), "unknown type 'pigeon'"),
        (sound(listener=LISTENER.replace("15000", "70000")), "port 70000 is out of range"),
    ],
)
def test_what_no_node_could_run_with_is_stated(tmp_path, body, reason):
    with pytest.raises(StartError, match=reason) as caught:
        config.load(written(tmp_path, body))
    assert caught.value.status == 1


def test_a_listener_without_a_port_takes_any(tmp_path):
    tcp = '<EdgeListener type="tcp"><port>1</port></EdgeListener>'
    listener = f'<EdgeListeners>{tcp}<EdgeListener type="udp"/></EdgeListeners>'
    assert config.load(written(tmp_path, sound(listener=listener))).udp_port == 0


def test_remote_addresses_of_other_kinds_are_distinguished(tmp_path):
    texts = [
        "brunet.udp://10.0.0.1:1/",
        "brunet.tcp://10.0.0.2:2",
        "brunet.udp://host.example:3",
        "10.0.0.4:4",
        "brunet.udp://10.0.0.5:0",
    ]
    transports = "".join(f"<Transport>{text}</Transport>" for text in texts)
    loaded = config.load(written(tmp_path, sound(f"<RemoteTAs>{transports}</RemoteTAs>")))
    assert loaded.remotes == (("10.0.0.1", 1), ("host.example", 3))
    assert loaded.unusable_remotes == ("10.0.0.4:4",)


@given(data=st.binary(max_size=300))
def test_bytes_at_random_never_load(data, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "random.config"
    path.write_bytes(data)
    with pytest.raises(StartError):
        config.load(str(path))
