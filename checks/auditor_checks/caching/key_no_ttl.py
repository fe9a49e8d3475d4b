"""Keys that are made for a short time never expire.

## What
Patterns that hold a cache, sessions, locks, limits of rates, codes or temporary data, and of which no key or not every
key has a time to live. What a pattern is for is inferred: see keyspace-role.

## Why it matters
They stay until somebody deletes them, or until the memory is full. A session that never ends is one that can be
stolen; a lock without an end stays when its holder dies. Where nearly all keys expire and some do not, the program has
a way on which it forgets to set the time: typically SET without KEEPTTL, or a crash between INCR and EXPIRE.

## When it is fine
A job deletes them; or the server may evict any key and has a limit of memory, and what is old makes room in time.

## How to fix it
Set the time to live where the key is written, in the same command (SET … EX), and give keys that are there one that is
spread, in batches.

## Sources
Redis documentation, "EXPIRE", "SET", "Key eviction".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Verdict
from auditor.model.keyspace import KeyPattern
from auditor.model.operation import ExpireKeys
from auditor.model.units import KEY_PATTERNS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.text import quantity, share
from auditor_checks._keys import DAY, bytes_of, counted, evicts_any, expiring, keys_of, policy_of
from auditor_checks._roles import Used, roles

CHECK = Check(
    title="Keys that are made for a short time never expire",
    passed="Keys that are made for a short time expire",
    pillar=Pillar.CACHING,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=KEY_PATTERNS,
    needs=("keyspace", "info"),
    engines=("redis",),
)

_TEMPORARY = re.compile(r"(?<![^\W_])(tmp|temp|temporary)(?![^\W_])", re.IGNORECASE)
_SECONDS = {"temporary data": DAY, "cache": DAY, "session store": 7 * DAY, "coordination": 3600.0}
"""How long keys of a role live that never had an end: longer than nearly every program means."""


def judge(
    pattern: KeyPattern, facts: Facts, *, min_keys: float = 100, min_share: float = 0.01, min_forgotten: float = 20
) -> Iterator[Verdict]:
    """Report patterns of a role that is short-lived, and patterns that nearly always expire."""
    part = expiring(pattern)
    if part is None:
        return
    staying = (1.0 - part) * keys_of(pattern)
    used = roles(facts).of(pattern)
    if part >= 0.5:
        if staying >= min_forgotten and 1.0 - part >= min_share:
            yield _forgotten(pattern, staying, used)
        return
    meant = _meant(pattern, used)
    if meant is not None and staying >= min_keys:
        yield _never(pattern, facts, staying, meant)


class _Meant(NamedTuple):
    """What short-lived keys are for, what says so, and how sure that is."""

    role: str
    reasons: tuple[str, ...]
    confidence: Confidence


def _meant(pattern: KeyPattern, used: Used | None) -> _Meant | None:
    if used is not None and used.role in _SECONDS:
        return _Meant(used.role, used.reasons, used.confidence)
    word = _TEMPORARY.search(pattern.name)
    return None if word is None else _Meant("temporary data", (f'the name has "{word[0]}"',), Confidence.LIKELY)


def _never(pattern: KeyPattern, facts: Facts, staying: float, meant: _Meant) -> Flaw:
    role, reasons, sure = meant
    bounded = role in ("cache", "temporary data") and evicts_any(facts)
    return Flaw(
        title=f"Keys of {pattern.path} never expire",
        severity=Severity.LOW if bounded else Severity.MEDIUM,
        confidence=sure,
        evidence=(
            Evidence(name="inferred role", value=role, probe="keyspace"),
            Evidence(name="keys without a time to live", value=round(staying), unit="keys", probe="keyspace"),
            *counted(pattern),
            Evidence(name="not used for (median)", value=None if pattern.idle_seconds is None
                     else round(pattern.idle_seconds), unit="seconds", probe="keyspace"),
            Evidence(name="eviction policy", value=policy_of(facts) or None, probe="info"),
        ),
        impact=Impact(
            bytes=round(bytes_of(pattern)), risk="what is old is evicted late" if bounded else "it grows without end"
        ),
        explanation=(
            f"{pattern.path} looks like {_named(role)} ({', '.join(reasons)}), and about {quantity(staying)} of "
            "its keys have no time to live."
        ),
        recommendation="Set a time to live where keys are written, and give those that are there one that is spread.",
        operations=(
            ExpireKeys(pattern=pattern.name, database=pattern.database, seconds=round(_SECONDS[role])),
        ),
    )  # fmt: skip


def _named(role: str) -> str:
    return {"coordination": "locks, limits or codes", "temporary data": role}.get(role, f"a {role}")


def _forgotten(pattern: KeyPattern, staying: float, used: Used | None) -> Flaw:
    times = pattern.lifetimes
    longest = times.maximum if times is not None and times.maximum is not None else DAY
    return Flaw(
        title=f"Some keys of {pattern.path} never expire, while the others do",
        severity=Severity.LOW,
        confidence=Confidence.LIKELY,
        evidence=(
            Evidence(name="keys that expire", value=round(expiring(pattern) or 0.0, 3), unit="share", probe="keyspace"),
            Evidence(name="keys without a time to live", value=round(staying), unit="keys", probe="keyspace"),
            Evidence(name="longest time left", value=round(longest), unit="seconds", probe="keyspace"),
            *counted(pattern),
            *((Evidence(name="inferred role", value=used.role, probe="keyspace"),) if used is not None else ()),
        ),
        impact=Impact(
            bytes=round(bytes_of(pattern) * (1.0 - (expiring(pattern) or 0.0))), risk="those that stay pile up"
        ),
        explanation=(
            f"{share(expiring(pattern) or 0.0)} of the keys of {pattern.path} expire, and about {quantity(staying)} "
            "do not: there is a way on which the program sets no time, or takes it away."
        ),
        recommendation="Find the write that sets no time to live, and give keys without one the longest of the others.",
        operations=(
            ExpireKeys(pattern=pattern.name, database=pattern.database, seconds=max(60, round(longest))),
        ),
    )  # fmt: skip
