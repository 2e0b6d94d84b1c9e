"""Calls from anybody: read, or refused in one way."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.group_service.xml_rpc import CallError, read_call

BOMB = (
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefg", "bcdefgh", strict=True))
    + "]><methodCall><methodName>&h;</methodName></methodCall>"
)
FILE = (
    '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    "<methodCall><methodName>&x;</methodName></methodCall>"
)
VALUES = (
    "<value><int>x</int></value>",
    f"<value><int>{'9' * 6000}</int></value>",
    "<value><boolean>7</boolean></value>",
    "<value><base64>%</base64>",
    "<value><dateTime.iso8601>never</dateTime.iso8601></value>",
    "<value><bigdecimal>x</bigdecimal></value>",
    "<value><struct><member><value><array/></value></member></struct></value>",
    "</array>",
)
TAGS = (
    *("methodCall", "methodName", "params", "param", "value", "array", "data", "struct", "member", "name"),
    *("int", "i8", "double", "nil", "base64", "fault", "biginteger", "dateTime.iso8601"),
)
PIECES = ["1", "x", "CheckRequest", "&amp;", "&x;", *(f"<{end}{tag}>" for tag in TAGS for end in ("", "/"))]


@pytest.mark.parametrize(
    "body",
    [
        *("", "text", "<methodCall>", "<methodCall/>", "<methodResponse/>", "<a>" * 5000, "<a/><b/>", "\0"),
        *(BOMB, FILE),
        "<methodCall><params><param><value><int>1</int></value></param></params></methodCall>",
        "<methodResponse><fault><value><string>x</string></value></fault></methodResponse>",
        *(f"<methodCall><methodName>A</methodName><params>{value}</params></methodCall>" for value in VALUES),
    ],
)
def test_what_is_no_call(body):
    for data in (body.encode(), body.encode("utf-16")):
        with pytest.raises(CallError, match="not an XML-RPC call"):
            read_call(data)


def test_a_call_is_read():
    values = "<value>text</value>", "<value><base64>AAE=</base64></value>", "<value><i4>7</i4></value>"
    params = "".join(f"<param>{value}</param>" for value in values)
    body = f"<methodCall><methodName>A.b</methodName><params>{params}</params></methodCall>"
    found = read_call(f'\ufeff<?xml version="1.0" encoding="utf-8"?>\n{body}'.encode())
    assert (found.method, found.parameters) == ("A.b", ("text", b"\0\1", 7))


@given(st.binary(max_size=200) | st.lists(st.sampled_from(PIECES), max_size=30).map("".join).map(str.encode))
def test_whatever_comes_is_a_call_or_none(body):
    with contextlib.suppress(CallError):
        assert isinstance(read_call(body).method, str)
