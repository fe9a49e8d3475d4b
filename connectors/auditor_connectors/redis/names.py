"""The pattern of one name by itself: what is left of a key where no sample tells which of its parts differ."""

from __future__ import annotations

import re
from collections.abc import Callable

Naming = Callable[[bytes], str]
"""From the name of a key to its pattern, in which everything that may be somebody's is ``{id}``."""

_PARTS = re.compile(r"[^:/|#.{}*?\[\]_-]+|[:/|#.{}*?\[\]_-]")
_SEPARATORS = frozenset(":/|#.{}*?[]_-")
_LONGEST = 24
"""How many parts of a pattern are kept, separators among them."""
_WORDS = frozenset("""
    account app basket bucket by cache cart channel config count counter counters daily data date day db dead
    delayed event events failed feed fields groups hash history hits id ids index info items job jobs json key keys
    latest limit list lock locks log logs messages meta metrics name new notifications object online order orders page
    pending prices processing product products profile queue rank ranking rate ratelimit requests result results score
    scores search session sessions set settings stats status stock stream tag tags tasks temp time timeline tmp token
    tokens top total tracking unread user users values version views visits wait zset
""".split())  # fmt: skip
"""Words that programs write into names, and that tell nothing of anybody."""


def careful(name: bytes) -> str:
    """The pattern of a name: only those words stay that any program might write."""
    found: list[str] = []
    for part in _PARTS.findall(name.decode("utf-8", "replace")):
        if part in _SEPARATORS or part.lower() in _WORDS:
            found.append(part)
        elif not found or found[-1] != "{id}":
            found.append("{id}")
    return "".join(found[:_LONGEST])
