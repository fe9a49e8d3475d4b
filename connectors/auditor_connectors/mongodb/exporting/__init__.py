"""Plans for MongoDB as files for its own shell."""

from __future__ import annotations

from auditor.exporting.worklist import Dialect, ExportFormat
from auditor_connectors.mongodb.exporting import shell
from auditor_connectors.mongodb.exporting.guards import demand, is_ticked, redoes, tick

DIALECT = Dialect(demand=demand, tick=tick, is_ticked=is_ticked, unset=(), redoes=redoes, served_by_tools=False)
FORMATS: tuple[ExportFormat, ...] = (shell.FORMAT,)
