"""A list only grows.

## What
A list of very many elements that does not expire, on a server where elements of lists are added far more often than
they are taken or trimmed away.

## Why it matters
It grows until the memory is full, and LRANGE, LINDEX and LREM on it take longer with every element.

## When it is fine
It is a queue whose workers are stopped for now, or another list is the one that only grows: commands are counted for
the whole server, not for each key.

## How to fix it
Trim where elements are added (LPUSH and LTRIM in one transaction), or use a stream with a limit where it is a log.

## Sources
Redis documentation, "Lists": capped lists; "LTRIM".
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
from auditor_checks._key_names import of_library
from auditor_checks._keys import bytes_of, counted, expiring

CHECK = Check(
    title="A list only grows",
    passed="Lists are trimmed or emptied",
    pillar=Pillar.CAPACITY,
    severity=Severity.LOW,
    confidence=Confidence.POSSIBLE,
    unit=KEY_PATTERNS,
    needs=("keyspace", "info"),
    engines=("redis",),
)

_ADDING = frozenset({"lpush", "rpush", "lpushx", "rpushx", "linsert"})
_TAKING = frozenset("""
    lpop rpop blpop brpop lmpop blmpop ltrim lrem lmove blmove rpoplpush brpoplpush
""".split())  # fmt: skip


def judge(
    pattern: KeyPattern, facts: Facts, *, min_elements: float = 10_000, taken_share: float = 0.5
) -> Iterator[Verdict]:
    """Report long lists where few elements are taken away. What libraries keep in lists is left out."""
    longest = pattern.elements_maximum
    if pattern.type != "list" or longest is None or longest < min_elements or (expiring(pattern) or 0.0) >= 0.5:
        return
    if of_library(pattern):
        return
    if not facts.workload.commands:
        yield Unknown(reason="the server does not tell which commands come")
        return
    calls = {one.name: one.calls - (one.failed or 0) for one in facts.workload.commands}
    adding = sum(number for name, number in calls.items() if name in _ADDING)
    taking = sum(number for name, number in calls.items() if name in _TAKING)
    if not adding or taking >= taken_share * adding:
        return
    yield Flaw(
        title=f"{pattern.path} only grows",
        evidence=(
            Evidence(name="elements of the longest", value=longest, unit="elements", probe="keyspace"),
            Evidence(name="commands that add to lists", value=adding, unit="calls", probe="info"),
            Evidence(name="commands that take from lists or trim them", value=taking, unit="calls", probe="info"),
            *counted(pattern),
        ),
        impact=Impact(bytes=round(bytes_of(pattern)), risk="it grows until the memory is full"),
        explanation=(
            f"A list of {pattern.path} has {quantity(longest)} elements and does not expire. {quantity(adding)} "
            f"commands that add to lists were counted, and {quantity(taking)} that take from them or trim them."
        ),
        recommendation="Trim the list where it is filled, or use a stream with a limit where it is a log.",
        operations=(
            ChangeApplication(
                topic="cap-list", subject=pattern.path,
                instruction="Trim the list by LTRIM in the transaction that adds to it, to what readers need. Trim "
                "what is there once, in steps of some thousand elements.",
            ),
        ),
    )  # fmt: skip
