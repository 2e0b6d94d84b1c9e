"""NodeConfig as XML, in the form that BRUNET reads and rewrites.

BRUNET uses .NET's XmlSerializer: elements are in the order of the class's fields, there are no attributes
except a listener's type, and unknown elements are skipped.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from dataclasses import fields
from typing import Any, TypeVar

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

# Enough for the transport addresses of about 20,000 hosts.
MAX_CONFIG_BYTES = 2 * 1024 * 1024
_MAX_DEPTH = 8
_BLOCK = 16 * 1024
_DECLARATION = b'<?xml version="1.0" encoding="utf-8"?>\n'
_NUMBER = re.compile(r"[0-9]{1,9}")
_TRUTH = {"true": True, "1": True, "false": False, "0": False}


class NodeConfigError(UserError):
    """The text is not a node config; the message gives the reason in one line."""


# The flat parts of a config; their elements have the names of the fields in Pascal case.
PartT = TypeVar("PartT", XmlRpcManager, NCService, Security)


def write_node_config(config: NodeConfig) -> bytes:
    """Return the file's bytes: UTF-8, with the XML declaration, indented by two spaces."""
    root = ET.Element("NodeConfig")
    _add(root, "BrunetNamespace", config.namespace)
    _add_list(root, "RemoteTAs", "Transport", config.remote_tas)
    listeners = ET.SubElement(root, "EdgeListeners")
    for listener in config.edge_listeners:
        _add(ET.SubElement(listeners, "EdgeListener", type=listener.protocol), "port", listener.port)
    if config.node_address is not None:
        _add(root, "NodeAddress", config.node_address)
    if config.devices_to_bind:
        _add_list(root, "DevicesToBind", "Device", config.devices_to_bind)
    _add_part(root, "XmlRpcManager", config.xml_rpc)
    _add_part(root, "NCService", config.nc_service)
    _add_part(root, "Security", config.security)
    ET.indent(root)
    return _DECLARATION + ET.tostring(root) + b"\n"


def parse_node_config(data: bytes) -> NodeConfig:
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


def _add(parent: ET.Element, name: str, value: object) -> None:
    ET.SubElement(parent, name).text = str(value).lower() if isinstance(value, bool) else str(value)


def _add_list(root: ET.Element, name: str, item: str, values: Iterable[object]) -> None:
    parent = ET.SubElement(root, name)
    for value in values:
        _add(parent, item, value)


def _add_part(root: ET.Element, name: str, part: XmlRpcManager | NCService | Security | None) -> None:
    if part is None:
        return
    parent = ET.SubElement(root, name)
    for field in fields(part):
        _add(parent, _element_name(field.name), getattr(part, field.name))


def _element_name(field: str) -> str:
    return "".join(word.capitalize() for word in field.split("_"))


class _ShallowTree(ET.TreeBuilder):
    """Builds the tree; refuses deeply nested elements, each of which costs memory."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = 0

    def start(self, tag: str, attrs: dict[str, str]) -> ET.Element:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise NodeConfigError(f"node config: elements are nested more than {_MAX_DEPTH} deep")
        return super().start(tag, attrs)

    def end(self, tag: str) -> ET.Element:
        self._depth -= 1
        return super().end(tag)


def _tree(data: bytes) -> ET.Element:
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


def _parsed(text: str) -> ET.Element:
    parser = ET.XMLParser(target=_ShallowTree())  # noqa: S314 - no DOCTYPE, so no entities to expand
    for start in range(0, len(text), _BLOCK):
        parser.feed(text[start : start + _BLOCK])
    return parser.close()


def _child(parent: ET.Element, name: str) -> ET.Element | None:
    found = parent.findall(name)
    if len(found) > 1:
        raise NodeConfigError(f"node config: {name} occurs more than once")
    return found[0] if found else None


def _text(parent: ET.Element, name: str) -> str | None:
    child = _child(parent, name)
    return None if child is None else (child.text or "").strip()


def _items(root: ET.Element, name: str, item: str) -> list[ET.Element]:
    parent = _child(root, name)
    return [] if parent is None else parent.findall(item)


def _texts(root: ET.Element, name: str, item: str) -> list[str]:
    return [(element.text or "").strip() for element in _items(root, name, item)]


def _part(root: ET.Element, name: str, kind: type[PartT]) -> PartT | None:
    parent = _child(root, name)
    if parent is None:
        return None
    values: dict[str, Any] = {}
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


def _truth(text: str | None, what: str) -> bool:
    if text is None:
        return False
    if text not in _TRUTH:
        raise NodeConfigError(f"node config: {what} is '{one_line(text, 40)}' instead of true or false")
    return _TRUTH[text]


def _number(text: str | None, what: str) -> int:
    if text is None or not _NUMBER.fullmatch(text):
        raise NodeConfigError(f"node config: {what} is '{one_line(text or '', 40)}' instead of a number")
    return int(text)


def _listener(element: ET.Element) -> EdgeListener:
    kind = element.get("type", "")
    if kind not in set(Protocol):
        raise NodeConfigError(f"node config: unknown type of EdgeListener '{one_line(kind, 40)}': udp or tcp")
    return EdgeListener(Protocol(kind), _number(_text(element, "port"), "EdgeListener/port"))


def _met(text: str) -> TransportAddress:
    try:
        return TransportAddress.parse(text)
    except UserError as error:
        raise NodeConfigError(f"node config: {error}") from None
