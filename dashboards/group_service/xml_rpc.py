"""XML-RPC (xmlrpc.com/spec.md) from callers that are not trusted: one call read, one answer written."""

import xmlrpc.client
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from xml.parsers import expat

LARGEST: Final = 64 * 1024
"""Bytes of a call; one with a request takes some 2 KiB."""

NOT_TAKEN: Final = 0
FAILED: Final = 1
"""Codes of faults as the original's library gave them: the call was none, or its method refused."""

_BAD_VALUES: Final = (
    *(expat.ExpatError, xmlrpc.client.Error, ValueError, TypeError),
    *(LookupError, ArithmeticError, AttributeError),
)
"""What the standard library's parser raises for XML that is broken or is no XML-RPC."""


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
    target = xmlrpc.client.Unmarshaller(use_builtin_types=True)
    try:
        parameters = _parsed(body.decode("utf-8-sig"), target)
    except _BAD_VALUES as error:
        raise CallError(NOT_TAKEN, "not an XML-RPC call") from error
    method = target.getmethodname()
    if not isinstance(method, str):
        raise CallError(NOT_TAKEN, "not an XML-RPC call")
    return Call(method, parameters)


def write_answer(value: str | bytes | bool) -> bytes:  # noqa: FBT001 - what is answered
    """The body of an answer with one value; bytes go as base64."""
    return _document(xmlrpc.client.dumps((value,), methodresponse=True))


def write_fault(error: CallError) -> bytes:
    """The body of a fault."""
    fault = xmlrpc.client.Fault(error.code, str(error))
    return _document(xmlrpc.client.dumps(fault, methodresponse=True))


def _parsed(text: str, target: xmlrpc.client.Unmarshaller) -> tuple[Any, ...]:
    # Looked for before the parser is: it would go on to the end in spite of an exception.
    if "<!DOCTYPE" in text:
        raise ValueError("a document type is not allowed: its entities could multiply")
    target.xml("", None)  # no encoding of its own: the parser hands it text
    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler = target.start
    parser.EndElementHandler = target.end
    parser.CharacterDataHandler = target.data
    parser.Parse(text.encode(), True)  # noqa: FBT003 - expat takes isfinal by position only
    return target.close()


def _document(text: str) -> bytes:
    return text.encode()
