"""Keys whose time is over stay in memory.

## What
The share of keys past their end among those with a time to live, as the server estimates it, where its search for them
ran out of time at least once.

## Why it matters
Such keys answer no read any more and take memory all the same; where memory is short, keys that live are evicted in
their place.

## When it is fine
A wave of keys that ended together a moment ago: the share falls within seconds.

## How to fix it
Raise active-expire-effort (1 to 10), which spends more of the server's time on the search, or spread the times to live.
The change takes no time.

## Sources
INFO: expired_stale_perc, expired_time_cap_reached_count; redis.conf, active-expire-effort: by default at most about ten
per cent of keys past their end may stay.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Flaw, Impact
from auditor.model.operation import SetSetting
from auditor.model.server import Node
from auditor.model.units import PRIMARIES
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._nodes import REDIS, counted_by, number, setting, setting_of

CHECK = Check(
    title="Keys whose time is over stay in memory",
    passed="Keys go when their time is over",
    pillar=Pillar.CACHING,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=PRIMARIES,
    needs=("info",),
    engines=REDIS,
)
NAME = "active-expire-effort"
_STEP = 3
_MOST = 10


def judge(node: Node, facts: Facts, *, percent: float = 12, medium_percent: float = 25) -> Iterator[Flaw]:
    """Compare the estimate with what the server tolerates."""
    stale, stopped = number(node, "expired_stale_perc"), number(node, "expired_time_cap_reached_count")
    if stale < percent or stopped < 1:
        return
    given = setting_of(node, facts, NAME) or ""
    effort = int(given) if given.isdigit() else None
    more = None if effort is None or effort >= _MOST else min(_MOST, effort + _STEP)
    yield Flaw(
        title=f"{stale:.0f}% of the keys with a time to live are past their end",
        severity=Severity.MEDIUM if stale >= medium_percent else Severity.LOW,
        evidence=(
            *counted_by(node, (("expired_stale_perc", "per cent"), ("expired_time_cap_reached_count", "times"),
                               ("expired_keys", "keys"))),
            setting(node, facts, NAME),
        ),
        impact=Impact(risk="memory is taken by what nobody can read"),
        explanation=(
            f"The server estimates that {stale:.1f}% of the keys that expire are past their end, and ran out of time "
            f"{stopped:,.0f} times when it looked for them."
        ),
        recommendation="Raise active-expire-effort, or spread the times to live.",
        operations=() if more is None else (SetSetting(name=NAME, value=str(more), previous=given),),
    )  # fmt: skip
