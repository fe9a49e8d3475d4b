"""Plans for Redis and Valkey as files for their own command line program."""

from __future__ import annotations

from auditor.exporting.worklist import Dialect, ExportFormat
from auditor.model.plan import Step


def _demand(query: str, message: str) -> str:
    del message
    return query


def _tick(step: str) -> str:
    return f": {step}"


def _redoes(step: Step) -> bool:
    del step
    return False


DIALECT = Dialect(demand=_demand, tick=_tick, is_ticked=_tick, unset=(), redoes=_redoes, served_by_tools=False)
FORMATS: tuple[ExportFormat, ...] = ()
