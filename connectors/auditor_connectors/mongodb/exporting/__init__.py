"""Plans for MongoDB as files for its own shell."""

from __future__ import annotations

import json

from auditor.exporting.worklist import Dialect, ExportFormat
from auditor.model.plan import Step


def _demand(query: str, message: str) -> str:
    return f"if (!({query})) throw new Error({json.dumps(message)})"


def _tick(step: str) -> str:
    return f"globalThis.auditorDone = [...(globalThis.auditorDone ?? []), {json.dumps(step)}]"


def _is_ticked(step: str) -> str:
    return f"(globalThis.auditorDone ?? []).includes({json.dumps(step)})"


def _redoes(step: Step) -> bool:  # noqa: ARG001 -- the signature that all dialects share
    return False


DIALECT = Dialect(demand=_demand, tick=_tick, is_ticked=_is_ticked, unset=(), redoes=_redoes, served_by_tools=False)
FORMATS: tuple[ExportFormat, ...] = ()
