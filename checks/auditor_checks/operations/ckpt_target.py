"""Checkpoints are written in a hurry.

## What
checkpoint_completion_target is far below 0.9: each checkpoint writes its pages in a small part of the time that it has.

## Why it matters
The same pages are written in a burst, and while it lasts statements wait for the disk. Spread over the whole interval
they disturb nobody.

## When it is fine
Storage with so much bandwidth that the burst is not felt.

## How to fix it
Set it to 0.9, the default since version 14; a reload is enough.

## Sources
PostgreSQL manual, "Write Ahead Log: Checkpoints": checkpoint_completion_target; release notes of version 14.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Subject, Unknown, Verdict
from auditor.model.operation import SetSetting
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity

CHECK = Check(
    title="Checkpoints are written in a hurry",
    passed="Checkpoints are spread over the time that they have",
    pillar=Pillar.OPERATIONS,
    severity=Severity.LOW,
    unit=SERVER,
    needs=("settings",),
    engines=("postgresql",),
)
NAME = "checkpoint_completion_target"


def judge(_server: Facts, facts: Facts, *, target: float = 0.7) -> Iterator[Verdict]:
    """Compare the setting with the limit."""
    now = facts.setting_number(NAME)
    if now is None:
        yield Unknown(reason=f"{NAME} is not visible")
        return
    if now >= target:
        return
    yield Flaw(
        title=f"Checkpoints are written in {now:.0%} of the time that they have",
        subject=Subject(kind="setting", name=NAME),
        evidence=(
            Evidence(name=NAME, value=now, unit="share", probe="settings"),
            Evidence(
                name="checkpoint_timeout", value=facts.setting_seconds("checkpoint_timeout"), unit="seconds",
                probe="settings",
            ),
        ),
        explanation=f"Every checkpoint is written in a burst that takes {now:.0%} of the interval.",
        recommendation="Set it to 0.9; a reload is enough.",
        operations=(SetSetting(name=NAME, value="0.9", previous=facts.setting(NAME)),),
    )  # fmt: skip
