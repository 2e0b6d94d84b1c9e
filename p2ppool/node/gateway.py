"""XML-RPC over plain HTTP for crawlers of the overlay; on loopback only, since it has no authentication."""

from __future__ import annotations

import re
import socketserver
import threading
import urllib.parse
import xmlrpc.client
from http import HTTPStatus
from typing import Any, Callable, Dict, List, Protocol, Tuple
from xmlrpc.server import SimpleXMLRPCRequestHandler, SimpleXMLRPCServer

from . import address
from .node import RpcError
from .wire import LONGEST_METHOD

HOST = "127.0.0.1"
LARGEST_REQUEST = 1 << 16
MOST_CONNECTIONS = 256
IDLE_TIMEOUT = 60.0
"""Seconds after which an idle connection is closed."""

_LENGTH = re.compile("[0-9]{1,9}")

# The two classes of faults of real Brunet nodes: the call was not accepted, or it was accepted and failed.
NOT_TAKEN, FAILED = 0, 1


class Overlay(Protocol):
    """The part of the nodes of a process that the gateway calls, from many threads."""

    def addresses(self) -> List[int]:
        """List the nodes of this process, the first one first."""

    def local(self, node: int, method: str) -> Any:
        """Return the answer of `node` itself to `method`.

        Raises:
            RpcError: it has no such method.
        """

    def proxy(self, node: int, target: int, most: int, method: str) -> List[Any]:
        """Return up to `most` answers of the node nearest to `target`, called by `node`;
        none if it is silent.

        Raises:
            RpcError: the node that answers has no such method.
        """


class _Handler(SimpleXMLRPCRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = IDLE_TIMEOUT
    rpc_paths = ()
    server: Gateway

    def parse_request(self) -> bool:
        """Refuse a request that is or could become too large, before its body is read."""
        if not super().parse_request():
            return False
        length = self.headers.get("content-length", "0")
        if "content-encoding" in self.headers or not _LENGTH.fullmatch(length):
            self.send_error(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
        elif int(length) > LARGEST_REQUEST:
            self.send_error(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        else:
            return True
        return False

    def _dispatch(self, method: str, params: Tuple[Any, ...]) -> Any:
        return self.server.call(self.path, method, params)


class Gateway(socketserver.ThreadingMixIn, SimpleXMLRPCServer):
    """The XML-RPC server of one process, on `port` (0: any) of 127.0.0.1; raises OSError if that is taken."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, port: int, overlay: Overlay) -> None:
        self._overlay = overlay
        self._free = threading.BoundedSemaphore(MOST_CONNECTIONS)
        super().__init__((HOST, port), _Handler, logRequests=False)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Wait until fewer than MOST_CONNECTIONS are open, then serve this one in a thread."""
        self._free.acquire()
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve one connection."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Do nothing: a client that went away took its connection with it."""

    def call(self, path: str, method: str, arguments: Tuple[Any, ...]) -> Any:
        """Return the answer of the object at the URL `path`; raises Fault as Brunet's gateway does."""
        call = self._methods(path).get(method)
        if call is None:
            raise xmlrpc.client.Fault(NOT_TAKEN, "unsupported method called: %.200s" % method)
        return call(arguments)

    def _methods(self, path: str) -> Dict[str, Callable[[Tuple[Any, ...]], Any]]:
        if path == "/xmserver.rem":
            return {"listNodes": self._list_nodes}
        nodes = self._overlay.addresses()
        by_path = {"/" + address.write(node): node for node in nodes}
        by_path["/xm.rem"] = nodes[0]
        node = by_path.get(urllib.parse.unquote(path))
        if node is None:
            raise xmlrpc.client.Fault(NOT_TAKEN, "No service type registered for uri %.200s" % path)
        return {
            "localproxy": lambda arguments: self._local(node, arguments),
            "proxy": lambda arguments: self._proxy(node, arguments),
        }

    def _list_nodes(self, _arguments: Tuple[Any, ...]) -> List[str]:
        return [address.write(node) for node in self._overlay.addresses()]

    def _local(self, node: int, arguments: Tuple[Any, ...]) -> Any:
        """Handle localproxy(method, *args): no method here has arguments, so they are ignored."""
        if not arguments or not isinstance(arguments[0], str):
            raise xmlrpc.client.Fault(NOT_TAKEN, "expected localproxy(method, ...)")
        try:
            return self._overlay.local(node, _method(arguments[0]))
        except RpcError as fault:
            raise _failed(fault, "Node(%s)" % address.write(node)) from None

    def _proxy(self, node: int, arguments: Tuple[Any, ...]) -> List[Any]:
        """Handle proxy(address, option, most, method, *args):
        all options route alike, as they do for crawls.
        """
        if [type(argument) for argument in arguments[:4]] != [str, int, int, str]:
            raise xmlrpc.client.Fault(NOT_TAKEN, "expected proxy(address, option, most, method, ...)")
        text, _option, most, method = arguments[:4]
        try:
            return self._overlay.proxy(node, _parse(text), most, _method(method))
        except RpcError as fault:
            raise _failed(fault, "AHSender(dest=%s)" % text) from None


def _method(text: str) -> str:
    """Return `text` if it is acceptable as the name of a method."""
    if len(text) > LONGEST_METHOD or not text.isprintable():
        reason = "a method's name has at most %d characters, all printable" % LONGEST_METHOD
        raise xmlrpc.client.Fault(NOT_TAKEN, reason)
    return text


def _parse(text: str) -> int:
    try:
        return address.parse(text)
    except address.AddressError:
        raise xmlrpc.client.Fault(FAILED, _address_fault(text)) from None


def _address_fault(text: str) -> str:
    """Return Brunet's message; for a text that is only too short, that of its byte reader."""
    body = text[len(address.PREFIX) :]
    if text.startswith(address.PREFIX) and re.fullmatch("[A-Z2-7]{0,31}", body):
        return "Position (17) greater than MemBlock length (%d)" % (len(body) * 5 // 8)
    return "String is not a properly formated Brunet Address:%.200s" % text


def _failed(fault: RpcError, thrower: str) -> xmlrpc.client.Fault:
    text = (
        "Server returned a fault exception: [%d] Brunet.Util.AdrException: %s\nError Code: %d\nthrown by: %s"
    )
    return xmlrpc.client.Fault(FAILED, text % (fault.code, fault.text, fault.code, thrower))
