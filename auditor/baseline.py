"""Accepted risks: which findings a team lives with, why, who says so, and until when.

The file is JSON with one entry on a line, sorted, so that a change to it reads well in a review.
"""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Container, Iterable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from auditor.errors import UsageError
from auditor.model.finding import Finding, Suppression
from auditor.model.report import Audit
from auditor.model.vocabulary import Outcome
from auditor.suggest import nearest


class Entry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One accepted finding. ``until`` is the last day (ISO) on which it is accepted; None: no end."""

    fingerprint: str
    check: str
    subject: str
    reason: str
    owner: str = ""
    until: str | None = None

    def expired(self, today: date) -> bool:
        """Whether the acceptance is over."""
        return self.until is not None and date.fromisoformat(self.until) < today


class Baseline(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All accepted findings."""

    version: int = 1
    accepted: tuple[Entry, ...] = ()

    def apply(self, findings: Iterable[Finding], today: date) -> list[Finding]:
        """Mark the findings whose acceptance still runs as suppressed; the others stay open."""
        entries = {entry.fingerprint: entry for entry in self.accepted if not entry.expired(today)}
        return [
            replace(finding, suppressed=Suppression(reason=entry.reason, until=entry.until))
            if (entry := entries.get(finding.fingerprint))
            else finding
            for finding in findings
        ]

    def with_findings(self, findings: Iterable[Finding], *, reason: str, owner: str, until: str | None) -> Baseline:
        """Accept findings that are not in the baseline yet; what is there keeps its reason and its end."""
        known = {entry.fingerprint for entry in self.accepted}
        new = [
            Entry(
                fingerprint=finding.fingerprint, check=finding.check, subject=finding.subject.name,
                reason=reason, owner=owner, until=until,
            )
            for finding in findings
            if finding.fingerprint not in known
        ]  # fmt: skip
        return Baseline(accepted=_sorted([*self.accepted, *new]))

    def pruned(self, findings: Iterable[Finding], today: date, assessed: Container[str] | None = None) -> Baseline:
        """Leave out what has expired and what no finding answers to any more.

        Entries of checks that are not among those ``assessed`` stay: nothing was looked for, or seen.
        """
        expired, unused = self.stale(findings, today, assessed)
        gone = {entry.fingerprint for entry in (*expired, *unused)}
        return Baseline(accepted=_sorted([entry for entry in self.accepted if entry.fingerprint not in gone]))

    def stale(
        self, findings: Iterable[Finding], today: date, assessed: Container[str] | None = None
    ) -> tuple[tuple[Entry, ...], tuple[Entry, ...]]:
        """Return the entries that have expired, and the others that no finding answers to though it was looked for."""
        found = {finding.fingerprint for finding in findings}
        expired = tuple(entry for entry in self.accepted if entry.expired(today))
        unused = tuple(
            entry
            for entry in self.accepted
            if entry.fingerprint not in found
            and not entry.expired(today)
            and (assessed is None or entry.check in assessed)
        )
        return expired, unused

    def encode(self) -> bytes:
        """Write the file's text."""
        lines = [json.dumps(msgspec.to_builtins(entry), ensure_ascii=False) for entry in _sorted(self.accepted)]
        body = ",\n".join(f"  {line}" for line in lines)
        return f'{{"version": {self.version}, "accepted": [\n{body}\n]}}\n'.encode()


def _sorted(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    return tuple(sorted(entries, key=lambda entry: (entry.check, entry.subject, entry.fingerprint)))


def accept(
    start: Baseline, audit: Audit, *, reason: str, owner: str, until: str | None, only: Sequence[str] = ()
) -> Baseline:
    """Accept the findings of an audit, or those of the checks that ``only`` (globs) names.

    Raises:
        UsageError: the reason is empty, the end is no date or is past, or a pattern fits no check of the audit.

    """
    if not reason.strip():
        raise UsageError("the reason is empty", "say with --reason why the findings are accepted")
    if until is not None:
        try:
            end = date.fromisoformat(until)
        except ValueError as error:
            raise UsageError(f"--until {until} is not a date", "write it as YYYY-MM-DD") from error
        if end < day_of(audit):
            raise UsageError(f"--until {until} is before the audit of {day_of(audit)}", "name a later day")
    checks = [result.check for result in audit.checks]
    for pattern in only:
        if not fnmatch.filter(checks, pattern):
            raise UsageError(f"the report has no check called {pattern!r}", nearest(pattern, checks))
    findings = [
        finding
        for finding in audit.findings
        if not only or any(fnmatch.fnmatchcase(finding.check, pattern) for pattern in only)
    ]
    return start.with_findings(findings, reason=reason, owner=owner, until=until)


def assessed_by(audit: Audit) -> set[str]:
    """The checks whose findings an audit would have found."""
    return {result.check for result in audit.checks if result.outcome in (Outcome.PASSED, Outcome.FAILED)}


def day_of(audit: Audit) -> date:
    """The day of an audit, on which acceptances are judged.

    Raises:
        UsageError: the report does not say when it was made.

    """
    try:
        return datetime.fromisoformat(audit.target.collected_at).astimezone(UTC).date()
    except ValueError as error:
        raise UsageError("the report does not say when the database was read", "audit again") from error


_MAKE_ONE = "make one with: auditor baseline create REPORT --reason TEXT"


def read_baseline(path: Path) -> Baseline:
    """Read a baseline file.

    Raises:
        UsageError: the file cannot be read, is not a baseline, or holds a date that is none.

    """
    try:
        baseline = msgspec.json.decode(path.read_bytes(), type=Baseline)
        for entry in baseline.accepted:
            entry.expired(date.min)
    except OSError as error:
        raise UsageError(f"cannot read the baseline {path}: {error.strerror}", _MAKE_ONE) from error
    except (msgspec.DecodeError, ValueError) as error:
        raise UsageError(f"{path} is not a baseline: {error}", _MAKE_ONE) from error
    if baseline.version != 1:
        raise UsageError(f"{path} is a baseline of version {baseline.version}, this program reads version 1")
    return baseline
