"""Plans for PostgreSQL as files: for psql, for pgroll, and what the files of other migration tools need of it."""

from __future__ import annotations

from auditor.exporting.worklist import Dialect, ExportFormat
from auditor_connectors.postgresql.exporting import pgroll, psql
from auditor_connectors.postgresql.exporting.guards import demand, is_ticked, redoes, tick

DIALECT = Dialect(
    demand=demand,
    tick=tick,
    is_ticked=is_ticked,
    unset=("RESET lock_timeout", "RESET statement_timeout"),
    redoes=redoes,
)
FORMATS: tuple[ExportFormat, ...] = (psql.FORMAT, pgroll.FORMAT)
