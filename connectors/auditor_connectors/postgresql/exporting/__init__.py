"""Plans for PostgreSQL as files: for psql, for pgroll, and what the files of other migration tools need of it."""

from __future__ import annotations

from auditor.exporting.worklist import Dialect, ExportFormat
from auditor_connectors.postgresql.exporting import pgroll, psql
from auditor_connectors.postgresql.exporting.guards import demand, is_ticked, redoes, tick
from auditor_connectors.postgresql.exporting.orm import ORM

DIALECT = Dialect(
    demand=demand,
    tick=tick,
    is_ticked=is_ticked,
    unset=("RESET lock_timeout", "RESET statement_timeout"),
    redoes=redoes,
    orm=ORM,
    # Its lock, in a transaction, is in the way of what builds indexes concurrently: they wait for each other (seen with
    # Flyway 11.20.3, whose first such script never ended).
    options={"flyway": "-postgresql.transactional.lock=false"},
)
FORMATS: tuple[ExportFormat, ...] = (psql.FORMAT, pgroll.FORMAT)
