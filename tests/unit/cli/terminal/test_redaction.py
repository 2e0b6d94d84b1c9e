"""What is shown of a setting has no password in it, also none inside an address."""

import pytest

from p2ppool.cli.terminal.redaction import redacted


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("postgresql+psycopg://me:s3cret@db/name", "postgresql+psycopg://me:***@db/name"),
        ("postgresql://me:s3c@r/et:x@db:5432/name", "postgresql://me:***@db:5432/name"),
        ("postgresql://db/name?user=me&password=s3cret", "postgresql://db/name?user=me&password=***"),
        ("postgresql://db/name?sslpassword=s3cret&x=1", "postgresql://db/name?sslpassword=***&x=1"),
        ("https://:s3cret@pools.example.org", "https://:***@pools.example.org"),
        ("https://pools.example.org:8050", "https://pools.example.org:8050"),
        ("sqlite:////var/lib/p2ppool/p2ppool.db", "sqlite:////var/lib/p2ppool/p2ppool.db"),
        (8050, "8050"),
        (None, "None"),
    ],
)
def test_a_password_is_not_shown(value, shown):
    assert redacted(value) == shown
