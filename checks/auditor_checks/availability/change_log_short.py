"""The log of changes reaches back only hours.

## What
The log of changes of a member is full, and its oldest entry is younger than the limit. A log that is not full yet is
not judged: nothing has been dropped from it.

## Why it matters
A member that was away for longer than the log reaches back has to be copied anew, and so does a new one whose first
copy takes longer than that. Change streams and tools that read the log cannot resume either.

## When it is fine
A load was just written in bulk, and the log reaches back days in normal times.

## How to fix it
Enlarge the log member by member, which takes no restart, or keep entries for a least time
(storage.oplogMinRetentionHours).

## Sources
MongoDB manual, "Replica Set Oplog"; "Change the Oplog Size of Self-Managed Replica Set Members". A day is the usual
length of a maintenance with its surprises.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.server import Member
from auditor.model.units import MEMBERS, Unit
from auditor.model.vocabulary import Pillar, Severity
from auditor.text import duration, size

KEEPING = Unit(
    plural="members with a log of changes",
    items=lambda f: [member for member in f.server.members if not member.arbiter],
    subject=MEMBERS.subject,
)
CHECK = Check(
    title="Log of changes reaches back only hours",
    passed="Logs of changes reach back for a day or are not full",
    pillar=Pillar.AVAILABILITY,
    severity=Severity.MEDIUM,
    unit=KEEPING,
    needs=("members", "change-logs"),
)
HOUR = 3600.0


def judge(
    member: Member, facts: Facts, *, hours: float = 24, high_hours: float = 3, full: float = 0.9
) -> Iterator[Verdict]:
    """Compare what a full log reaches back to with the limits."""
    if member.log_seconds is None or member.log_bytes is None or not member.log_limit_bytes:
        yield Unknown(reason=f"{member.name} could not be asked", grant=facts.probes["change-logs"].grant)
        return
    back = member.log_seconds / HOUR
    if member.log_bytes < full * member.log_limit_bytes or back >= hours:
        return
    wanted = round(member.log_limit_bytes * hours / max(back, 0.25))
    yield Flaw(
        title=f"Log of changes of {member.name} reaches back {duration(member.log_seconds)}",
        severity=Severity.HIGH if back < high_hours else Severity.MEDIUM,
        evidence=(
            Evidence(name="reaches back", value=member.log_seconds, unit="seconds", probe="change-logs"),
            Evidence(name="size", value=member.log_bytes, unit="bytes", probe="change-logs"),
            Evidence(name="largest size", value=member.log_limit_bytes, unit="bytes", probe="change-logs"),
        ),
        impact=Impact(risk="a member that is away for longer has to be copied anew"),
        explanation=(
            f"{size(member.log_limit_bytes)} hold {duration(member.log_seconds)} of changes at the rate of just now; "
            "older ones are gone."
        ),
        recommendation=f"Enlarge it to some {size(wanted)}, member by member; that takes no restart.",
        operations=(
            ChangeApplication(
                topic="change-log", subject=member.name,
                instruction=f"Enlarge the log of changes of {member.name} to some {size(wanted)}.",
            ),
        ),
    )  # fmt: skip
