"""Plans for MySQL and MariaDB as files: for their own programs, and what other migration tools' files need of them."""

from __future__ import annotations

from auditor.exporting.worklist import Dialect, ExportFormat
from auditor_connectors.mysql.exporting import client
from auditor_connectors.mysql.exporting.guards import demand, is_ticked, redoes, tick

DIALECT = Dialect(
    demand=demand,
    tick=tick,
    is_ticked=is_ticked,
    unset=(
        "SET SESSION lock_wait_timeout = DEFAULT",
        "SET SESSION foreign_key_checks = DEFAULT",
        "SET SESSION sql_mode = DEFAULT",
    ),
    redoes=redoes,
)
FORMATS: tuple[ExportFormat, ...] = (client.FORMAT,)
