"""NodeConfig as XML, in the form that BRUNET reads and rewrites.

BRUNET uses .NET's XmlSerializer: elements are in the order of the class's fields, there are no attributes
except a listener's type, and unknown elements are skipped.
"""

import xml.etree.ElementTree as ET
from collections.abc import Iterable
from dataclasses import fields

from p2ppool.software.bundle.node_config import NCService, NodeConfig, Security, XmlRpcManager

_DECLARATION = b'<?xml version="1.0" encoding="utf-8"?>\n'


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
