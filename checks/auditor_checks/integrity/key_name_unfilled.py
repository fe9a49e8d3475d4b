"""Names of keys hold what programs write for "nothing".

## What
Keys whose names have undefined, null, None or NaN where other keys have an identifier.

## Why it matters
A program made the name before it knew the identifier. All who run into that share one key: one user may be shown
another's data, and what is written there is lost to its owner.

## When it is fine
The word is an identifier that was chosen: "none" for those who have no group.

## How to fix it
Find where the name is made, and refuse to make one without an identifier. Look at what the key holds before it is
deleted.

## Sources
OWASP Top 10, "Broken Access Control". Redis documentation, "Keys and values".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject
from auditor.model.keyspace import KeyPattern
from auditor.model.operation import ChangeApplication
from auditor.model.units import KEY_PATTERNS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._keys import counted, keys_of

CHECK = Check(
    title='Names of keys hold what programs write for "nothing"',
    passed="No name of a key lacks its identifier",
    pillar=Pillar.INTEGRITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=KEY_PATTERNS,
    needs=("keyspace",),
    engines=("redis",),
)

_NOTHING = re.compile(r"(?<![^\W_])(undefined|null|NULL|None|NaN)(?![^\W_])")


def judge(pattern: KeyPattern, facts: Facts, *, min_siblings: float = 10) -> Iterator[Flaw]:
    """Report a pattern with such a word where another pattern has an identifier."""
    match = _NOTHING.search(pattern.name)
    if match is None:
        return
    usual = pattern.name[: match.start()] + "{id}" + pattern.name[match.end() :]
    sibling = next(
        (one for one in facts.keyspace.patterns if one.name == usual and one.database == pattern.database), None
    )
    if sibling is None or keys_of(sibling) < min_siblings:
        return
    yield Flaw(
        title=f"{pattern.path} has {match[0]} in place of an identifier",
        related=(Subject(kind="key-pattern", name=sibling.path),),
        evidence=(
            Evidence(name=f"keys of {sibling.path}", value=round(keys_of(sibling)), unit="keys", probe="keyspace"),
            *counted(pattern),
        ),
        impact=Impact(risk="several users share what one of them wrote"),
        explanation=f"{pattern.path} stands beside {sibling.path}: its name was made before the identifier was known.",
        recommendation="Find where the name is made, and refuse to make one without an identifier.",
        operations=(
            ChangeApplication(
                topic="key-without-identifier", subject=pattern.path,
                instruction="Make names of keys in one place that refuses an empty identifier, and look at what this "
                "key holds before it is deleted.",
            ),
        ),
    )  # fmt: skip
