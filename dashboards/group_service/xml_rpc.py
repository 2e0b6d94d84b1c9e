"""XML-RPC (xmlrpc.com/spec.md) from callers that are not trusted: one call read, one answer written."""

import xmlrpc.client
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from p2ppool.xml_rpc import NotXmlRpcError, read

LARGEST: Final = 64 * 1024
"""Bytes of a call; one with a request takes some 2 KiB."""

NOT_TAKEN: Final = 0
FAILED: Final = 1
"""Codes of faults as the original's library gave them: the call was none, or its method refused."""


class CallError(Exception):
    """A fault that is to be answered."""

    def __init__(self, code: int, text: str) -> None:
        """The two parts of a fault."""
        super().__init__(text)
        self.code = code


@dataclass(frozen=True)
class Call:
    """A method's name and what was given to it."""

    method: str
    parameters: Sequence[object]


def read_call(body: bytes) -> Call:
    """The call in the body of a request.

    Raises:
        CallError: it is none.
    """
    try:
        found = read(body, builtin_types=True)
    except (NotXmlRpcError, xmlrpc.client.Fault) as error:
        raise CallError(NOT_TAKEN, "not an XML-RPC call") from error
    if not isinstance(found.method, str):
        raise CallError(NOT_TAKEN, "not an XML-RPC call")
    return Call(found.method, found.values)


def write_answer(value: str | bytes | bool) -> bytes:  # noqa: FBT001 - what is answered
    """The body of an answer with one value; bytes go as base64."""
    return _document(xmlrpc.client.dumps((value,), methodresponse=True))


def write_fault(error: CallError) -> bytes:
    """The body of a fault."""
    fault = xmlrpc.client.Fault(error.code, str(error))
    return _document(xmlrpc.client.dumps(fault, methodresponse=True))


def _document(text: str) -> bytes:
    return text.encode()
