"""Every probe, in running order: the server first, because what it says is known even when all else fails.

Then come those whose rows are many, so that they are assembled while the server works on the others.
"""

from __future__ import annotations

from auditor_connectors.postgresql.probe import Probe
from auditor_connectors.postgresql.probes import catalog, replication, security, server, statistics, workload
from auditor_connectors.postgresql.probes.catalog import LOCKED_RELATIONS

_WHERE_MANY_ROWS_ARE = (
    catalog.LOCKED_RELATIONS,
    catalog.SCHEMAS,
    catalog.TYPES,
    catalog.TABLES,
    catalog.COLUMNS,
    catalog.SEQUENCES,
    statistics.COLUMN_STATISTICS,
    catalog.INDEXES,
    catalog.OPERATOR_CLASSES,
    catalog.CONSTRAINTS,
    statistics.SIZES,
    statistics.TABLE_USAGE,
    statistics.INDEX_USAGE,
    statistics.INDEX_BLOAT,
    statistics.AGES,
    statistics.TABLE_BLOAT,
    statistics.TABLE_BLOAT_MEASURED,
    catalog.PARTITIONS,
)


def _turn(probe: Probe) -> int:
    if probe in server.PROBES and probe is not server.DATABASES:  # whose sizes take long
        return 0
    return 1 + _WHERE_MANY_ROWS_ARE.index(probe) if probe in _WHERE_MANY_ROWS_ARE else 1 + len(_WHERE_MANY_ROWS_ARE)


PROBES: tuple[Probe, ...] = tuple(
    sorted(
        (
            *server.PROBES,
            *catalog.PROBES,
            *statistics.PROBES,
            *security.PROBES,
            *workload.PROBES,
            *replication.PROBES,
        ),
        key=_turn,
    )
)

__all__ = ["LOCKED_RELATIONS", "PROBES"]
