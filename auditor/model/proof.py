"""The proof of a plan: what a rehearsal on a disposable server measured, and what of it passed."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from auditor.model.calibration import Calibration

PROOF_VERSION = "1"

Verdict = Literal["passed", "failed", "not-measured"]


class Mark(Struct, frozen=True, kw_only=True):
    """One metric of a rehearsal against its limit.

    ``id`` is M1 to M14. ``value`` and ``limit`` are in ``unit``; None where there is nothing to count or to keep to.
    ``reason`` says in a sentence what the verdict rests on, or why nothing was measured.
    """

    id: str
    title: str
    verdict: Verdict
    value: float | None = None
    limit: float | None = None
    unit: str = ""
    reason: str = ""


class Stall(Struct, frozen=True, kw_only=True):
    """A wait that a client of the rehearsal felt.

    ``client`` says what kind of client it was, ``statement`` what it asked, ``behind`` the statement that it waited
    for, None where none was seen. Texts are the plan's or the rehearsal's own.
    """

    step: str
    run: str
    client: str
    seconds: float
    statement: str
    behind: str | None = None


class StepProof(Struct, frozen=True, kw_only=True):
    """What became of one step of the plan.

    ``outcome``: "rehearsed" (it did what it should, within its marks), "failed" or "not-rehearsed", with the
    ``reason`` of the latter two. Seconds and bytes are of the first run forward, None where the step was not run.
    ``rewrote`` lists the tables that were rewritten or scanned under a lock that others queue behind. Replicas: how
    far a standby fell behind, and how many queries on it were cancelled; None where there was no standby.
    """

    step: str
    outcome: Literal["rehearsed", "failed", "not-rehearsed"]
    reason: str | None = None
    seconds: float | None = None
    longest_stall_seconds: float | None = None
    errors: int = 0
    wal_bytes: int | None = None
    disk_bytes: int | None = None
    tries: int = 1
    rewrote: tuple[str, ...] = ()
    replica_lag_seconds: float | None = None
    replica_lag_bytes: int | None = None
    replica_cancelled: int | None = None


class Run(Struct, frozen=True, kw_only=True):
    """One passage of a rehearsal: the baseline, forward, back, forward again, the kills, the starvation.

    Replicas as in ``StepProof``.
    """

    name: str
    seconds: float
    steps: int
    probes: int
    errors: int
    longest_seconds: float
    percentile_seconds: float
    replica_lag_seconds: float | None = None
    replica_lag_bytes: int | None = None
    replica_cancelled: int | None = None


class Proof(Struct, frozen=True, kw_only=True):
    """The result of a rehearsal.

    ``plan_hash`` is the hash of the plan that was rehearsed; a proof says nothing about any other. ``settings_hash``
    is that of the server's settings. ``scale`` is the share of the real rows that the rehearsal's tables held,
    ``rows`` how many they were. ``created_at`` and ``expires_at`` are times in UTC. ``left_out`` says what of the
    schema could not be rebuilt, and why. ``interrupted`` is True where it was ended before its last run.
    ``calibration`` is how fast the server of the rehearsal was found to work.
    """

    schema_version: str = PROOF_VERSION
    plan_hash: str
    engine: str
    server_version: str
    settings_hash: str
    created_at: str
    expires_at: str
    scale: float
    rows: int
    marks: tuple[Mark, ...]
    stalls: tuple[Stall, ...] = ()
    steps: tuple[StepProof, ...] = ()
    runs: tuple[Run, ...] = ()
    left_out: tuple[str, ...] = ()
    interrupted: bool = False
    calibration: Calibration | None = None

    @property
    def passed(self) -> bool:
        """Whether nothing failed and the rehearsal came to its end."""
        return not self.interrupted and all(one.verdict != "failed" for one in (*self.marks,)) and not self.failed

    @property
    def failed(self) -> tuple[StepProof, ...]:
        """The steps that failed."""
        return tuple(step for step in self.steps if step.outcome == "failed")
