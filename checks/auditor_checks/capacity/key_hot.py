"""One key is used very much.

## What
A key that the server's own counter of use shows to be asked for hundreds of thousands of times. The counter exists
where keys are evicted by how often they are used (an LFU policy), and it falls with every minute without use.

## Why it matters
One thread answers all that concerns a key, and in a cluster one server: adding servers does not help.

## When it is fine
The server has room: a key may be read a hundred thousand times a second before that is much.

## How to fix it
Keep the value for a few seconds in the processes that read it, with client-side caching where the client has it
(CLIENT TRACKING), or write copies under several names and read one of them by chance.

## Sources
Redis documentation, "Key eviction": the new LFU mode, whose table of counters by hits and lfu-log-factor is computed
here; "Client-side caching".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Unknown, Verdict
from auditor.model.keyspace import KeyPattern
from auditor.model.operation import ChangeApplication
from auditor.model.units import KEY_PATTERNS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.text import quantity

CHECK = Check(
    title="One key is used very much",
    passed="No key is used so much more than others",
    pillar=Pillar.CAPACITY,
    severity=Severity.LOW,
    confidence=Confidence.POSSIBLE,
    unit=KEY_PATTERNS,
    needs=("keyspace", "info"),
    engines=("redis",),
)

_BEGINS = 5
"""The counter of a key that was just made."""
_FACTOR = 10.0


def judge(pattern: KeyPattern, facts: Facts, *, min_uses: float = 100_000) -> Iterator[Verdict]:
    """Translate the counter into about how many uses it takes to raise it so far."""
    if pattern.frequency is None:
        yield Unknown(reason="the server counts how often keys are used only where it evicts by that (an LFU policy)")
        return
    factor = facts.setting_number("lfu-log-factor")
    uses = _uses(pattern.frequency, _FACTOR if factor is None else factor)
    if uses < min_uses:
        return
    clustered = len(facts.server.shards) > 1
    yield Flaw(
        title=f"One key of {pattern.path} is used very much",
        severity=Severity.MEDIUM if clustered else Severity.LOW,
        evidence=(
            Evidence(name="counter of use", value=pattern.frequency, unit="of 255", probe="keyspace"),
            Evidence(name="uses that raise it so far", value=round(uses), unit="uses", probe="keyspace"),
            Evidence(name="lfu-log-factor", value=factor, probe="config"),
        ),
        impact=Impact(risk="its server has all of its load" if clustered else "one thread answers all of its load"),
        explanation=(
            f"The most used key of {pattern.path} has a counter of {pattern.frequency}, which takes about "
            f"{quantity(uses)} uses, more than fade with time."
        ),
        recommendation="Keep the value in the processes that read it, for a few seconds or by client-side caching.",
        operations=(
            ChangeApplication(
                topic="client-side-cache", subject=pattern.path,
                instruction="Keep the value in the processes that read it: with CLIENT TRACKING where the client has "
                "it, else for a few seconds. What is written often can be split over several keys that are added up.",
            ),
        ),
    )  # fmt: skip


def _uses(counter: int, factor: float) -> float:
    """How many uses raise the counter so far, on average: each raises it with a chance of 1/(counter·factor + 1)."""
    steps = max(0, counter - _BEGINS)
    return steps + factor * steps * (steps - 1) / 2
