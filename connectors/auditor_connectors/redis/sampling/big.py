"""The largest keys: found by looking where they can be, not at everything.

Where all names are known, every key of a pattern is measured whose sizes differ or that are collections; what is left
are keys of patterns whose sampled sizes are all alike. Where only a part of the names is known, collections are listed
by their type over the whole key space, and strings are those of the sample.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Literal

from msgspec import Struct
from redis.exceptions import ResponseError

from auditor_connectors.redis.sampling.looks import LENGTHS, Look, mixed
from auditor_connectors.redis.sampling.names import PAGE, RECEIVED
from auditor_connectors.redis.sampling.pace import Pace
from auditor_connectors.redis.sampling.patterns import Pattern, Patterns
from auditor_connectors.redis.sampling.sample import Sampled, sample
from auditor_connectors.redis.session import Session

LISTED = 50
"""How many keys are listed."""
_MEASURED = 60_000
"""How many keys are measured at most for each part of the key space."""
_SECONDS, _SHARE_OF_BUDGET, _SHARE = 45.0, 0.2, 0.05
"""How long the search takes at most, which share of the time of the audit, and of the server's own time."""
_ALIKE = 2.0
"""Up to how many times the median the largest sampled key is for the sizes to be alike."""
_LISTING = 0.4e-6
"""Seconds of the server's time for a key that is passed over, because it is of another type."""
_TYPED_PAGE = 2 * PAGE

Found = Literal["all", "collections", "sample"]
"""Which keys cannot have been missed: none of all, none of the collections, none of those that were looked at."""


class Big(Struct, kw_only=True):
    """One of the largest keys, with where it is; its name stays inside the session."""

    one: Sampled
    pattern: Pattern
    look: Look


class Search(Struct, kw_only=True):
    """What the search came to: the largest keys, largest first, and which cannot have been missed."""

    keys: list[Big]
    found: Found
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
    states: list[Found] = []
    measured = 0
    for one in taken.parts:
        pace = Pace(one.part.node, until, _SHARE)
        one.part.node.command("SELECT", one.part.database)
        sizes: dict[bytes, tuple[Pattern, int]] = {}
        complete = _all_known(one, pace, sizes) if one.part.method == "all" else _listed(session, one, pace, sizes)
        measured += len(sizes)
        states.append("sample" if not complete else "all" if one.part.method == "all" else "collections")
        keys += _largest(one, pace, sizes)
    keys.sort(key=lambda big: (-(big.look.bytes or 0), big.one.part.database, big.pattern.name))
    for node in session.samplers():
        node.command("SELECT", session.identity.database or 0)
    worst: Found = max(states, key=("all", "collections", "sample").index, default="all")
    return Search(keys=keys[:LISTED], found=worst, measured=measured)


def _all_known(one: Sampled, pace: Pace, sizes: dict[bytes, tuple[Pattern, int]]) -> bool:
    """Measure keys of patterns whose sizes are not alike; return whether all of these could be."""
    open_: list[tuple[float, str, Pattern]] = []
    for pattern, names in one.patterns.items():
        looks = one.looks.get(pattern, [])
        if len(looks) < len(names) and not _alike(looks):
            open_.append((-max((look.bytes or 0 for look in looks), default=0), pattern.name, pattern))
    left = _MEASURED
    for _, _, pattern in sorted(open_):
        seen = {look.name for look in one.looks.get(pattern, ())}
        names = mixed(name for name in one.patterns[pattern] if name not in seen)
        found = one.eyes.sizes(names[:left], pace)
        sizes.update({name: (pattern, size) for name, size in found.items()})
        left -= len(names)
        if left < 0 or pace.cut is not None:
            return False
    return one.pace.cut is None


def _alike(looks: list[Look]) -> bool:
    """Whether all keys of a pattern are strings of about one size, as far as the sample shows."""
    known = sorted(look.bytes for look in looks if look.bytes is not None)
    if len(known) < 30 or any(look.type != "string" for look in looks):
        return False
    return known[-1] <= _ALIKE * known[len(known) // 2]


def _listed(session: Session, one: Sampled, pace: Pace, sizes: dict[bytes, tuple[Pattern, int]]) -> bool:
    """List the collections of the whole part by their types and measure them; return whether all could be."""
    learnt = sample(session).learnt[one.part.database]
    seen = {look.name for looks in one.looks.values() for look in looks}
    for kind in LENGTHS:
        for page in _of_type(one, kind, pace):
            fresh = [name for name in page if name not in seen]
            seen.update(fresh)
            found = one.eyes.sizes(fresh, pace)
            sizes.update({name: (learnt.of(name), size) for name, size in found.items()})
            if len(sizes) > _MEASURED:
                return False
        if pace.cut is not None:
            return False
    return True


def _of_type(one: Sampled, kind: str, pace: Pace) -> Iterator[list[bytes]]:
    """The names of all keys of a type, page by page. Before Redis 6.0 none: the server cannot tell them apart."""
    cursor: bytes | int = 0
    while pace.goes_on(RECEIVED):
        begun = time.perf_counter()
        try:
            cursor, page = one.part.node.command("SCAN", cursor, "COUNT", _TYPED_PAGE, "TYPE", kind)
        except ResponseError:
            pace.cut = pace.cut or "what the server can list"
            return
        seconds = time.perf_counter() - begun
        pace.received += sum(map(len, page))
        if page:
            yield page
        pace.spent(_TYPED_PAGE, _LISTING, seconds)
        if int(cursor) == 0:
            return


def _largest(one: Sampled, pace: Pace, sizes: dict[bytes, tuple[Pattern, int]]) -> list[Big]:
    """The largest keys of a part with their type, encoding, end and length."""
    known = {look.name: (pattern, look) for pattern, looks in one.looks.items() for look in looks}
    ranked = [(look.bytes or 0, name) for name, (_, look) in known.items()]
    ranked += [(size, name) for name, (_, size) in sizes.items()]
    top = [name for _, name in sorted(ranked, reverse=True)[:LISTED]]
    again = Patterns(top)  # of names that begin as no other that was seen: what they have among themselves
    fresh = {look.name: look for look in one.eyes.look([name for name in top if name not in known], pace)}
    looks = [
        (*known[name],) if name in known else (_known(name, sizes[name][0], again), fresh.get(name)) for name in top
    ]
    found = [Big(one=one, pattern=pattern, look=look) for pattern, look in looks if look is not None]
    one.eyes.measure([big.look for big in found], pace)
    return found


def _known(name: bytes, pattern: Pattern, again: Patterns) -> Pattern:
    """The pattern of a name, or another where its very beginning was not known when the patterns were learnt."""
    return again.of(name) if pattern.name.startswith("{id}") else pattern
