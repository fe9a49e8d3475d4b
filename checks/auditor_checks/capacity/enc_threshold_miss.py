"""Collections are a little too long for the compact encoding.

## What
Hashes, sets or sorted sets of short values that have a few more elements than the limit up to which they are stored
compactly: with a limit twice as high they would be. The limit is the one in force.

## Why it matters
In the compact encoding an element takes a few bytes beside its own; in the other each is an entry with several pointers
and the memory is often three times as much.

## When it is fine
Commands search a compact collection from its beginning: with much higher limits they take longer. Double the limit, not
more, and look at the times of commands.

## How to fix it
Raise the limit. Collections that are there are not stored anew by that: they are compact once they are written as a
whole, or after a restart from a snapshot.

## Sources
Redis documentation, "Memory optimization": special encoding of small aggregate data types.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact
from auditor.model.keyspace import KeyPattern
from auditor.model.operation import SetSetting
from auditor.model.units import KEY_PATTERNS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.text import quantity, share
from auditor_checks._keys import bytes_of, counted, keys_of

CHECK = Check(
    title="Collections are a little too long for the compact encoding",
    passed="Collections of short values are stored compactly",
    pillar=Pillar.CAPACITY,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=KEY_PATTERNS,
    needs=("keyspace", "config"),
    engines=("redis",),
)

_SETTINGS = {
    "hash": ("hash-max-listpack-entries", "hash-max-ziplist-entries"),
    "zset": ("zset-max-listpack-entries", "zset-max-ziplist-entries"),
    "set": ("set-max-listpack-entries",),
}
_SAVED = 0.5
"""The part of the memory that the compact encoding saves at least."""


def judge(
    pattern: KeyPattern, facts: Facts, *, least: float = 0.2, min_keys: float = 100, min_bytes: float = 10e6
) -> Iterator[Flaw]:
    """Report patterns of which many collections are just above the limit."""
    name = next((one for one in _SETTINGS.get(pattern.type or "", ()) if facts.setting(one) is not None), None)
    near = pattern.near_limit
    if name is None or near is None or near < least:
        return
    limit, affected, taken = facts.setting_number(name), near * keys_of(pattern), near * bytes_of(pattern)
    if limit is None or affected < min_keys or taken < min_bytes:
        return
    yield Flaw(
        title=f"Keys of {pattern.path} are a little too long for the compact encoding",
        evidence=(
            Evidence(name=name, value=round(limit), unit="elements", probe="config"),
            Evidence(name="keys just above it", value=round(near, 3), unit="share", probe="keyspace"),
            Evidence(name="elements (median)", value=pattern.elements_median, unit="elements", probe="keyspace"),
            *counted(pattern),
        ),
        impact=Impact(bytes=round(_SAVED * taken), risk="memory is taken by pointers"),
        explanation=(
            f"{share(near)} of the keys of {pattern.path}, about {quantity(round(affected))}, have more than "
            f"{limit:.0f} elements and no more than {2 * limit:.0f}, and their values are short."
        ),
        recommendation=f"Raise {name} to {2 * limit:.0f}, and look at the times of commands.",
        operations=(SetSetting(name=name, value=f"{2 * limit:.0f}", previous=facts.setting(name)),),
    )
