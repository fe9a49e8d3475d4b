"""The sample: which names are seen, their patterns, and the keys that are looked at. Names stay inside the session."""

from __future__ import annotations

import time
from collections import defaultdict

from msgspec import Struct
from redis.exceptions import ResponseError

from auditor_connectors.redis.node import Node, report
from auditor_connectors.redis.probe import NotHereError
from auditor_connectors.redis.sampling.looks import Eyes, Look, mixed, shares
from auditor_connectors.redis.sampling.names import Part, names
from auditor_connectors.redis.sampling.pace import Pace
from auditor_connectors.redis.sampling.patterns import Pattern, Patterns
from auditor_connectors.redis.session import Session

NAMES = 200_000
LOOKED_AT = 10_000
"""How many names are seen, and how many keys are looked at, at most."""
SECONDS = 60.0
_SHARE_OF_BUDGET = 0.25
"""How long a sample takes at most, and which share of the time of the whole audit."""
_LEAST_NAMES = 2_000
"""So many names of every part are seen, if there are so many."""
_MEASURED = 2_000
"""How many collections are asked for their length."""
_COMPACT = frozenset({"listpack", "ziplist", "intset", "listpackex"})
_FULL = 0.95


class Sampled(Struct, kw_only=True):
    """Names of one numbered database of one server by pattern, and what was looked at of them."""

    part: Part
    eyes: Eyes
    pace: Pace
    patterns: dict[Pattern, list[bytes]]
    looks: dict[Pattern, list[Look]]


class Sample(Struct, kw_only=True):
    """The whole sample. ``began`` and ``ended`` are seconds of this machine's own clock."""

    parts: list[Sampled]
    began: float
    ended: float
    learnt: dict[int, Patterns]

    @property
    def cut(self) -> str | None:
        """Which budget ended it early: the first of its parts that was cut."""
        return next((one.pace.cut for one in self.parts if one.pace.cut is not None), None)


def sample(session: Session) -> Sample:
    """Take the sample, or return the one that was taken.

    Raises:
        NotHereError: there is none, for a reason that the message says.
        RedisError: the server refuses.

    """
    return session.once("sample", lambda: _taken(session))


def learnt(session: Session) -> Patterns:
    """What the sample taught of the names of keys. Where none was taken only those words stay that programs write."""
    taken = session.kept("sample")
    if not isinstance(taken, Sample) or not taken.learnt:
        return Patterns(())
    return taken.learnt.get(session.identity.database or 0) or taken.learnt[min(taken.learnt)]


def _taken(session: Session) -> Sample:
    began = time.monotonic()
    until = min(began + min(SECONDS, _SHARE_OF_BUDGET * session.options.time_budget), session.deadline)
    places = [(node, database, keys) for node in session.samplers() for database, keys in _databases(session, node)]
    total = sum(keys for _, _, keys in places)
    seen: list[tuple[Part, Pace]] = []
    paces = {node.number: Pace(node, until) for node in session.samplers()}
    for node, database, keys in places:
        wanted = max(_LEAST_NAMES, NAMES * keys // max(1, total))
        pace = paces[node.number]
        seen.append((names(node, database, keys, wanted, pace, by_slots=session.identity.mode == "cluster"), pace))
    learnt = {
        database: Patterns(name for part, _ in seen if part.database == database for name in part.names)
        for database in {part.database for part, _ in seen}
    }
    eyes = {node.number: Eyes(session, node) for node in session.samplers()}
    parts = [_sorted(part, pace, eyes[part.node.number], learnt[part.database]) for part, pace in seen]
    for one in parts:
        _look(one, max(1, LOOKED_AT * len(one.part.names) // max(1, sum(len(part.names) for part, _ in seen))))
    for node in session.samplers():
        node.command("SELECT", session.identity.database or 0)
    return Sample(parts=parts, began=began, ended=time.monotonic(), learnt=learnt)


def _databases(session: Session, node: Node) -> list[tuple[int, int]]:
    """The numbered databases of a server that are audited, with how many keys they have.

    Raises:
        NotHereError: the server should not be asked for more at the moment.

    """
    wanted = session.identity.database
    try:
        told = report(node)
    except ResponseError:  # its report may not be read
        node.command("SELECT", wanted or 0)
        return [(wanted or 0, int(node.command("DBSIZE")))]
    if told.get("Persistence", {}).get("loading") == "1":
        raise NotHereError("the server is loading its data into memory")
    memory = told.get("Memory", {})
    limit, used = float(memory.get("maxmemory", 0)), float(memory.get("used_memory", 0))
    if memory.get("maxmemory_policy") == "noeviction" and used > _FULL * limit > 0:
        raise NotHereError(f"its memory is full to {used / limit:.0%} and it evicts nothing: answers would take of it")
    found = []
    for name, text in told.get("Keyspace", {}).items():
        values = dict(part.split("=", 1) for part in text.split(",") if "=" in part)
        found.append((int(name.removeprefix("db")), int(values.get("keys", 0))))
    return sorted((database, keys) for database, keys in found if wanted is None or database == wanted)


def _sorted(part: Part, pace: Pace, eyes: Eyes, learnt: Patterns) -> Sampled:
    found: dict[Pattern, list[bytes]] = defaultdict(list)
    for name in part.names:
        found[learnt.of(name)].append(name)
    return Sampled(part=part, eyes=eyes, pace=pace, patterns=dict(found), looks={})


def _look(one: Sampled, budget: int) -> None:
    """Look at some keys of every pattern, and ask for the length of some of the collections among them."""
    one.part.node.command("SELECT", one.part.database)
    wanted = shares({pattern: len(found) for pattern, found in one.patterns.items()}, budget)
    owner = {name: pattern for pattern, found in one.patterns.items() for name in mixed(found)[: wanted[pattern]]}
    looks = one.eyes.look(mixed(owner), one.pace)
    for look in looks:
        one.looks.setdefault(owner[look.name], []).append(look)
    largest = sorted(looks, key=lambda look: (look.encoding in _COMPACT, -(look.bytes or 0)))
    few = len(looks) <= _MEASURED
    one.eyes.measure(looks if few else [*largest[: _MEASURED // 4], *looks[:_MEASURED]][:_MEASURED], one.pace)
