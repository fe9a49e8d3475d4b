"""The safety margins against wraparound have been tuned away.

## What
Settings that begin freezing, or the emergency vacuum that skips everything else, so late that little is left between
them and the limit of 2^31: ``autovacuum_freeze_max_age`` and its multixact sibling above a billion,
``vacuum_failsafe_age`` and its sibling above 1.8 billion.

## Why it matters
Whoever raised them wanted fewer forced vacuums. On a busy server the remaining numbers are used up in the time that
the vacuum of one large table takes; then the server stops taking writes.

## When it is fine
The server uses so few transactions that the remaining ones last for months.

## How to fix it
Set them back to their defaults, after freezing the oldest tables by hand so that the forced vacuums do not start all
at once.

## Sources
PostgreSQL manual, settings autovacuum_freeze_max_age (19.10) and vacuum_failsafe_age (19.11); "Preventing Transaction
ID Wraparound Failures" (24.1.5).
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject
from auditor.model.operation import ResetSetting
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks.operations._wraparound import LIMIT

CHECK = Check(
    title="Safety margin against wraparound was tuned away",
    passed="Safety margins against wraparound are in place",
    pillar=Pillar.OPERATIONS,
    severity=Severity.HIGH,
    unit=SERVER,
    needs=("settings",),
    engines=("postgresql",),
)


def judge(
    facts: Facts, _: Facts, *, max_freeze_age: float = 1_000_000_000, max_failsafe_age: float = 1_800_000_000
) -> Iterator[Flaw]:
    """Report each setting that leaves too few numbers."""
    bounds = {
        "autovacuum_freeze_max_age": max_freeze_age,
        "autovacuum_multixact_freeze_max_age": max_freeze_age,
        "vacuum_failsafe_age": max_failsafe_age,
        "vacuum_multixact_failsafe_age": max_failsafe_age,
    }
    for name, bound in bounds.items():
        setting, value = facts.settings.get(name), facts.setting_number(name)
        if setting is None or value is None or value <= bound:
            continue
        left = int(LIMIT - value)
        yield Flaw(
            title=f"{name} leaves {left:,} numbers before wraparound",
            subject=Subject(kind="setting", name=name),
            evidence=(
                Evidence(name=name, value=int(value), probe="settings"),
                Evidence(name="default", value=setting.boot, probe="settings"),
                Evidence(name="numbers left after it", value=left, probe="settings"),
            ),
            impact=Impact(risk="the server stops taking writes before the vacuum is done"),
            explanation=(
                f"{name} is {value:,.0f} (default {setting.boot}): when it takes effect {left:,} numbers are left, and "
                "freezing a large table may take longer than they last."
            ),
            recommendation="Freeze the oldest tables by hand, then set it back to its default.",
            operations=(ResetSetting(name=name, previous=setting.value, restart=setting.context == "restart"),),
        )
