"""The same kind of thing is stored under two patterns of names.

## What
Two patterns of one database whose words mean the same, and that differ in upper and lower case, in what separates the
parts, in singular and plural, or in an abbreviation; both have the same type.

## Why it matters
Usually one is what an older version of a program wrote, or another program that does not know of the first. Each reads
its own: data is there twice, or is missed, and deletions reach one of them.

## When it is fine
They are different things with nearly the same name, or a migration from one to the other is under way.

## How to fix it
Find out who writes each. Move readers to one of the two, write both while they move, then let the other end.

## Sources
Redis documentation, "Keys and values": stick with a schema.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Subject
from auditor.model.keyspace import KeyPattern
from auditor.model.operation import RenameKeys
from auditor.model.units import KEY_PATTERNS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.text import quantity
from auditor_checks._key_names import meaning, of_library
from auditor_checks._keys import counted, keys_of

CHECK = Check(
    title="The same kind of thing is stored under two patterns of names",
    passed="Each kind of thing has one pattern of names",
    pillar=Pillar.MODELLING,
    severity=Severity.LOW,
    confidence=Confidence.POSSIBLE,
    unit=KEY_PATTERNS,
    needs=("keyspace",),
    engines=("redis",),
)


def judge(pattern: KeyPattern, facts: Facts, *, min_keys: float = 20) -> Iterator[Flaw]:
    """Look for a larger pattern whose words mean the same."""
    words = meaning(pattern)
    if keys_of(pattern) < min_keys or "" not in words or not any(words) or of_library(pattern):
        return
    twins = [one for one in _by_meaning(facts).get((pattern.database, pattern.type, words), ()) if one is not pattern]
    larger = [one for one in twins if (keys_of(one), one.name) > (keys_of(pattern), pattern.name)]
    if not larger:
        return
    other = max(larger, key=lambda one: (keys_of(one), one.name))
    yield Flaw(
        title=f"{pattern.path} and {other.path} seem to be the same",
        related=(Subject(kind="key-pattern", name=other.path),),
        evidence=(
            Evidence(name=f"keys of {other.path}", value=round(keys_of(other)), unit="keys", probe="keyspace"),
            Evidence(name="type of both", value=pattern.type, probe="keyspace"),
            *counted(pattern),
        ),
        explanation=(
            f"{pattern.path} ({quantity(round(keys_of(pattern)))} keys) and {other.path} "
            f"({quantity(round(keys_of(other)))} keys) mean the same by their words and have the same type."
        ),
        recommendation="Find out who writes each, and move to one of the two.",
        operations=(RenameKeys(pattern=pattern.name, database=pattern.database, to=other.name),),
    )


def _by_meaning(facts: Facts) -> dict[tuple[int, str | None, tuple[str, ...]], list[KeyPattern]]:
    def compute() -> dict[tuple[int, str | None, tuple[str, ...]], list[KeyPattern]]:
        found: dict[tuple[int, str | None, tuple[str, ...]], list[KeyPattern]] = {}
        for one in facts.keyspace.patterns:
            found.setdefault((one.database, one.type, meaning(one)), []).append(one)
        return found

    return facts.once("patterns-by-meaning", compute)
