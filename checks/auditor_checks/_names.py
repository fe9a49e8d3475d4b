"""What a name says: its words. Whole words only, so that "statement" is never taken for "state"."""

from __future__ import annotations

import re
from functools import lru_cache

_BORDER = re.compile(r"[^0-9A-Za-z]+|(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@lru_cache(maxsize=65_536)
def words(name: str) -> tuple[str, ...]:
    """Split a name at everything that is no letter or digit, and at the humps of camelCase; in lower case."""
    return tuple(word.lower() for word in _BORDER.split(name) if word)


_IRREGULAR = {"people": "person", "children": "child", "men": "man", "women": "woman", "indices": "index"}


@lru_cache(maxsize=65_536)
def singulars(word: str) -> frozenset[str]:
    """What a word may be in the singular, itself among it: a table's name is compared with a column's by these."""
    found = {word, _IRREGULAR.get(word, word)}
    if len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        found.add(word[:-1])
        if word.endswith("es"):
            found.add(word[:-2])
        if word.endswith("ies"):
            found.add(word[:-3] + "y")
    return frozenset(found)
