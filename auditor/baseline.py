"""Accepted risks: which findings a team lives with, why, who says so, and until when.

The file is JSON with one entry on a line, sorted, so that a change to it reads well in a review.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from auditor.errors import UsageError
from auditor.model.finding import Finding, Suppression


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

    def pruned(self, findings: Iterable[Finding], today: date) -> Baseline:
        """Leave out what no finding answers to any more, and what has expired."""
        found = {finding.fingerprint for finding in findings}
        kept = [entry for entry in self.accepted if entry.fingerprint in found and not entry.expired(today)]
        return Baseline(accepted=_sorted(kept))

    def encode(self) -> bytes:
        """Write the file's text."""
        lines = [json.dumps(msgspec.to_builtins(entry), ensure_ascii=False) for entry in _sorted(self.accepted)]
        body = ",\n".join(f"  {line}" for line in lines)
        return f'{{"version": {self.version}, "accepted": [\n{body}\n]}}\n'.encode()


def _sorted(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    return tuple(sorted(entries, key=lambda entry: (entry.check, entry.subject, entry.fingerprint)))


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
        raise UsageError(f"cannot read the baseline {path}: {error.strerror}") from error
    except (msgspec.DecodeError, ValueError) as error:
        raise UsageError(
            f"{path} is not a baseline: {error}", "make one with: auditor baseline create REPORT"
        ) from error
    if baseline.version != 1:
        raise UsageError(f"{path} is a baseline of version {baseline.version}, this program reads version 1")
    return baseline
