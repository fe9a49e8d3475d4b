"""What a name says: its words. Whole words only, so that "statement" is never taken for "state"."""

from __future__ import annotations

import re
from functools import lru_cache

_BORDER = re.compile(r"[^0-9A-Za-z]+|(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@lru_cache(maxsize=65_536)
def words(name: str) -> tuple[str, ...]:
    """Split a name at everything that is no letter or digit, and at the humps of camelCase; in lower case."""
    return tuple(word.lower() for word in _BORDER.split(name) if word)


def singular(word: str) -> str:
    """The singular of a regular English plural, for comparing a column's name with a table's."""
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zes", "uses")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3 else word
