"""Plans for Redis and Valkey as files for their own command line program."""

from __future__ import annotations

from auditor.exporting.worklist import Dialect, ExportFormat
from auditor_connectors.redis.exporting import client
from auditor_connectors.redis.exporting.guards import demand, is_ticked, redoes, tick

DIALECT = Dialect(demand=demand, tick=tick, is_ticked=is_ticked, unset=(), redoes=redoes, served_by_tools=False)
FORMATS: tuple[ExportFormat, ...] = (client.FORMAT,)
