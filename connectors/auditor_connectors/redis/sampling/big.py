"""The largest keys: found by looking where they can be, not at everything.

One walk goes over the names of all keys, on from where the sample ended. Keys are measured whose pattern has
collections, or texts of different sizes, or was hardly looked at; keys of a pattern whose sampled texts are all alike
are passed over. Redis 8 counts long collections by itself: where it knows of none of a type, patterns whose sampled
collections are alike are passed over too, and where it knows of some they are measured only if these were not all found
elsewhere, by a second walk.
"""

from __future__ import annotations

import heapq
import re
import time
from collections import Counter
from collections.abc import Callable, Mapping

from msgspec import Struct

from auditor_connectors.redis.sampling.looks import LENGTHS, Look, mixed
from auditor_connectors.redis.sampling.names import pages
from auditor_connectors.redis.sampling.pace import Pace
from auditor_connectors.redis.sampling.patterns import Pattern, Patterns
from auditor_connectors.redis.sampling.sample import Sampled, sample
from auditor_connectors.redis.session import Session

LISTED = 50
"""How many keys are listed."""
_MEASURED = 1_000_000
"""How many keys are measured at most for each part of the key space."""
_SECONDS, _SHARE_OF_BUDGET, _SHARE = 120.0, 0.4, 0.05
"""How long the search takes at most, which share of the time of the audit, and of the server's own time."""
_LEAST, _ALIKE, _ALIKE_COUNTED = 30, 2.0, 10.0
"""How many looks tell that sizes are alike, and up to how many times the median the largest of them then is: of texts,
and of collections of which the server itself knows no long one."""
_LONG = 1024
"""From how many elements on a collection may be one of the largest keys."""
_CHECKED, _CHECKED_BYTES = 1_000, 2_048
"""How many keys are asked for their length to see whether all long ones were found, and of how many bytes at least: a
long collection has two bytes for each element."""
_PAGE = 600
_RECEIVED = 400_000_000
"""Bytes of names after which the search ends: those of some ten million keys, of which none is kept."""
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
    for one in taken.parts:
        pace = Pace(one.part.node, until, _SHARE)
        one.part.node.command("SELECT", one.part.database)
        learnt = taken.learnt[one.part.database]
        long = _long(session, one.part.database)
        patterns = _Sorted(one, learnt, long)
        sizes = _measured(one, patterns.open, pace)
        if patterns.doubtful and not _all_found(one, sizes, long or {}, pace):
            sizes |= _walked(one, patterns.doubted, pace, b"0")
        complete = complete and pace.cut is None and len(sizes) < _MEASURED
        measured += len(sizes)
        keys += _largest(one, pace, sizes, learnt)
    keys.sort(key=lambda big: (-(big.look.bytes or 0), big.one.part.database, big.pattern.name))
    for node in session.samplers():
        node.command("SELECT", session.identity.database or 0)
    return Search(keys=keys[:LISTED], complete=complete, measured=measured)


class _Sorted:
    """The patterns by whether their keys can be very large: no, only if long ones are missing, or yes.

    ``long`` says how many collections of each type are long, None where the server does not know.
    """

    def __init__(self, one: Sampled, learnt: Patterns, long: Mapping[str, int] | None) -> None:
        self._of = learnt.of
        self._closed: set[Pattern] = set()
        self.doubtful: set[Pattern] = set()
        for pattern, looks in one.looks.items():
            types = {look.type for look in looks}
            if types == {"string"} and _alike(looks, _ALIKE):
                self._closed.add(pattern)
            elif long is not None and types <= {"string", *LENGTHS} - {"stream"} and _alike(looks, _ALIKE_COUNTED):
                (self.doubtful if any(long[kind] for kind in types - {"string"}) else self._closed).add(pattern)
        self._seen = {look.name for looks in one.looks.values() for look in looks}

    def open(self, name: bytes) -> bool:
        """Whether a name may be that of a very large key."""
        pattern = self._of(name)
        return pattern not in self._closed and pattern not in self.doubtful and name not in self._seen

    def doubted(self, name: bytes) -> bool:
        """Whether it may be if long collections are missing."""
        return self._of(name) in self.doubtful and name not in self._seen


def _alike(looks: list[Look], most: float) -> bool:
    """Whether enough keys were looked at, and none is larger than so many times the median."""
    known = sorted(look.bytes for look in looks if look.bytes is not None)
    return len(known) >= _LEAST and known[-1] <= most * known[len(known) // 2]


def _long(session: Session, database: int) -> Mapping[str, int] | None:
    """How many collections of each type the server itself knows to be long (Redis 8, one server); None: it does not."""
    counted = session.identity.info.get("Keysizes", {})
    if session.identity.mode == "cluster" or not counted:
        return None
    found = Counter[str]()
    for plural, kind in (("lists", "list"), ("sets", "set"), ("zsets", "zset"), ("hashes", "hash")):
        text = counted.get(f"db{database}_distrib_{plural}_items", "")
        for least, unit, number in re.findall(r"(\d+)([KMGT]?)=(\d+)", text):
            if unit or int(least) >= _LONG:
                found[kind] += int(number)
    return found


def _all_found(one: Sampled, sizes: Mapping[bytes, int], long: Mapping[str, int], pace: Pace) -> bool:
    """Whether the long collections among what was measured are as many as the server knows."""
    known = {look.name: look for looks in one.looks.values() for look in looks}
    large = [(look.bytes or 0, name) for name, look in known.items()]
    large += [(size, name) for name, size in sizes.items() if name not in known]
    names = [name for size, name in heapq.nlargest(_CHECKED, large) if size >= _CHECKED_BYTES]
    looks = [known[name] for name in names if name in known]
    looks += one.eyes.look([name for name in names if name not in known], pace)
    one.eyes.measure(looks, pace)
    found = Counter(look.type for look in looks if (look.elements or 0) >= _LONG)
    return all(found[kind] >= number for kind, number in long.items())


def _measured(one: Sampled, wanted: Callable[[bytes], bool], pace: Pace) -> dict[bytes, int]:
    """Measure what is wanted among the names of the sample, then among all others."""
    sizes: dict[bytes, int] = {}
    waiting = mixed(filter(wanted, one.part.names))
    for start in range(0, len(waiting), _AT_ONCE):
        sizes |= one.eyes.sizes(waiting[start : start + _AT_ONCE], pace)
    return sizes if one.part.method == "all" else sizes | _walked(one, wanted, pace, one.part.cursor)


def _walked(one: Sampled, wanted: Callable[[bytes], bool], pace: Pace, cursor: bytes) -> dict[bytes, int]:
    """Measure what is wanted among all names from a cursor on."""
    sizes: dict[bytes, int] = {}
    waiting: list[bytes] = []
    for reached, page in pages(one.part.node, cursor, _PAGE, pace, _RECEIVED):
        waiting += filter(wanted, page)
        if len(waiting) >= _AT_ONCE or reached == b"0":
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
