"""Large keys are freed in the main thread.

## What
Collections with many elements are there, and the server frees memory itself, in the main thread, where they expire, are
evicted or are overwritten: lazyfree-lazy-expire, lazyfree-lazy-eviction or lazyfree-lazy-server-del is no.

## Why it matters
Freeing a collection of a million elements takes a good part of a second, in which nobody is served. Nobody sees which
command it was, because none was.

## When it is fine
The large collections never expire and are never evicted.

## How to fix it
CONFIG SET these to yes: a thread in the background frees the memory. Valkey has them on since version 8.0.

## Sources
Redis documentation, redis.conf: lazy freeing. Valkey 8.0 release notes.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Unknown, Verdict
from auditor.model.operation import SetSetting
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._nodes import REDIS
from auditor_checks._settings import evidence_of
from auditor_checks._words import counted

CHECK = Check(
    title="Large keys are freed in the main thread",
    passed="Large keys are freed in the background",
    pillar=Pillar.OPERATIONS,
    severity=Severity.LOW,
    unit=SERVER,
    needs=("config", "keyspace"),
    engines=REDIS,
)
EXPIRE, EVICT, OVERWRITE = "lazyfree-lazy-expire", "lazyfree-lazy-eviction", "lazyfree-lazy-server-del"


def judge(_server: Facts, facts: Facts, *, elements: float = 100_000) -> Iterator[Verdict]:
    """Look for large collections, and for what may free them."""
    if any(facts.setting(name) is None for name in (EXPIRE, EVICT)):
        yield Unknown(reason=f"{EXPIRE} is not visible")
        return
    large = [one for one in facts.keyspace.patterns if one.type != "string" and (one.elements_maximum or 0) >= elements]
    if not large:
        return
    limit = facts.counter("maxmemory") or 0
    policy = facts.server.states.get("maxmemory_policy", "noeviction")
    ending = [one for one in large if one.lifetimes is not None and one.lifetimes.expiring]
    evictable = limit and (policy.startswith("allkeys-") or (policy.startswith("volatile-") and ending))
    off = [
        *([EXPIRE] if ending and facts.setting(EXPIRE) == "no" else []),
        *([EVICT] if evictable and facts.setting(EVICT) == "no" else []),
    ]
    if not off:
        return
    off += [OVERWRITE] if facts.setting(OVERWRITE) == "no" else []
    largest = max(one.elements_maximum or 0 for one in large)
    yield Flaw(
        related=tuple(Subject(kind="key-pattern", name=path) for path in sorted({one.path for one in large})),
        evidence=(
            *(evidence_of(name, facts) for name in off),
            Evidence(name="patterns of large collections", value=len(large), unit="patterns", probe="keyspace"),
            Evidence(name="elements of the largest", value=largest, unit="elements", probe="keyspace"),
            Evidence(name="maxmemory_policy", value=policy, probe="info"),
        ),
        impact=Impact(risk="nobody is served while a large key is freed"),
        explanation=f"{counted(len(large), 'pattern')} of keys with up to {largest:,} elements may expire or be "
        f"evicted, and the main thread frees them ({', '.join(off)} no).",
        recommendation="Switch these on; that takes no restart.",
        operations=tuple(SetSetting(name=name, value="yes", previous="no") for name in off),
    )  # fmt: skip
