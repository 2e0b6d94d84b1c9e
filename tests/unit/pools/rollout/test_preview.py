"""What a dry run says of a host."""

import pytest

from p2ppool.fleet.host.outcome import ErrorKind, HostFault
from p2ppool.pools.rollout.host_preview import would_do

OLD, NEW = "a" * 64, "b" * 64


@pytest.mark.parametrize(
    ("found", "would"),
    [
        ({"folder": "absent"}, f"install {NEW[:12]}"),
        ({"folder": "ours", "pool": "t", "digest": ""}, f"install {NEW[:12]}"),
        ({"folder": "ours", "pool": "t", "digest": OLD}, f"replace {OLD[:12]} by {NEW[:12]}"),
        ({"folder": "ours", "pool": "t", "digest": NEW, "running": "no"}, "start it"),
        ({"folder": "ours", "pool": "t", "digest": NEW, "running": "yes"}, f"nothing: it runs {NEW[:12]}"),
    ],
)
def test_what_would_happen(found, would):
    assert would_do(found, "t", NEW) == would


@pytest.mark.parametrize("found", [{"folder": "other"}, {"folder": "ours", "pool": "another"}])
def test_what_would_be_refused(found):
    with pytest.raises(HostFault) as fault:
        would_do(found, "t", NEW)
    assert fault.value.kind is ErrorKind.WRONG_POOL
