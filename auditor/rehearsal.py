"""What ``auditor rehearse`` does: finds plan and schema, has the plan rehearsed, writes the proof and the report."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from auditor.application import AuditDone, Settings, Update, collect_target, find_target
from auditor.connector import Connector, RehearsalOptions
from auditor.errors import AuditorError, UsageError
from auditor.gates import DONE, GATE_FAILED, INTERRUPTED
from auditor.model.facts import Facts
from auditor.model.proof import Proof
from auditor.model.report import Audit
from auditor.model.snapshot import Snapshot
from auditor.outputs import check_outputs, parse_outputs, write_outputs
from auditor.pipeline import audit_snapshot
from auditor.planning import changes_since
from auditor.registry import connector_for
from auditor.reports import load_report
from auditor.storage import check_writable, pack, read_snapshot, write_file
from auditor.target import Target
from auditor.text import count

EMBEDDED = "embedded"
"""The word that stands for a server started for the rehearsal."""

KEPT = "proof.partial.json.zst"
"""The file beside the proof that holds the finished runs of a rehearsal, until this has come to its end."""

_SHOWN_CHANGES = 3

_SMALL_ROWS, _SMALL_SECONDS = 2_000, 3.0
"""Rows per table, and seconds of the baseline, of a rehearsal that is there to show what one is."""


class RehearsalRequest(Struct, frozen=True, kw_only=True):
    """What ``auditor rehearse`` was asked: the rehearsal of the plan of ``file``, a report or a snapshot.

    ``on`` is a TARGET or "embedded"; ``schema_from`` a TARGET or a snapshot file, None when ``file`` is one itself.
    """

    file: Path
    settings: Settings
    on: str = EMBEDDED
    schema_from: str | None = None
    options: RehearsalOptions = RehearsalOptions()


class RehearsalDone(Struct, frozen=True, kw_only=True):
    """A rehearsal with the files that were written, what could not be, and the exit status that it earns."""

    audit: Audit
    proof: Proof
    written: tuple[Path, ...]
    errors: tuple[AuditorError, ...]
    status: int


def run_rehearsal(request: RehearsalRequest, update: Update, say: Callable[[str], None]) -> RehearsalDone:
    """Rehearse a plan, and write ``proof.json`` and the report with its certificate.

    Without outputs of its own the report is written again where it lies, in the three usual formats.

    Raises:
        UsageError: the files, the targets or the options do not fit.
        UnreachableError: a server cannot be reached or refuses the login.

    """
    settings = request.settings
    audit, snapshot = _plan_of(request.file)
    connector = _connector(audit or snapshot)
    base = request.file.parent if snapshot is None else settings.folder
    outputs = parse_outputs(settings.audit.output, base, "report" if snapshot else request.file.name.partition(".")[0])
    places = [output.path for output in outputs if output.path is not None]
    proof_path = (places[0].parent if places else request.file.parent) / "proof.json"
    check_outputs(outputs)
    check_writable(proof_path)
    kept = proof_path.with_name(KEPT)
    source: Target | Snapshot | None = snapshot
    if request.schema_from is not None:
        source, snapshot = _source(request.schema_from, settings, update, say)
    if source is None or snapshot is None:
        raise UsageError(
            f"{request.file} is a report, which does not hold the whole schema",
            "say where it is: --schema-from SNAPSHOT, or the URL of the database",
        )
    planned_here = audit is None
    audit = audit or _planned(snapshot, settings)
    if snapshot.target.engine != audit.target.engine:
        raise UsageError(f"the schema is one of {snapshot.target.engine}, and the plan is for {audit.target.engine}")
    if changed := changes_since(audit.plan, Facts(snapshot)):
        more = f" and {count(len(changed) - _SHOWN_CHANGES, 'more change')}" if len(changed) > _SHOWN_CHANGES else ""
        raise UsageError(
            f"the plan was made for another version of the schema: {' '.join(changed[:_SHOWN_CHANGES])}{more}",
            "audit again, and rehearse the new report",
        )
    on = None if request.on == EMBEDDED else find_target(request.on, settings, say)
    options = replace(request.options, on=on, schema=source, kept=kept)
    proof = connector.rehearse(audit.plan, options, say)
    if planned_here and isinstance(source, Snapshot):
        proof = _with_determinism(proof, _planned(source, settings))
    audit = replace(audit, proof=proof)
    written, errors = write_outputs(audit, outputs)
    try:
        write_file(proof_path, pack(proof_path.name, encode_proof(proof)))
        written.append(proof_path)
    except UsageError as error:
        errors.append(error)
    if not proof.interrupted:
        kept.unlink(missing_ok=True)
    verdict = DONE if proof.passed else INTERRUPTED if proof.interrupted else GATE_FAILED
    status = max((error.status for error in errors), default=verdict)
    return RehearsalDone(audit=audit, proof=proof, written=tuple(written), errors=tuple(errors), status=status)


def rehearse_audit(done: AuditDone, url: str, settings: Settings, tell: Callable[[str], None]) -> RehearsalDone:
    """Rehearse the plan of an audit that was just made, at small scale, and write its files with the certificate.

    A mark that is missed is told, and does not change the status: this shows what a rehearsal is.
    """
    connector = connector_for(done.audit.target.engine)
    options = RehearsalOptions(schema=settings.target(url), rows=_SMALL_ROWS, baseline_seconds=_SMALL_SECONDS)
    proof = connector.rehearse(done.audit.plan, options, tell)
    proof = _with_determinism(proof, _planned(done.snapshot, settings))
    audit = replace(done.audit, proof=proof)
    outputs = parse_outputs(settings.audit.output, settings.folder)
    written, errors = write_outputs(audit, outputs)
    status = max((error.status for error in errors), default=INTERRUPTED if proof.interrupted else DONE)
    return RehearsalDone(audit=audit, proof=proof, written=tuple(written), errors=tuple(errors), status=status)


def _planned(snapshot: Snapshot, settings: Settings) -> Audit:
    return audit_snapshot(
        snapshot, settings.selection, settings.baseline(), wishes=settings.config.operations,
        calibration=settings.calibration(),
    )  # fmt: skip


def _with_determinism(proof: Proof, again: Audit) -> Proof:
    """Judge M14: whether the plan that was rehearsed is the one that the same snapshot gives once more."""
    same = again.plan.hash == proof.plan_hash
    reason = "the plan was made twice of the snapshot, and " + ("is the same" if same else "the two differ")
    marks = tuple(
        replace(mark, verdict="passed" if same else "failed", value=float(not same), limit=0.0, unit="differences",
                reason=reason)
        if mark.id == "M14" else mark
        for mark in proof.marks
    )  # fmt: skip
    return replace(proof, marks=marks)


def encode_proof(proof: Proof) -> bytes:
    """Write a proof as JSON."""
    return msgspec.json.format(msgspec.json.encode(proof), indent=2) + b"\n"


def _plan_of(path: Path) -> tuple[Audit | None, Snapshot | None]:
    """Read a report, or else a snapshot, whose plan is made when its audit is."""
    try:
        return load_report(path), None
    except UsageError as error:
        try:
            return None, read_snapshot(path)
        except UsageError:
            raise error from None


def _source(
    text: str, settings: Settings, update: Update, say: Callable[[str], None]
) -> tuple[Target | Snapshot, Snapshot]:
    if "://" not in text and text not in settings.config.targets and Path(text).is_file():
        snapshot = read_snapshot(Path(text))
        return snapshot, snapshot
    target = find_target(text, settings, say)
    return target, collect_target(target, settings.collect_options(None), update)


def _connector(planned: Audit | Snapshot | None) -> Connector:
    assert planned is not None  # noqa: S101 -- a file is a report or a snapshot
    connector = connector_for(planned.target.engine)
    if not connector.rehearses:
        raise UsageError(f"plans for {connector.title} cannot be rehearsed")
    return connector
