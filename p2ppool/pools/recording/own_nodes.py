"""Which of the nodes that a crawl met are the pool's own, and on which hosts they run."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from p2ppool.overlay.snapshot import Crawl, CrawledNode, NodeState
from p2ppool.store.models import Host, HostState, Pool


class OwnNodes:
    """The pool's hosts, by the nodes that the agent has read on them and by their addresses."""

    def __init__(self, hosts: Iterable[tuple[str, str | None]]) -> None:
        """Take the hosts, each as its IP address and the overlay address of its node, if that is known."""
        hosts = list(hosts)
        self._ips = {ip for ip, _ in hosts}
        self._ip_of = {node: ip for ip, node in hosts if node}

    @classmethod
    def of(cls, session: Session, pool: Pool) -> "OwnNodes":
        """Read the members of the pool."""
        query = select(Host.address, Host.node_address)
        query = query.where(Host.pool_id == pool.id, Host.state == HostState.MEMBER)
        return cls((ip, node) for ip, node in session.execute(query))

    def ip_of(self, node: CrawledNode) -> str | None:
        """Return where a node is: its host's address if it runs on one, else the first that it reported.

        Which address comes first depends on the names of network devices: docker0 comes before eth0.
        """
        if node.address in self._ip_of and node.state is NodeState.ANSWERED:
            return self._ip_of[node.address]
        return next((ip for ip in node.ips if ip in self._ips), node.ip)

    def others(self, crawl: Crawl, expected: int) -> int:
        """Count the nodes that answered and are not the pool's own: members of groups, and users' nodes.

        A member that runs as a host's node is the pool's own. Of nodes that nothing tells apart from
        its own, those count that are too many.
        """
        answered = [node for node in crawl.nodes if node.state is NodeState.ANSWERED]
        unknown = [node for node in answered if node.address not in self._ip_of]
        members = sum(node.ip_namespace is not None for node in unknown)
        strangers = sum(
            node.ip_namespace is None and not self._ips & {*node.ips, node.ip} for node in unknown
        )
        too_many = len(answered) - members - expected
        return members + max(0, min(strangers - 1, too_many))  # one is the local node
