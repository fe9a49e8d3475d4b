"""What a check says where the audit may not look."""

from __future__ import annotations

from auditor.model.catalog import Key, Table, dotted
from auditor.model.facts import Facts
from auditor.model.finding import Unknown


def hidden_statistics(table: Table, facts: Facts) -> Unknown:
    """The verdict on a table whose column statistics the session may not read, with the grant that would help."""
    probe = facts.probes.get("column-statistics")
    return Unknown(
        reason=f"the column statistics of {table.path} may not be read by this role",
        grant=probe.grant if probe is not None else None,
    )


def values_probe(facts: Facts) -> str:
    """The name of the probe that tells of the values of columns: of all of them, or of those somebody asked for."""
    return next((name for name in ("value-statistics", "fields") if name in facts.probes), "column-statistics")


def unreadable(key: Key, table: Table | None) -> Unknown:
    """The verdict on what belongs to a table whose facts are missing, for instance because of somebody's lock."""
    reason = "it could not be read" if table is None or table.unreadable is None else table.unreadable
    return Unknown(reason=f"{dotted(*key)}: {reason}")
