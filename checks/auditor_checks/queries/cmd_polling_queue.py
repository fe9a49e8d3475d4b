"""Workers ask for work instead of waiting for it.

## What
LPOP and RPOP are called many times as often as anything is pushed, and no command that waits is used.

## Why it matters
Each question in vain is a command and a journey through the network, all day long, and work that comes waits until
somebody asks the next time.

## When it is fine
Each push adds many elements which are taken one by one. What is taken with a count, or by scripts, is counted as it is
called: the counters cannot tell a question in vain from one that found something.

## How to fix it
Wait with BLPOP or BLMOVE, each worker on a connection of its own and with a time limit. A stream with a consumer group
also knows what was given out and not done (XREADGROUP with BLOCK).

## Sources
Redis documentation, "BLPOP", "Redis lists" (blocking commands), "Redis streams".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw
from auditor.model.operation import ChangeApplication
from auditor.model.units import SERVER
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._commands import called
from auditor_checks._nodes import REDIS

CHECK = Check(
    title="Workers ask for work instead of waiting for it",
    passed="No worker seems to ask for work in vain",
    pillar=Pillar.QUERIES,
    severity=Severity.LOW,
    confidence=Confidence.POSSIBLE,
    unit=SERVER,
    needs=("info",),
    engines=REDIS,
)
_ADVICE = "Let workers wait with BLPOP or BLMOVE, or with XREADGROUP and BLOCK on a stream."


def judge(_server: Facts, facts: Facts, *, min_calls: float = 1_000, times: float = 8) -> Iterator[Flaw]:
    """Compare what is taken with what is pushed."""
    taken = called(facts, "lpop", "rpop", "rpoplpush", "lmove")
    pushed = called(facts, "lpush", "rpush", "lpushx", "rpushx", "linsert", "rpoplpush", "lmove")
    waiting = called(facts, "blpop", "brpop", "blmove", "brpoplpush", "blmpop")
    if taken < min_calls or taken < times * pushed or waiting:
        return
    yield Flaw(
        title=f"Lists were asked for an element {taken:,} times, and {pushed:,} times one was pushed",
        evidence=(
            Evidence(name="calls that take", value=taken, unit="calls", probe="info"),
            Evidence(name="calls that push", value=pushed, unit="calls", probe="info"),
            Evidence(name="calls that wait", value=waiting, unit="calls", probe="info"),
        ),
        explanation=f"{taken:,} times something was to be taken from a list, for {pushed:,} pushes; nobody waits.",
        recommendation=_ADVICE,
        operations=(ChangeApplication(topic="polling", subject="lists", instruction=_ADVICE),),
    )
