"""What the manager of a pool should know about its choices; nothing of it prevents anything."""

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Final

from p2ppool.software.runtime.runtime import Runtime
from p2ppool.store.models import Pool

_CLEANED: Final = ("/tmp", "/var/tmp")  # noqa: S108 - it is warned of


def cautions_of(pool: Pool) -> Iterator[str]:
    """Yield a sentence for each thing to know about an existing pool."""
    yield from cautions(pool.install_path, pool.package.runtime, firewall(pool.rpc_port))


def cautions(
    install_path: str, runtime: str, firewall_command: str = "see `p2ppool doctor`"
) -> Iterator[str]:
    """Yield a sentence for each thing to know about a pool with this install path and package's runtime."""
    if any(PurePosixPath(install_path).is_relative_to(folder) for folder in _CLEANED):
        yield (
            f"the install path {install_path} is in a folder that many systems clean, which removes the "
            "pool's files: better is one in the user's home"
        )
    if runtime == Runtime.MONO:
        yield (
            "Brunet's XML-RPC asks for no sign-in, and listens on every address of this machine whatever its "
            f"config says: close its port to others: {firewall_command}"
        )


def firewall(port: int) -> str:
    """Return the command that closes a TCP port of this machine to all others."""
    return (
        "nft 'add table inet p2ppool; add chain inet p2ppool input { type filter hook input priority 0; }; "
        f'add rule inet p2ppool input iifname != "lo" tcp dport {port} drop\''
    )
