"""Plain values in Brunet's serialisation."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2ppool.groupvpn import adr
from p2ppool.groupvpn.errors import MalformedError

TEXTS = st.text(st.characters(blacklist_characters="\0", blacklist_categories=["Cs"]))
PLAIN = TEXTS | st.binary(max_size=70_000)
FLAT = st.lists(PLAIN, max_size=4) | st.dictionaries(PLAIN, PLAIN, max_size=4)
VALUES = PLAIN | FLAT | st.lists(FLAT, max_size=3) | st.dictionaries(PLAIN, FLAT, max_size=3)


@given(VALUES)
def test_what_is_written_is_read(value):
    assert adr.read(adr.write(value)) == value


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b"0", None),
        (b"T", True),
        (b"F", False),
        (b"b\xff", -1),
        (b"B\xff", 255),
        (b"s\xff\xfe", -2),
        (b"S\xff\xfe", 65534),
        (b"i\x00\x00\x01\x00", 256),
        (b"I\xff\xff\xff\xff", 2**32 - 1),
        (b"l" + b"\xff" * 8, -1),
        (b"L" + b"\xff" * 8, 2**64 - 1),
        (b"f\x3f\x80\x00\x00", 1.0),
        (b"d\x3f\xf0" + b"\0" * 6, 1.0),
        (b"_\xc3\xa9\x00", "é"),
        (b"aB\x02B\x00\xff", b"\x00\xff"),
        (b"aS\x00\x01Bx", b"x"),
        (b"(_a\0())", ["a", []]),
        (b"{_k\0T}", {"k": True}),
    ],
)
def test_every_kind_of_value(data, value):
    assert adr.read(data) == value


@pytest.mark.parametrize(("size", "length"), [(255, b"B\xff"), (256, b"S\x01\x00"), (65536, b"I\0\x01\0\0")])
def test_the_length_is_of_the_smallest_type(size, length):
    assert adr.write(bytes(size)).startswith(b"a" + length + b"B")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "ends in the middle"),
        (b"x", "no value begins with 'x'"),
        (b"_no end", "a text without an end"),
        (b"_\xff\x00", "not UTF-8"),
        (b"TT", "1 bytes too many"),
        (b"i\x00", "ends in the middle"),
        (b"aB\x05Bshor", "ends in the middle"),
        (b"aI\xff\xff\xff\xffB", "ends in the middle"),
        (b"ai\x00\x00\x00\x01Bx", "length is of type 'i'"),
        (b"aB\x01ixxxx", "an array of type 'i'"),
        (b"(TT", "ends in the middle"),
        (b"{_k\0}", "a key that has no value"),
        (b"{()T}", "a key that is a list"),
        (b"(" * 100 + b")" * 100, "nested too deep"),
    ],
)
def test_what_is_no_value_is_stated_to_be_none(data, why):
    with pytest.raises(MalformedError, match=why):
        adr.read(data)


@given(st.binary(max_size=200))
def test_no_bytes_do_any_harm(data):
    with suppress(MalformedError):  # nothing else is raised
        adr.read(data)


@pytest.mark.parametrize(("value", "error"), [("a\0b", ValueError), (1, TypeError), (object(), TypeError)])
def test_what_has_no_form_is_not_written(value, error):
    with pytest.raises(error):
        adr.write(value)
