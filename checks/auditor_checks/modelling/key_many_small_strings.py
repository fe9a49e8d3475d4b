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
their number (HSET item:12 345 …), with fewer fields than the limit of the compact encoding
(hash-max-listpack-entries). Texts above hash-max-listpack-value, 64 bytes by default, gain next to nothing and are not
reported.

## Sources
Redis documentation, "Memory optimization": use hashes when possible; using hashes to abstract a key-value store.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

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

_BUCKETED, _GATHERED = 18, 8
"""Bytes that a key saves beside the repeated words of its name: as one of many fields of a bucket, and as one more
field of a hash of its own thing. Less than was measured on Redis 6.2 to 8.2 and Valkey 8.1 and 9.1, where a key of a
few bytes saved 39 to 97 in a bucket; one of more than hash-max-listpack-value saved next to nothing."""
_LONG = 0.1
"""Up to which share of the values may be "raw", which on Redis begins at 45 bytes: hashes of these are not compact."""
_LISTPACK_VALUE, _HEADER = 64, 16
"""Bytes of the longest value in a compact hash by default, and those that a key takes at least beside its contents."""


def judge(
    pattern: KeyPattern, facts: Facts, *, small: float = 200, min_keys: float = 100_000, min_family: float = 10_000
) -> Iterator[Flaw]:
    """Report large patterns of small texts, and families of them once, at their first member."""
    if not _fits(pattern, facts, small):
        return
    head = _head(pattern)
    family = _families(facts, small)[pattern.database, head] if head else [pattern]
    if pattern is not family[0]:
        return
    together = sum(map(keys_of, family))
    several = len(family) > 1 and together >= min_family
    if not several and keys_of(pattern) < min_keys:
        return
    saved = _gathered(family, head or "") if several else _bucketed(pattern)
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


def _families(facts: Facts, small: float) -> Mapping[tuple[int, str | None], list[KeyPattern]]:
    """Patterns that fit by what stands before the identifier, those of most keys first."""

    def compute() -> Mapping[tuple[int, str | None], list[KeyPattern]]:
        found: dict[tuple[int, str | None], list[KeyPattern]] = {}
        for one in sorted(facts.keyspace.patterns, key=lambda one: (-keys_of(one), one.name)):
            if _fits(one, facts, small):
                found.setdefault((one.database, _head(one)), []).append(one)
        return found

    return facts.once(("small-strings", small), compute)


def _fits(pattern: KeyPattern, facts: Facts, small: float) -> bool:
    """Whether the values are texts that a hash would hold compactly, and stay."""
    if pattern.bytes_mean is None or pattern.bytes_mean > small or not pattern.parts or expiring(pattern) != 0.0:
        return False
    if pattern.types.get("string", 0.0) < 0.95 or pattern.encodings.get("raw", 0.0) > _LONG:
        return False
    # Valkey 9 calls texts of up to a hundred bytes short ones, which hashes do not.
    longest = facts.setting_number("hash-max-listpack-value") or _LISTPACK_VALUE
    return facts.target.flavour != "Valkey" or pattern.bytes_mean - (pattern.name_bytes or 0.0) - _HEADER <= longest


def _bucketed(pattern: KeyPattern) -> int:
    """Bytes that all keys save as fields of buckets, which have the fixed words of their names once."""
    return round(keys_of(pattern) * (_BUCKETED + _words(pattern)))


def _gathered(family: Sequence[KeyPattern], head: str) -> int:
    """Bytes that all but one key of each thing save as fields of one hash, which has the identifier once."""
    identifier = max(0.0, (family[0].name_bytes or 0.0) - _words(family[0]))
    gone = sum(map(keys_of, family)) - max(map(keys_of, family))
    return round(gone * (_GATHERED + len(head) + identifier))


def _words(pattern: KeyPattern) -> int:
    """Bytes of a name that all keys of its pattern have."""
    return len(pattern.name.replace("{id}", "").encode())


def _head(pattern: KeyPattern) -> str | None:
    """What stands before the identifier, where it is the only thing that differs and fixed words follow it."""
    head, _, tail = pattern.name.partition("{id}")
    return head if head and tail.strip("}:") and len(pattern.parts) == 1 and bytes_of(pattern) else None
