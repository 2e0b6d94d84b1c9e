"""Reads a NodeConfig as Brunet writes it anew: the other half of p2ppool.software.bundle.node_config_xml."""

import re
import xml.etree.ElementTree as ET
from dataclasses import fields

from p2ppool.errors import UserError, one_line
from p2ppool.software.bundle.node_config import (
    EdgeListener,
    NCService,
    NodeConfig,
    Protocol,
    Security,
    TransportAddress,
    XmlRpcManager,
)
from p2ppool.software.bundle.node_config_xml import _element_name

# Enough for the transport addresses of about 20,000 hosts.
MAX_CONFIG_BYTES = 2 * 1024 * 1024
_MAX_DEPTH = 8
_BLOCK = 16 * 1024
_NUMBER = re.compile(r"[0-9]{1,9}")
_TRUTH = {"true": True, "1": True, "false": False, "0": False}


class NodeConfigError(UserError):
    """The text is not a node config; the message gives the reason in one line."""


def parse_node_config(data):
    """Parse the file's bytes, whoever wrote them.

    Raises:
        NodeConfigError: too large, not XML in UTF-8, with a DOCTYPE (thus entities), or not a NodeConfig.
        UserError: a value that a node can't use.
    """
    root = _tree(data)
    if root.tag != "NodeConfig":
        raise NodeConfigError(f"node config: the root is '{one_line(root.tag, 40)}' instead of NodeConfig")
    return NodeConfig(
        namespace=_text(root, "BrunetNamespace") or "",
        remote_tas=tuple(_met(text) for text in _texts(root, "RemoteTAs", "Transport")),
        edge_listeners=tuple(_listener(element) for element in _items(root, "EdgeListeners", "EdgeListener")),
        node_address=_text(root, "NodeAddress"),
        devices_to_bind=tuple(_texts(root, "DevicesToBind", "Device")),
        xml_rpc=_part(root, "XmlRpcManager", XmlRpcManager),
        nc_service=_part(root, "NCService", NCService),
        security=_part(root, "Security", Security),
    )


class _ShallowTree(ET.TreeBuilder):
    """Builds the tree; refuses deeply nested elements, each of which costs memory."""

    def __init__(self):
        super().__init__()
        self._depth = 0

    def start(self, tag: str, attrs: dict[str, str]):
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise NodeConfigError(f"node config: elements are nested more than {_MAX_DEPTH} deep")
        return super().start(tag, attrs)

    def end(self, tag: str):
        self._depth -= 1
        return super().end(tag)


def _tree(data: bytes):
    if len(data) > MAX_CONFIG_BYTES:
        raise NodeConfigError(f"node config: larger than {MAX_CONFIG_BYTES} bytes")
    try:
        text = data.decode("utf-8-sig")
        # Checked before parsing: the parser would continue to the end of a block in spite of an exception.
        if "<!DOCTYPE" in text:
            raise NodeConfigError("node config: a DOCTYPE is not allowed")
        return _parsed(text)
    except (ET.ParseError, ValueError) as error:
        raise NodeConfigError(f"node config: not XML in UTF-8: {one_line(error, 80)}") from error


def _parsed(text: str):
    parser = ET.XMLParser(target=_ShallowTree())
    for start in range(0, len(text), _BLOCK):
        parser.feed(text[start : start + _BLOCK])
    return parser.close()


def _child(parent: ET.Element, name: str):
    found = parent.findall(name)
    if len(found) > 1:
        raise NodeConfigError(f"node config: {name} occurs more than once")
    return found[0] if found else None


def _text(parent: ET.Element, name: str):
    child = _child(parent, name)
    return None if child is None else (child.text or "").strip()


def _items(root: ET.Element, name: str, item: str):
    parent = _child(root, name)
    return [] if parent is None else parent.findall(item)


def _texts(root: ET.Element, name: str, item: str):
    return [(element.text or "").strip() for element in _items(root, name, item)]


def _part(root: ET.Element, name: str, kind):
    parent = _child(root, name)
    if parent is None:
        return None
    values = {}
    for field in fields(kind):
        child = _element_name(field.name)
        text = _text(parent, child)
        if field.type is bool:
            values[field.name] = _truth(text, f"{name}/{child}")
        elif field.type is int:
            values[field.name] = _number(text, f"{name}/{child}")
        elif text is not None:
            values[field.name] = text
    return kind(**values)


def _truth(text: str | None, what: str):
    if text is None:
        return False
    if text not in _TRUTH:
        raise NodeConfigError(f"node config: {what} is '{one_line(text, 40)}' instead of true or false")
    return _TRUTH[text]


def _number(text: str | None, what: str):
    if text is None or not _NUMBER.fullmatch(text):
        raise NodeConfigError(f"node config: {what} is '{one_line(text or '', 40)}' instead of a number")
    return int(text)


def _listener(element: ET.Element):
    kind = element.get("type", "")
    if kind not in set(Protocol):
        raise NodeConfigError(f"node config: unknown type of EdgeListener '{one_line(kind, 40)}': udp or tcp")
    return EdgeListener(Protocol(kind), _number(_text(element, "port"), "EdgeListener/port"))


def _met(text: str):
    try:
        return TransportAddress.parse(text)
    except UserError as error:
        raise NodeConfigError(f"node config: {error}") from None
