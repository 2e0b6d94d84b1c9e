"""Reading XML-RPC (xmlrpc.com/spec.md) from whoever is not trusted; who receives it bounds its size."""

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
"""What the standard library's reader raises for XML that is broken or is no XML-RPC."""


class NotXmlRpcError(ValueError):
    """What came can't be read; one line says why."""


@dataclass(frozen=True)
class Message:
    """Values, and the method that they are for; an answer names none."""

    method: object
    values: tuple[Any, ...]


def read(body: bytes, *, builtin_types: bool = False) -> Message:
    """A call or an answer, in the encoding that it names.

    A document type is refused before any of its entities can be declared, so entities cannot multiply.

    Args:
        body: the XML.
        builtin_types: whether to give Python's own types for bytes and times.

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
