"""Turns the record of a rehearsal into its proof."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from auditor.model.plan import Plan, Step
from auditor.model.proof import Proof, Stall, StepProof
from auditor_connectors.postgresql.rehearsal import marks, measured
from auditor_connectors.postgresql.rehearsal.measured import Record
from auditor_connectors.postgresql.rehearsal.sessions import Connection

VALID = timedelta(days=7)
"""A proof is of a schema and of a plan; both move on."""

_STALLS = 5

# What differs between two servers that behave alike.
_SETTINGS = """
SELECT name, setting FROM pg_settings WHERE context <> 'internal' AND name !~
'(directory|directories|_file|^port$|^listen_addresses$|application_name|^cluster_name$)' ORDER BY name
"""


def prove(
    plan: Plan, record: Record, connection: Connection, *, scale: float, rows: int, left_out: tuple[str, ...]
) -> Proof:
    """Judge a record. ``scale``, ``rows`` and ``left_out`` are those of the proof."""
    judged = marks.judge(record)
    blamed = marks.blames(judged)
    now = datetime.now(UTC).replace(microsecond=0)
    settings = connection.execute(_SETTINGS).fetchall()
    return Proof(
        plan_hash=plan.hash,
        engine="postgresql",
        server_version=connection.info.parameter_status("server_version") or "",
        settings_hash=hashlib.sha256(repr(settings).encode()).hexdigest(),
        created_at=now.isoformat(),
        expires_at=(now + VALID).isoformat(),
        scale=scale,
        rows=rows,
        marks=tuple(one.mark for one in judged),
        stalls=_stalls(record),
        steps=tuple(_step(record, step, blamed) for step in record.steps),
        runs=tuple(record.runs),
        left_out=left_out,
        interrupted=record.interrupted,
        calibration=record.calibration,
    )


def _stalls(record: Record) -> tuple[Stall, ...]:
    waits = [(wait, run) for run, found in record.waits.items() for wait in found if wait.passage is not None]
    waits.sort(key=lambda pair: -pair[0].question.seconds)
    return tuple(
        Stall(
            step=wait.passage.step if wait.passage else "",
            run=run,
            client=f"{wait.question.client}, {'prepared' if wait.question.prepared else 'unprepared'}",
            seconds=round(wait.question.seconds, 4),
            statement=wait.question.statement,
            behind=wait.behind,
        )
        for wait, run in waits[:_STALLS]
    )


def _step(record: Record, step: Step, blamed: Mapping[str, str]) -> StepProof:
    passage = record.forward(step.id)
    if passage is None or passage.outcome in {"skipped", "killed"}:
        ended = passage.reason if passage is not None else None
        why = record.left.get(step.id) or ended or record.broken or "the rehearsal was ended before it"
        return StepProof(step=step.id, outcome="not-rehearsed", reason=why)
    reason = None if passage.done else passage.reason or passage.outcome
    reason = reason or blamed.get(step.id)
    again = next((one for one in record.passages.get(measured.AGAIN, ()) if one.step == step.id), passage)
    waits = [
        wait.question.seconds for found in record.waits.values() for wait in found
        if wait.passage is not None and wait.passage.step == step.id
    ]  # fmt: skip
    errors = [
        one for run in record.loaded() for one in record.questions[run]
        if one.error is not None and run != measured.BACK and passage.started <= one.started <= passage.ended
    ]  # fmt: skip
    seen = record.on_standby(passage) if passage.run in record.standby else None
    return StepProof(
        step=step.id,
        outcome="failed" if reason else "rehearsed",
        reason=reason,
        seconds=round(passage.seconds, 4),
        longest_stall_seconds=round(max(waits, default=0.0), 4),
        errors=len(errors),
        wal_bytes=again.wal_bytes,
        disk_bytes=again.disk_bytes,
        tries=passage.tries,
        rewrote=tuple(sorted(marks.worked_on(passage, step))),
        replica_lag_seconds=None if seen is None else round(seen.longest.seconds, 4),
        replica_lag_bytes=None if seen is None else seen.most_bytes,
        replica_cancelled=None if seen is None else len(seen.cancelled),
    )
