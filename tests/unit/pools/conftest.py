import pytest

from p2ppool.store.models import Package, SshKey
from p2ppool.store.unit_of_work import UnitOfWork


@pytest.fixture
def stocked(engine):
    """A database in which a package and a key were added."""
    with UnitOfWork(engine) as work:
        for version in ("1", "2"):
            work.session.add(
                Package(
                    name="node",
                    version=version,
                    digest=version * 64,
                    size=1,
                    runtime="python3",
                    program="P.py",
                )
            )
        work.session.add(
            SshKey(
                name="key",
                key_type="ssh-ed25519",
                bits=256,
                fingerprint="SHA256:x",
                public_line="x",
                sealed=b"",
            )
        )
        work.commit()
    return engine
