"""XML-RPC (xmlrpc.com/spec.md) from callers that are not trusted: one call read, one answer written."""

import xmlrpc.client
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from p2ppool.xml_rpc import NotXmlRpcError, read

LARGEST: Final = 64 * 1024
"""In bytes; a call with a certificate request takes about 2 KiB."""

NOT_TAKEN: Final = 0
FAILED: Final = 1
"""Fault codes of the original's library: not a valid call, or the method failed."""


class CallError(Exception):
    """An error to answer with an XML-RPC fault."""

    def __init__(self, code: int, text: str) -> None:
        """Take the fault's code and text."""
        super().__init__(text)
        self.code = code


@dataclass(frozen=True)
class Call:
    """A method's name and its parameters."""

    method: str
    parameters: Sequence[object]


def read_call(body: bytes) -> Call:
    """Parse the call in a request's body.

    Raises:
        CallError: it is not a valid call.
    """
    try:
        found = read(body, builtin_types=True)
    except (NotXmlRpcError, xmlrpc.client.Fault) as error:
        raise CallError(NOT_TAKEN, "not an XML-RPC call") from error
    if not isinstance(found.method, str):
        raise CallError(NOT_TAKEN, "not an XML-RPC call")
    return Call(found.method, found.values)


def write_answer(value: str | bytes | bool) -> bytes:  # noqa: FBT001 - what is answered
    """Build the body of an answer with one value; bytes are encoded as base64."""
    return _document(xmlrpc.client.dumps((value,), methodresponse=True))


def write_fault(error: CallError) -> bytes:
    """Build the body of a fault."""
    fault = xmlrpc.client.Fault(error.code, str(error))
    return _document(xmlrpc.client.dumps(fault, methodresponse=True))


def _document(text: str) -> bytes:
    return text.encode()
