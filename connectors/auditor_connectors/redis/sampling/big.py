"""The largest keys: found by looking where they can be, not at everything.

One walk goes over the names of all keys, on from where the sample ended. Keys are measured whose pattern has
collections, or texts of different sizes, or was hardly looked at; keys of a pattern whose sampled texts are all alike
are passed over. Redis 8 counts long collections by itself: where it knows of none of a type, those are passed over too.
"""

from __future__ import annotations

import heapq
import re
import time
from collections.abc import Iterator

from msgspec import Struct

from auditor_connectors.redis.sampling.looks import Look, mixed
from auditor_connectors.redis.sampling.names import pages
from auditor_connectors.redis.sampling.pace import Pace
from auditor_connectors.redis.sampling.patterns import Pattern, Patterns
from auditor_connectors.redis.sampling.sample import Sampled, sample
from auditor_connectors.redis.session import Session

LISTED = 50
"""How many keys are listed."""
_MEASURED = 1_000_000
"""How many keys are measured at most for each part of the key space."""
_SECONDS, _SHARE_OF_BUDGET, _SHARE = 60.0, 0.25, 0.05
"""How long the search takes at most, which share of the time of the audit, and of the server's own time."""
_LEAST, _ALIKE, _ALIKE_COUNTED = 30, 2.0, 10.0
"""How many looks tell that sizes are alike, and up to how many times the median the largest of them then is: of texts,
and of collections of which the server itself knows no long one."""
_LONG = 1024
"""From how many elements on a collection may be one of the largest keys."""
_PAGE = 600
_AT_ONCE = 500


class Big(Struct, kw_only=True):
    """One of the largest keys, with where it is; its name stays inside the session."""

    one: Sampled
    pattern: Pattern
    look: Look


class Search(Struct, kw_only=True):
    """What the search came to: the largest keys, largest first, and whether it went over all keys."""

    keys: list[Big]
    complete: bool
    measured: int


def search(session: Session) -> Search:
    """Search, or return what was found.

    Raises:
        NotHereError: there is no sample, for a reason that the message says.
        RedisError: the server refuses.

    """
    return session.once("big-keys", lambda: _searched(session))


def _searched(session: Session) -> Search:
    taken = sample(session)
    until = min(time.monotonic() + min(_SECONDS, _SHARE_OF_BUDGET * session.options.time_budget), session.deadline)
    keys: list[Big] = []
    complete, measured = True, 0
    short = _short(session)
    for one in taken.parts:
        pace = Pace(one.part.node, until, _SHARE)
        one.part.node.command("SELECT", one.part.database)
        learnt = taken.learnt[one.part.database]
        sizes = _measured(one, _Open(one, learnt, short), pace)
        complete = complete and pace.cut is None and len(sizes) < _MEASURED
        measured += len(sizes)
        keys += _largest(one, pace, sizes, learnt)
    keys.sort(key=lambda big: (-(big.look.bytes or 0), big.one.part.database, big.pattern.name))
    for node in session.samplers():
        node.command("SELECT", session.identity.database or 0)
    return Search(keys=keys[:LISTED], complete=complete, measured=measured)


class _Open:
    """Which names may be those of very large keys: all, but for patterns that were looked at and are alike."""

    def __init__(self, one: Sampled, learnt: Patterns, short: frozenset[str]) -> None:
        self._of = learnt.of
        self._closed = {pattern for pattern, looks in one.looks.items() if _alike(looks, short)}
        self._seen = {look.name for looks in one.looks.values() for look in looks}

    def among(self, names: Iterator[bytes] | list[bytes]) -> list[bytes]:
        """Those of the names that are to be measured."""
        return [name for name in names if self._of(name) not in self._closed and name not in self._seen]


def _alike(looks: list[Look], short: frozenset[str]) -> bool:
    """Whether no key of a pattern can be very large, as far as looks show. ``short``: types that have no long ones."""
    known = sorted(look.bytes for look in looks if look.bytes is not None)
    types = {look.type for look in looks}
    if len(known) < _LEAST or not types <= {"string", *short}:
        return False
    return known[-1] <= (_ALIKE if types == {"string"} else _ALIKE_COUNTED) * known[len(known) // 2]


def _short(session: Session) -> frozenset[str]:
    """The types of collections of which the server itself knows that none is long (Redis 8, one server)."""
    counted = session.identity.info.get("Keysizes", {})
    if session.identity.mode == "cluster" or not counted:
        return frozenset()
    long = set()
    for name, text in counted.items():
        for least, unit in re.findall(r"(\d+)([KMGT]?)=", text):
            if unit or int(least) >= _LONG:
                long.add(name.split("_")[2])
    names = {"lists": "list", "sets": "set", "zsets": "zset", "hashes": "hash"}
    return frozenset(kind for plural, kind in names.items() if plural not in long)


def _measured(one: Sampled, open_: _Open, pace: Pace) -> dict[bytes, int]:
    """Measure what is open among the names of the sample, then among all others."""
    sizes: dict[bytes, int] = {}
    waiting = mixed(open_.among(one.part.names))
    for start in range(0, len(waiting), _AT_ONCE):
        sizes |= one.eyes.sizes(waiting[start : start + _AT_ONCE], pace)
    if one.part.method == "all":
        return sizes
    waiting = []
    for cursor, page in pages(one.part.node, one.part.cursor, _PAGE, pace):
        waiting += open_.among(page)
        if len(waiting) >= _AT_ONCE or cursor == b"0":
            sizes |= one.eyes.sizes(waiting, pace)
            waiting = []
        if len(sizes) >= _MEASURED:
            break
    return sizes


def _largest(one: Sampled, pace: Pace, sizes: dict[bytes, int], learnt: Patterns) -> list[Big]:
    """The largest keys of a part with their type, encoding, end and length."""
    known = {look.name: (pattern, look) for pattern, looks in one.looks.items() for look in looks}
    ranked = [(look.bytes or 0, name) for name, (_, look) in known.items()]
    ranked += [(size, name) for name, size in sizes.items() if name not in known]
    top = [name for _, name in heapq.nlargest(LISTED, ranked)]
    again = learnt if learnt.first_varies else Patterns(top)
    fresh = {look.name: look for look in one.eyes.look([name for name in top if name not in known], pace)}
    looks = [known[name] if name in known else (_known(name, learnt.of(name), again), fresh.get(name)) for name in top]
    found = [Big(one=one, pattern=pattern, look=look) for pattern, look in looks if look is not None]
    one.eyes.measure([big.look for big in found], pace)
    return found


def _known(name: bytes, pattern: Pattern, again: Patterns) -> Pattern:
    """The pattern of a name; where its very beginning was not among the sample, what the largest have among themselves.

    Not where first words are values: then one that was not seen is a value too.
    """
    return again.of(name) if pattern.name.startswith("{id}") else pattern
