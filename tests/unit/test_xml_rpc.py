"""XML-RPC from whoever is not trusted is a message, or one kind of error."""

import contextlib
from xmlrpc.client import Fault, dumps

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2ppool.xml_rpc import Message, NotXmlRpcError, read

CALL = dumps(("grün", b"\0"), "A.b", encoding="ascii")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1"])
def test_a_message_is_read_in_the_encoding_that_it_names(encoding):
    text = CALL.replace("encoding='ascii'", f"encoding='{encoding.removesuffix('-sig')}'")
    assert read(text.encode(encoding), builtin_types=True) == Message("A.b", ("grün", b"\0"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize(
    "inside", ["", "<!ENTITY e 'x'>", "<!ENTITY e SYSTEM 'file:///etc/passwd'>", "<!ENTITY % e 'x'> %e;"]
)
def test_a_document_type_is_refused_whatever_it_declares(inside, encoding):
    text = f"<!DOCTYPE methodCall [{inside}]><methodCall><methodName>a</methodName></methodCall>"
    with pytest.raises(NotXmlRpcError, match=r"^a document type is not allowed$"):
        read(text.encode(encoding))


@given(st.binary() | st.binary().map(lambda rest: CALL.encode()[: len(rest)] + rest))
def test_whatever_comes_is_a_message_or_one_kind_of_error(body):
    with contextlib.suppress(NotXmlRpcError, Fault):
        assert isinstance(read(body), Message)
