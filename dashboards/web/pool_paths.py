"""Paths below a pool: `/pools/<name>/<leaf>`."""

from dashboards.web import context
from p2ppool.reports.pools.pools import exists

_PREFIX = "/pools/"


def is_page_of_pool(path: str, leaf: str = "") -> bool:
    """Tell whether `path`, as the server decoded it, is a pool's page that ends with `leaf` (such as
    "/nodes").
    """
    if not path.startswith(_PREFIX) or not path.endswith(leaf):
        return False
    name = path.removeprefix(_PREFIX).removesuffix(leaf)
    return "/" not in name and exists(context.engine(), name)
