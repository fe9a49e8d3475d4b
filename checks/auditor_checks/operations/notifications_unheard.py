"""The server tells of changes of keys, and nobody listens.

## What
notify-keyspace-events is set, and nobody subscribed to a channel or to a pattern of channels at the moment of the
audit.

## Why it matters
The server makes one or two messages for each change of a key of the chosen kinds, whether or not anybody listens. That
takes time from each write, and a tenth or more of it where every kind is chosen.

## When it is fine
Listeners come and go, and were away at the moment.

## How to fix it
Set it to nothing, or to the kinds that are needed. The change takes no time.

## Sources
Redis documentation, "Redis keyspace notifications": disabled by default because they use some CPU power.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Unknown, Verdict
from auditor.model.operation import SetSetting
from auditor.model.units import SERVER
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._nodes import REDIS
from auditor_checks._settings import invisible

CHECK = Check(
    title="The server tells of changes of keys, and nobody listens",
    passed="Nobody is told of changes of keys in vain",
    pillar=Pillar.OPERATIONS,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=SERVER,
    needs=("config", "channels"),
    engines=REDIS,
)
NAME = "notify-keyspace-events"


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Compare the setting with who listens."""
    value, channels = facts.setting(NAME), facts.workload.channels
    if value is None:
        yield invisible(NAME)
        return
    if channels is None:
        yield Unknown(reason="who listens to messages is not visible")
        return
    if not ({"K", "E"} & set(value)) or channels.channels or channels.patterns:
        return
    yield Flaw(
        subject=Subject(kind="setting", name=NAME),
        evidence=(
            Evidence(name=NAME, value=value, probe="config"),
            Evidence(name="channels with subscribers", value=channels.channels, unit="channels", probe="channels"),
            Evidence(name="patterns with subscribers", value=channels.patterns, unit="patterns", probe="channels"),
        ),
        impact=Impact(risk="each write makes messages for nobody"),
        explanation=f'{NAME} is "{value}": changes of keys are told to subscribers, and there are none.',
        recommendation="Set it to nothing, or ask whose listeners were away.",
        operations=(SetSetting(name=NAME, value="", previous=value),),
    )
