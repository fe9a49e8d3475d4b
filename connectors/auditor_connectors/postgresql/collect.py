"""From a target to a snapshot: run every probe, tell what became of it, assemble what came."""

from __future__ import annotations

from msgspec.structs import replace

from auditor.connector import CollectOptions
from auditor.connector import Progress as Report
from auditor.errors import UnreachableError
from auditor.model.snapshot import ProbeResult, Snapshot
from auditor.model.vocabulary import ProbeOutcome
from auditor.target import Target
from auditor_connectors.postgresql.assemble import snapshot
from auditor_connectors.postgresql.probe import Probe, Raw
from auditor_connectors.postgresql.probes import LOCKED_RELATIONS, PROBES
from auditor_connectors.postgresql.session import Answer, Session
from auditor_connectors.postgresql.visibility import review

_DATABASES = Probe(
    name="databases",
    purpose="name the databases that this role may connect to",
    sql="""
SELECT datname::text AS name
  FROM pg_catalog.pg_database
 WHERE datallowconn AND NOT datistemplate AND has_database_privilege(oid, 'CONNECT')
 ORDER BY datname
""",
)


def collect(target: Target, options: CollectOptions, progress: Report | None = None) -> Snapshot:
    """Read the target.

    Raises:
        UsageError: the URL has an option that the client library does not know.
        UnreachableError: the server cannot be reached or refuses the login.

    """
    with Session(target, options) as session:
        raw: Raw = {}
        results: list[ProbeResult] = []
        for probe in PROBES:
            results.append(_run(session, probe, raw))
            if progress is not None:
                progress(results[-1], len(results), len(PROBES))
        return snapshot(raw, results, session.identity)


def _run(session: Session, probe: Probe, raw: Raw) -> ProbeResult:
    """Run one probe; its rows go into ``raw``."""

    def find_locked() -> None:
        _note_locked(session, raw, session.run(LOCKED_RELATIONS))

    answer = session.run(probe, find_locked)
    if probe is LOCKED_RELATIONS:
        _note_locked(session, raw, answer)
    elif answer.outcome is ProbeOutcome.OK:
        raw[probe.name] = answer.rows
    result = ProbeResult(
        probe=probe.name,
        outcome=answer.outcome,
        rows=len(answer.rows),
        milliseconds=answer.milliseconds,
        reason=answer.reason,
        grant=session.fill(probe.grant) if answer.outcome is ProbeOutcome.DENIED else None,
    )
    partial = review(probe.name, raw, session.identity.version) if answer.outcome is ProbeOutcome.OK else None
    if partial is None:
        return result
    if partial.outcome is not ProbeOutcome.OK:
        raw.pop(probe.name, None)
    schemas = sorted({row["schema"] for row in raw.get("tables", ())})
    return replace(result, outcome=partial.outcome, reason=partial.reason, grant=session.fill(partial.grant, schemas))


def _note_locked(session: Session, raw: Raw, answer: Answer) -> None:
    """Remember the relations that statements must keep away from; once seen locked, a relation stays left out."""
    if answer.outcome is ProbeOutcome.OK:
        known = {row["relation"]: row for row in raw.get(LOCKED_RELATIONS.name, ())}
        known.update({row["relation"]: row for row in answer.rows})
        raw[LOCKED_RELATIONS.name] = list(known.values())
        session.locked = sorted(known)


def databases(target: Target, options: CollectOptions) -> list[str]:
    """Name the databases of the server that can be audited one by one, sorted.

    Raises:
        UnreachableError: the server cannot be reached or refuses the login.

    """
    with Session(target, options) as session:
        answer = session.run(_DATABASES)
    if answer.outcome is not ProbeOutcome.OK:
        raise UnreachableError(f"cannot list the databases of {target.masked}: {answer.reason}")
    return sorted(row["name"] for row in answer.rows)
