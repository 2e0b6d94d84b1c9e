"""How much of a request the server takes in, before anybody looks at it."""

import pytest
from waitress.adjustments import Adjustments

from dashboards.routes.request_sizes import SMALL, bound, size_of
from dashboards.server import create_server
from p2ppool.settings import Settings

MIB = 1024 * 1024


@pytest.fixture(scope="module")
def parser_class():
    """What a server made as ours reads requests with."""
    servers = {}
    server = create_server(lambda *_: [], servers, host="127.0.0.1", port=0)
    bound(servers, size_of(Settings(package_max_bytes=8 * MIB)))
    yield server.channel_class.parser_class
    server.close()


def refused(parser_class, path, size, method=b"POST"):
    parser = parser_class(Adjustments(max_request_body_size=SMALL))
    parser.received(b"%s %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (method, path, size))
    return parser.error is not None


@pytest.mark.parametrize(
    ("path", "largest"),
    [
        (b"/", SMALL),
        (b"/uploads/keys", SMALL),
        (b"/uploads/packages", 8 * MIB),
        (b"/uploads/packages?name=x", 8 * MIB),
        (b"/uploads/packages/", SMALL),
        (b"/elsewhere?x=/uploads/packages", SMALL),
        (b"/_dash-update-component", 2 * MIB),
    ],
)
def test_each_path_has_its_bound(parser_class, path, largest):
    assert not refused(parser_class, path, largest)
    assert refused(parser_class, path, largest + 1)
    assert refused(parser_class, path, 10**12)


def test_a_body_in_chunks_is_bounded_too(parser_class):
    parser = parser_class(Adjustments(max_request_body_size=SMALL))
    parser.received(b"POST /uploads/keys HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
    chunk = b"10000\r\n" + bytes(0x10000) + b"\r\n"
    for _ in range(6):
        parser.received(chunk)
    assert parser.error is not None
