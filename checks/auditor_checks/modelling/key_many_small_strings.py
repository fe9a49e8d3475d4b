"""Very many small texts have a key each.

## What
A pattern of very many keys that hold a short text and never expire; or several such patterns that begin with the same
identifier (user:{id}:name, user:{id}:mail, …), each of which could be a field of one hash.

## Why it matters
A key costs about fifty bytes beside its name and its value. As fields of hashes that are small enough for the compact
encoding the same texts cost a few bytes each, and what belongs together is read by one command.

## When it is fine
Each needs a time to live of its own: fields of hashes have one only from Redis 7.4 and Valkey 9 on. Or the memory does
not matter.

## How to fix it
Keep what belongs to one thing as fields of one hash (HSET user:42 name …), or keep many things in one hash by a part of
their number (HSET item:12 345 …), with fewer fields than the limit of the compact encoding.

## Sources
Redis documentation, "Memory optimization": use hashes when possible; using hashes to abstract a key-value store.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject
from auditor.model.keyspace import KeyPattern
from auditor.model.operation import ChangeApplication
from auditor.model.units import KEY_PATTERNS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.text import quantity, size
from auditor_checks._keys import bytes_of, counted, expiring, keys_of

CHECK = Check(
    title="Very many small texts have a key each",
    passed="Small texts are kept together",
    pillar=Pillar.MODELLING,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=KEY_PATTERNS,
    needs=("keyspace",),
    engines=("redis",),
)

_SAVED = 40
"""Bytes that a key takes beside its name and value, and a field does not: less than any version's true difference."""


def judge(
    pattern: KeyPattern, facts: Facts, *, small: float = 200, min_keys: float = 100_000, min_family: float = 10_000
) -> Iterator[Flaw]:
    """Report large patterns of small texts, and families of them once, at their first member."""
    if not _fits(pattern, small):
        return
    head = _head(pattern)
    family = sorted(
        (one for one in facts.keyspace.patterns if _fits(one, small) and _head(one) == head
         and one.database == pattern.database),
        key=lambda one: (-keys_of(one), one.name),
    ) if head else [pattern]  # fmt: skip
    if pattern is not family[0]:
        return
    together = sum(map(keys_of, family))
    several = len(family) > 1 and together >= min_family
    if not several and keys_of(pattern) < min_keys:
        return
    saved = round(_SAVED * (together if several else keys_of(pattern)))
    names = ", ".join(one.path for one in family[:4])
    yield Flaw(
        title=f"{names} could be fields of one hash" if several else f"{pattern.path}: very many small texts",
        related=tuple(Subject(kind="key-pattern", name=one.path) for one in family[1:]) if several else (),
        evidence=(
            Evidence(name="keys of all these patterns", value=round(together), unit="keys", probe="keyspace"),
            Evidence(name="patterns", value=len(family) if several else 1, unit="patterns", probe="keyspace"),
            Evidence(name="mean size", value=round(pattern.bytes_mean or 0.0), unit="bytes", probe="keyspace"),
            *counted(pattern),
        ),
        impact=Impact(bytes=saved, risk="memory is taken by keys rather than by what they hold"),
        explanation=(
            f"{quantity(round(together if several else keys_of(pattern)))} keys hold a text of a mean size of "
            f"{size(pattern.bytes_mean)} with all that the key takes, and never expire."
        ),
        recommendation="Keep what belongs together as fields of one hash, within the limit of the compact encoding.",
        operations=(
            ChangeApplication(
                topic="texts-to-hashes", subject=pattern.path,
                instruction="Write a field of a hash beside each text (HSET user:42 name …), read the hash first and "
                "the text after it, copy what is there in batches, then stop writing the texts and delete them.",
            ),
        ),
    )  # fmt: skip


def _fits(pattern: KeyPattern, small: float) -> bool:
    short = pattern.bytes_mean is not None and pattern.bytes_mean <= small
    return short and pattern.types.get("string", 0.0) >= 0.95 and expiring(pattern) == 0.0 and bool(pattern.parts)


def _head(pattern: KeyPattern) -> str | None:
    """What stands before the identifier, where it is the only thing that differs and fixed words follow it."""
    head, _, tail = pattern.name.partition("{id}")
    return head if head and tail.strip("}:") and len(pattern.parts) == 1 and bytes_of(pattern) else None
