"""Names of keys follow no common form.

## What
Patterns of keys, two at least, that are built otherwise than most: by another separator, in another casing, or with the
singular of a word that others have in the plural. Names in the form of a library, and keys that stand alone, do not
count.

## Why it matters
Accounts are restricted, memory is attributed and keys are looked for by the beginnings of names. Where every team has
its own form, rules for accounts leave gaps, and the same thing comes to be kept twice.

## When it is fine
Several applications share the server, each with a form of its own that it keeps to.

## How to fix it
Agree on one form, as object:id:field, and use it for new keys. What expires needs no renaming; rename what stays when
its code is touched.

## Sources
Redis documentation, "Keys and values": try to stick with a schema; "ACL": key permissions.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Verdict
from auditor.model.keyspace import KeyPattern
from auditor.model.operation import ChangeApplication
from auditor.model.units import SERVER
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.text import count, share
from auditor_checks._key_names import casing, entities, of_library, separator, stem, unspelled
from auditor_checks._keys import keys_of

CHECK = Check(
    title="Names of keys follow no common form",
    passed="Names of keys follow a common form",
    pillar=Pillar.MODELLING,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=SERVER,
    needs=("keyspace",),
    engines=("redis",),
)

_NAMED = 12
"""Patterns that a finding names."""
_WAYS = {"": "nothing"}


def judge(
    _server: Facts, facts: Facts, *, min_keys: float = 100, min_others: float = 2, min_share: float = 0.01
) -> Iterator[Verdict]:
    """Compare the form of all patterns that stand for many keys with that of most keys."""
    patterns = [one for one in facts.keyspace.patterns if _counts(one, min_keys)]
    keys = sum(keys_of(one) for one in patterns)
    parted, main_sign, signs = _others(patterns, separator)
    written, main_case, _ = _others(patterns, casing)
    numbered = _numbers(patterns)
    others = {one.path: one for one in (*parted, *written, *numbered)}
    odd = sum(keys_of(one) for one in others.values())
    if len(others) < min_others or odd < min_share * keys:
        return
    named = sorted(others.values(), key=lambda one: (-keys_of(one), one.path))
    said = (
        (parted, f"are parted by {_called(signs - {main_sign})} instead of by {_called({main_sign})}"),
        (written, f"are not written in the casing of most ({main_case})"),
        (numbered, "have the singular of a word that another one has in the plural, or the other way round"),
    )
    yield Flaw(
        related=tuple(Subject(kind="key-pattern", name=one.path) for one in named[:_NAMED]),
        evidence=(
            Evidence(name="patterns compared", value=len(patterns), unit="patterns", probe="keyspace"),
            Evidence(name="patterns of another form", value=len(others), unit="patterns", probe="keyspace"),
            Evidence(name="by their separator", value=len(parted), unit="patterns", probe="keyspace"),
            Evidence(name="by their casing", value=len(written), unit="patterns", probe="keyspace"),
            Evidence(name="by singular and plural", value=len(numbered), unit="patterns", probe="keyspace"),
            Evidence(name="their part of the keys", value=round(odd / keys, 3), unit="share", probe="keyspace"),
        ),
        impact=Impact(risk="the same thing is kept twice, and rules for accounts leave gaps"),
        explanation=f"{count(len(others), 'pattern')} of {len(patterns)}, with {share(odd / keys)} of the keys, are "
        "built otherwise than most: " + "; ".join(f"{len(found)} {how}" for found, how in said if found) + ".",
        recommendation="Agree on one form for new keys, as object:id:field, and let the others go as they expire.",
        operations=(
            ChangeApplication(
                topic="key-names", subject="server",
                instruction="Make the names of keys in one place of the code, in one form, and read old names until "
                "their keys are gone.",
            ),
        ),
    )  # fmt: skip


def _counts(pattern: KeyPattern, least: float) -> bool:
    return bool(pattern.parts) and keys_of(pattern) >= least and not of_library(pattern)


def _others(
    patterns: Sequence[KeyPattern], form: Callable[[KeyPattern], str | None]
) -> tuple[list[KeyPattern], str, set[str]]:
    """The patterns of another form than that of most keys, that form, and all that there are."""
    keys = Counter[str]()
    forms = {one.path: form(one) for one in patterns}
    for one in patterns:
        found = forms[one.path]
        if found is not None:
            keys[found] += round(keys_of(one))
    main = max(keys, key=lambda found: (keys[found], found), default="")
    return [one for one in patterns if forms[one.path] not in {None, main}], main, set(keys)


def _numbers(patterns: Sequence[KeyPattern]) -> list[KeyPattern]:
    """Patterns with a word before a value of which another pattern, for something else, has the other number."""
    spelled: dict[str, dict[str, list[KeyPattern]]] = defaultdict(lambda: defaultdict(list))
    for one in patterns:
        for word in entities(one):
            spelled[stem(word)][word].append(one)
    found: dict[str, KeyPattern] = {}
    for ways in spelled.values():
        main = max(ways, key=lambda word: (sum(map(keys_of, ways[word])), word))
        known = {unspelled(one) for one in ways[main]}  # the very same in another number is a duplicate, not disorder
        found |= {one.path: one for word in ways if word != main for one in ways[word] if unspelled(one) not in known}
    return list(found.values())


def _called(signs: set[str]) -> str:
    return " or ".join(_WAYS.get(sign, f'"{sign}"') for sign in sorted(signs))
