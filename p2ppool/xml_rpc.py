"""Parsing XML-RPC (xmlrpc.com/spec.md) from untrusted senders; the caller limits its size."""

from dataclasses import dataclass
from typing import Any, Final
from xml.parsers.expat import ExpatError
from xmlrpc.client import Error, Fault, Unmarshaller

from defusedxml.common import DTDForbidden
from defusedxml.xmlrpc import DefusedExpatParser

from p2ppool.errors import one_line

_BAD_VALUES: Final = (
    *(ExpatError, Error, ValueError, TypeError),
    *(LookupError, ArithmeticError, AttributeError),
)
"""Errors of the standard library's reader for XML that is broken or not XML-RPC."""


class NotXmlRpcError(ValueError):
    """The input can't be parsed; the message gives the reason on one line."""


@dataclass(frozen=True)
class Message:
    """Values, and the method they are for; an answer has none."""

    method: object
    values: tuple[Any, ...]


def read(body: bytes, *, builtin_types: bool = False) -> Message:
    """Parse a call or an answer, in the encoding that it declares.

    A document type is refused before any of its entities can be declared, so entities cannot multiply.

    Args:
        body: the XML.
        builtin_types: whether to return Python's own types for bytes and times.

    Raises:
        Fault: the answer is one.
        NotXmlRpcError: it is neither.
    """
    target = Unmarshaller(use_builtin_types=builtin_types)
    parser = DefusedExpatParser(target, forbid_dtd=True)
    try:
        parser.feed(body)
        parser.close()
        return Message(values=target.close(), method=target.getmethodname())
    except DTDForbidden:
        raise NotXmlRpcError("a document type is not allowed") from None
    except Fault:
        raise
    except _BAD_VALUES as error:
        raise NotXmlRpcError(one_line(error, 100)) from error
