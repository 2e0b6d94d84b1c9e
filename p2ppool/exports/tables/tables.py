"""Every kind of export with its table."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from p2ppool.exports.tables.actions import ACTIONS
from p2ppool.exports.tables.columns import Table
from p2ppool.exports.tables.host_stats import HOST_STATS
from p2ppool.exports.tables.names import ExportKind
from p2ppool.exports.tables.node_stats import NODE_STATS
from p2ppool.exports.tables.system_stats import SYSTEM_STATS

TABLES: Final[Mapping[ExportKind, Table]] = MappingProxyType(
    {
        ExportKind.NODE_STATS: NODE_STATS,
        ExportKind.SYSTEM_STATS: SYSTEM_STATS,
        ExportKind.HOST_STATS: HOST_STATS,
        ExportKind.ACTIONS: ACTIONS,
    }
)
