"""Brunet's NodeConfig XML, as far as this node uses it; writing the address keeps all other bytes."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import Dict, Iterator, List, NamedTuple, Optional, Tuple
from xml.parsers import expat

from . import address

LARGEST = 1 << 20
DEEPEST = 16
DEFAULT_XMLRPC_PORT = 10000
LONGEST_NAMESPACE = 255
HIGHEST_PORT = 65535
_TA = re.compile(r"brunet\.(udp|tcp)://([A-Za-z0-9._-]{1,253}):([0-9]{1,5})/?")
_WHOLE = True
_NUMBER = re.compile("[0-9]{1,9}")
_BLANK_ADDRESS = re.compile(rb"<NodeAddress\s*(/>|>\s*</NodeAddress\s*>)")


class StartError(Exception):
    """The process cannot start: one line for the user, and the exit status."""

    status = 1


class InvalidConfigError(StartError):
    """The NodeConfig file cannot be parsed."""

    status = 255


class Config(NamedTuple):
    """The content of one NodeConfig file."""

    path: str
    namespace: str
    udp_port: int
    remotes: Tuple[Tuple[str, int], ...]
    """Host and port of the UDP RemoteTAs."""
    unusable_remotes: Tuple[str, ...]
    """RemoteTAs that are not Brunet transport addresses, as written."""
    address: Optional[int]
    xmlrpc_port: Optional[int]
    """None if XML-RPC is off."""
    wants_security: bool


class _Element(NamedTuple):
    path: str
    attributes: Dict[str, str]
    text: str
    start: int
    """Offset of the start tag in the file, in bytes."""


class _Reader:
    """Collects all elements of an XML text, in the order in which they end."""

    def __init__(self) -> None:
        self.elements: List[_Element] = []
        self._open: List[_Element] = []
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.StartDoctypeDeclHandler = self._doctype
        self.end = 0
        """Offset of the root's end tag."""

    def read(self, data: bytes) -> None:
        self._parser.Parse(data, _WHOLE)

    def _start(self, name: str, attributes: Dict[str, str]) -> None:
        if len(self._open) >= DEEPEST:
            raise ValueError("nested too deeply")
        path = self._open[-1].path + "/" + name if self._open else name
        self._open.append(_Element(path, attributes, "", self._parser.CurrentByteIndex))

    def _end(self, _name: str) -> None:
        self.elements.append(self._open.pop())
        self.end = self._parser.CurrentByteIndex

    def _characters(self, text: str) -> None:
        element = self._open.pop()
        self._open.append(element._replace(text=element.text + text))

    def _doctype(self, *_: object) -> None:
        raise ValueError("a NodeConfig has no DOCTYPE")


def load(path: str) -> Config:
    """Load the NodeConfig file `path`.

    Raises:
        InvalidConfigError: unreadable, not NodeConfig XML, or a value that is not of its type.
        StartError: readable, but a node could not run with it.
    """
    try:
        reader = _parse(_read(path))
        return _config(path, reader.elements)
    except (OSError, ValueError, expat.ExpatError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise InvalidConfigError("Invalid NodeConfig file: %s: %s" % (path, reason)) from None


def _read(path: str) -> bytes:
    with Path(path).open("rb") as file:
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise ValueError("larger than %d bytes" % LARGEST)
    return data


def _parse(data: bytes) -> _Reader:
    reader = _Reader()
    reader.read(data)
    if reader.elements[-1].path != "NodeConfig":
        raise ValueError("its root element is not NodeConfig")
    return reader


def _config(path: str, elements: List[_Element]) -> Config:
    texts = {element.path: element.text.strip() for element in elements}
    written = texts.get("NodeConfig/NodeAddress")
    transports = [e.text.strip() for e in elements if e.path == "NodeConfig/RemoteTAs/Transport"]
    enabled = _boolean(texts.get("NodeConfig/XmlRpcManager/Enabled", "false"))
    port = texts.get("NodeConfig/XmlRpcManager/Port")
    return Config(
        path=path,
        namespace=_namespace(path, texts.get("NodeConfig/BrunetNamespace", "")),
        udp_port=_udp_port(path, elements),
        remotes=tuple(_remotes(transports)),
        unusable_remotes=tuple(text for text in transports if not _TA.fullmatch(text)),
        address=address.parse(written) if written else None,
        xmlrpc_port=(_port(path, port) if port else DEFAULT_XMLRPC_PORT) if enabled else None,
        wants_security=_boolean(texts.get("NodeConfig/Security/Enabled", "false")),
    )


def _remotes(transports: List[str]) -> Iterator[Tuple[str, int]]:
    """Yield host and port of those `transports` that use UDP."""
    for text in transports:
        match = _TA.fullmatch(text)
        if match and match[1] == "udp" and 0 < int(match[3]) <= HIGHEST_PORT:
            yield match[2], int(match[3])


def _namespace(path: str, text: str) -> str:
    if not text:
        raise StartError("%s: BrunetNamespace is missing or empty" % path)
    if len(text.encode()) > LONGEST_NAMESPACE:
        raise StartError("%s: BrunetNamespace is longer than %d bytes" % (path, LONGEST_NAMESPACE))
    return text


def _udp_port(path: str, elements: List[_Element]) -> int:
    """Return the port of the first udp EdgeListener."""
    ports = []
    for place, element in enumerate(elements):
        if element.path != "NodeConfig/EdgeListeners/EdgeListener":
            continue
        kind = element.attributes.get("type")
        if kind not in ("udp", "tcp"):
            raise StartError("%s: an EdgeListener has the unknown type %.80r" % (path, kind))
        inner = elements[place - 1]
        has_port = place > 0 and inner.path == element.path + "/port" and inner.start > element.start
        ports.append((kind, _port(path, inner.text.strip()) if has_port else 0))
    udp = [port for kind, port in ports if kind == "udp"]
    if not udp:
        raise StartError("%s: no EdgeListener of type udp, and this node speaks UDP only" % path)
    return udp[0]


def _port(path: str, text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise ValueError("%.80r is not a port" % text)
    if int(text) > HIGHEST_PORT:
        raise StartError("%s: port %s is out of range (0-%d)" % (path, text, HIGHEST_PORT))
    return int(text)


def _boolean(text: str) -> bool:
    """Parse an xsd:boolean."""
    if text not in ("true", "false", "1", "0"):
        raise ValueError("%.80r is neither true nor false" % text)
    return text in ("true", "1")


def write_address(path: str, node: int) -> None:
    """Write the address `node` into the NodeConfig file `path`, which has none, atomically.

    Raises:
        StartError: the file or its folder cannot be written, or is not in an encoding that extends ASCII.
    """
    try:
        data = _read(path)
        _replace(Path(path).resolve(), _with_address(data, address.write(node).encode()))
    except (OSError, ValueError, expat.ExpatError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise StartError("cannot write NodeAddress to %s: %s" % (path, reason)) from None


def _with_address(data: bytes, text: bytes) -> bytes:
    reader = _parse(data)
    element = b"<NodeAddress>" + text + b"</NodeAddress>"
    for blank in [e for e in reader.elements if e.path == "NodeConfig/NodeAddress"]:
        match = _BLANK_ADDRESS.match(data, blank.start)
        if match:
            return data[: match.start()] + element + data[match.end() :]
    if not data.startswith(b"</NodeConfig", reader.end):
        raise ValueError("its end tag is not where UTF-8 would have it")
    own_line = data[: reader.end].endswith(b"\n")
    return data[: reader.end] + (b"  " + element + b"\n" if own_line else element) + data[reader.end :]


def _replace(path: Path, data: bytes) -> None:
    """Replace the file `path` with `data`: a crash leaves either the old file or the new one."""
    handle, name = tempfile.mkstemp(dir=str(path.parent), prefix=path.name + ".")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        shutil.copymode(str(path), name)
        temporary.replace(path)
    except BaseException:
        temporary.unlink()
        raise
