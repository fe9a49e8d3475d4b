"""The same things are kept under two spellings of a name.

## What
Two patterns of keys whose names differ only in separators, casing, singular and plural, or a common abbreviation, and
whose keys have the same type and the same kind of identifier: user:{id} and users:{id}, cache:user:{id} and
cache-user-{id}.

## Why it matters
Two parts of the code keep the same thing and do not know of each other. What one writes the other does not read; what
one deletes stays with the other. A cache is filled twice and emptied by half.

## When it is fine
The two are different things whose names happen to be alike.

## How to fix it
Decide on one name. Let the code that uses the other one write the new name and read both, then stop using the old one.
Keys that expire need no more than that; others are renamed in batches.

## Sources
Redis documentation, "Keys and values": try to stick with a schema.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject
from auditor.model.keyspace import KeyPattern
from auditor.model.operation import AnyOperation, ChangeApplication, RenameKeys
from auditor.model.units import KEY_PATTERNS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.text import quantity
from auditor_checks._key_names import of_library, unspelled
from auditor_checks._keys import counted, expiring, keys_of
from auditor_checks._names import words

CHECK = Check(
    title="The same things are kept under two spellings of a name",
    passed="No two patterns of keys are spellings of one name",
    pillar=Pillar.MODELLING,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=KEY_PATTERNS,
    needs=("keyspace",),
    engines=("redis",),
)

_Form = tuple[int, tuple[str, ...], str | None, tuple[str, ...]]


def judge(pattern: KeyPattern, facts: Facts, *, min_keys: float = 100) -> Iterator[Flaw]:
    """Report a pattern of which another spelling has more keys."""
    if not _counts(pattern, min_keys):
        return
    others = facts.once(("spellings", min_keys), lambda: _spellings(facts, min_keys))[_form(pattern)]
    main = others[0]
    if main is pattern:
        return
    lasting = (expiring(pattern) or 0.0) < 0.5
    number_only = _spelled(pattern) != _spelled(main)
    yield Flaw(
        title=f"{pattern.path} and {main.path} are spellings of one name",
        severity=Severity.MEDIUM if lasting and (expiring(main) or 0.0) < 0.5 else Severity.LOW,
        confidence=Confidence.POSSIBLE if number_only else Confidence.LIKELY,
        related=(Subject(kind="key-pattern", name=main.path),),
        evidence=(
            *counted(pattern),
            Evidence(name="keys of the other spelling", value=round(keys_of(main)), unit="keys", probe="keyspace"),
            Evidence(name="type of both", value=pattern.type, probe="keyspace"),
            Evidence(name="kind of the identifiers", value=", ".join(pattern.parts), probe="keyspace"),
        ),
        impact=Impact(risk="what one spelling writes the other does not read"),
        explanation=(
            f"About {quantity(keys_of(pattern))} keys are called {pattern.path} and {quantity(keys_of(main))} are "
            f"called {main.path}. The names differ only in how they are spelled, and all are of type {pattern.type}."
        ),
        recommendation=f"Use {main.name} for new keys, read both until the others are gone.",
        operations=(_operation(pattern, main, lasting=lasting),),
    )


def _counts(pattern: KeyPattern, least: float) -> bool:
    """Whether it stands for many keys: single keys, and names that a library makes, are no spellings of anything."""
    return bool(pattern.parts) and keys_of(pattern) >= least and not of_library(pattern)


def _form(pattern: KeyPattern) -> _Form:
    return pattern.database, unspelled(pattern), pattern.type, pattern.parts


def _spelled(pattern: KeyPattern) -> tuple[str, ...]:
    """The words themselves: where these differ too, it is by a plural or an abbreviation."""
    return words(pattern.name.replace("{id}", ":"))


def _spellings(facts: Facts, least: float) -> dict[_Form, list[KeyPattern]]:
    """Patterns with enough keys by what they are without their spelling, those of most keys first."""
    found: dict[_Form, list[KeyPattern]] = {}
    for one in sorted(facts.keyspace.patterns, key=lambda one: (-keys_of(one), one.path)):
        if _counts(one, least):
            found.setdefault(_form(one), []).append(one)
    return found


def _operation(pattern: KeyPattern, main: KeyPattern, *, lasting: bool) -> AnyOperation:
    if lasting:
        return RenameKeys(pattern=pattern.name, database=pattern.database, to=main.name)
    return ChangeApplication(
        topic="one-spelling", subject=pattern.path,
        instruction=f"Write {main.name} where {pattern.name} is written now, and read both until those have expired.",
    )  # fmt: skip
