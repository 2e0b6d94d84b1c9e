"""How much of a request the server takes in, before anybody looks at it."""

import pytest
from waitress.adjustments import Adjustments

from dashboards.routes.request_sizes import parser_with, size_of
from dashboards.web.access import Need
from p2ppool.settings import Settings

MIB = 1024 * 1024
FORM, SMALL = 64 * 1024, 256 * 1024


@pytest.fixture(params=[Need.NOTHING, Need.USER, Need.MANAGER])
def rank(request):
    """The sender of a request."""
    return request.param


@pytest.fixture
def parser_class(rank):
    """What a server made as ours reads that sender's requests with."""
    return parser_with(size_of(Settings(package_max_bytes=8 * MIB), lambda _headers: rank))


def refused(parser_class, path, size, method=b"POST"):
    parser = parser_class(Adjustments())
    parser.received(b"%s %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (method, path, size))
    return parser.error is not None


@pytest.mark.parametrize(
    ("path", "of_user", "of_manager"),
    [
        (b"/", SMALL, SMALL),
        (b"/uploads/keys", SMALL, SMALL),
        (b"/uploads/packages", SMALL, 8 * MIB),
        (b"/uploads/packages?name=x", SMALL, 8 * MIB),
        (b"/uploads/packages/", SMALL, SMALL),
        (b"/elsewhere?x=/uploads/packages", SMALL, SMALL),
        (b"/_dash-update-component", 2 * MIB, 2 * MIB),
    ],
)
def test_each_path_has_its_bound(parser_class, rank, path, of_user, of_manager):
    largest = {Need.NOTHING: FORM, Need.USER: of_user, Need.MANAGER: of_manager}[rank]
    assert not refused(parser_class, path, largest)
    assert refused(parser_class, path, largest + 1)
    assert refused(parser_class, path, 10**12)


def test_a_body_in_chunks_is_bounded_too(parser_class):
    parser = parser_class(Adjustments())
    parser.received(b"POST /uploads/keys HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
    chunk = b"10000\r\n" + bytes(0x10000) + b"\r\n"
    for _ in range(6):
        parser.received(chunk)
    assert parser.error is not None


@pytest.mark.parametrize("order", [1, -1])
def test_a_request_of_two_lengths_is_refused(parser_class, order):
    lengths = [b"Content-Length: 4\r\n", b"Transfer-Encoding: chunked\r\n"][::order]
    parser = parser_class(Adjustments())
    head = b"POST /sign-in HTTP/1.1\r\nHost: x\r\n" + b"".join(lengths) + b"\r\n"
    parser.received(head + b"0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    assert (parser.error.code, parser.completed) == (400, True)
