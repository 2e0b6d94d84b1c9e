"""The order in which an upgrade reaches the hosts: a few first, then the others."""

from collections.abc import Collection, Sequence

from p2ppool.store.models import Host


def stages(
    hosts: Sequence[Host], reliable: Collection[int], canary: int, batch: int
) -> list[tuple[Host, ...]]:
    """Divide the hosts into stages; none is empty.

    Args:
        hosts: all hosts, in the order of the list.
        reliable: ids of those whose last result was good: they come first, since a host that can't be reached
            says nothing about a new version.
        canary: size of the first stage; 0 for none.
        batch: size of the others; 0 for one stage with all the rest.
    """
    ordered = sorted(hosts, key=lambda host: host.id not in reliable)
    first, rest = ordered[:canary], ordered[canary:]
    size = batch or max(1, len(rest))
    batches = [rest[start : start + size] for start in range(0, len(rest), size)]
    return [tuple(stage) for stage in (first, *batches) if stage]
