"""A host-based rule is never reached.

## What
Rules for whose every connection an earlier rule already decides. Only rules that are covered as a whole by one other
rule are reported; "all" databases do not stand for replication.

## Why it matters
The first rule that fits decides, alone: nothing falls through to the next. A refusal or a stronger method that stands
too late protects nobody; a rule that grants too late confuses whoever has to find out why a login fails.

## When it is fine
It never is needed; a repeated rule with the same method is only untidy, and graded low.

## How to fix it
Move the narrower rule up, or take out the one that is never reached; reload.

## Sources
PostgreSQL manual, "The pg_hba.conf File".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.security import HostRule
from auditor.model.units import HOST_RULES
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks.security._network import shadowing, written

CHECK = Check(
    title="Host-based rule is never reached",
    passed="Every host-based rule can be reached",
    pillar=Pillar.SECURITY,
    severity=Severity.MEDIUM,
    unit=HOST_RULES,
    needs=("host-rules",),
    engines=("postgresql",),
)
# From nothing at all to what proves most; a method that is not listed is some other service's.
STRENGTH = {"trust": 0, "ident": 1, "password": 2, "md5": 3, "scram-sha-256": 5, "peer": 5, "cert": 6, "reject": 9}
OTHER = 4


def judge(rule: HostRule, facts: Facts) -> Iterator[Verdict]:
    """Find the earlier rule that takes everything; graver when this one would have asked for more."""
    if facts.target.managed:
        yield Unknown(reason="the host-based rules of a managed service are its operator's")
        return
    earlier = shadowing(rule, facts) if rule.error is None and rule.method is not None else None
    if earlier is None:
        return
    stricter = STRENGTH.get(rule.method or "", OTHER) > STRENGTH.get(earlier.method or "", OTHER)
    yield Flaw(
        title=f"Host-based rule on line {rule.line} is never reached",
        severity=Severity.MEDIUM if stricter else Severity.LOW,
        related=(Subject(kind="host-rule", name=f"line {earlier.line}"),),
        evidence=(
            Evidence(name=f"line {earlier.line}", value=written(earlier), probe="host-rules"),
            Evidence(name=f"line {rule.line}", value=written(rule), probe="host-rules"),
        ),
        impact=Impact(risk="a stricter rule protects nobody" if stricter else "the file does not say what it does"),
        explanation=(
            f"Every connection that line {rule.line} is for is decided by line {earlier.line} before, with "
            f"{earlier.method} in place of {rule.method}."
        ),
        recommendation=f"Move line {rule.line} above line {earlier.line}, or take out the one that is not meant.",
        operations=(
            ChangeApplication(
                topic="host-rules",
                subject=f"line {rule.line}",
                instruction=(
                    f"{written(rule)} stands behind {written(earlier)}, which decides first: move it up or take it "
                    "out, and reload."
                ),
            ),
        ),
    )
