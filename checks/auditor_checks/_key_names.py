"""How names of keys are built: their separator, their casing, and what a name is when the spelling is taken away."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from auditor.model.keyspace import KeyPattern
from auditor_checks._names import words

_VALUE = "\0"
_HARD = re.compile(r"[:/|]")
"""What parts a name into segments; other signs part words, unless a name has none of these."""
_SOFT = re.compile(r"([-_.#])\0|[^\W_]()\0")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]*")
_LIBRARIES = frozenset("""
    asynq bull bullmq celery connect django faktory horizon kombu laravel phpredis resque rq sidekiq spring
    springframework symfony unacked
""".split())  # fmt: skip
"""First words of names that a library writes, which nobody should change."""
_SHORT = {"sess": "session", "usr": "user", "acct": "account", "cfg": "config", "msg": "message", "org": "organization"}


def _plain(pattern: KeyPattern) -> str:
    return pattern.name.replace("{id}", _VALUE)


def of_library(pattern: KeyPattern) -> bool:
    """Whether the names have the form of a library."""
    return any(word in _LIBRARIES for word in words(pattern.name.replace("{id}", ":"))[:2])


def separator(pattern: KeyPattern) -> str | None:
    """What parts the names: ":", else what stands before the first value, "" for nothing; None where nothing tells."""
    name = _plain(pattern)
    hard = _HARD.search(name)
    if hard is not None:
        return hard[0]
    soft = _SOFT.search(name)
    return None if soft is None else soft[1] or ""


def casing(pattern: KeyPattern) -> str:
    """How words are written: "lower", "camel" (userProfile) or "capital" (User, USER)."""
    found = _WORD.findall(_plain(pattern))
    if any(word[0].isupper() for word in found):
        return "capital"
    return "camel" if any(not word.islower() for word in found) else "lower"


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """A word without what makes it a plural or an abbreviation: what differs only in that has the same stem."""
    word = _SHORT.get(word, word)
    if len(word) > 4 and word.endswith("ies"):
        return f"{word[:-3]}y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    return word.removesuffix("e") if len(word) > 3 else word


def unspelled(pattern: KeyPattern) -> tuple[str, ...]:
    """The names as stems of their words and values ("{id}"), whatever separates them and however they are written."""
    found: list[str] = []
    for number, part in enumerate(_plain(pattern).split(_VALUE)):
        found += [*(["{id}"] if number else []), *map(stem, words(part))]
    return tuple(found)


def entities(pattern: KeyPattern) -> frozenset[str]:
    """The words directly before a value, in lower case: what the value is the identifier of."""
    parts = _plain(pattern).split(_VALUE)
    named = (words(before) for before, _ in pairwise(parts))
    return frozenset(found[-1] for found in named if found)
