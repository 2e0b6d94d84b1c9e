"""In which order an upgrade comes to the hosts: a few first, then the others."""

from collections.abc import Collection, Sequence

from p2ppool.store.models import Host


def stages(
    hosts: Sequence[Host], reliable: Collection[int], canary: int, batch: int
) -> list[tuple[Host, ...]]:
    """The hosts of each stage; none is empty.

    Args:
        hosts: all, in the order of the list.
        reliable: ids of those on which all went well last: they come first, as one that can't be reached
            says nothing of a new version.
        canary: size of the first stage; 0: there is none.
        batch: size of the others; 0: one of all that is left.
    """
    ordered = sorted(hosts, key=lambda host: host.id not in reliable)
    first, rest = ordered[:canary], ordered[canary:]
    size = batch or max(1, len(rest))
    batches = [rest[start : start + size] for start in range(0, len(rest), size)]
    return [tuple(stage) for stage in (first, *batches) if stage]
