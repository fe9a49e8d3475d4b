"""What keys are used for, inferred from their names, types and times to live, and from the commands that come.

An inference is never certain: each says what it rests on. Words are those of libraries and of habit; a pattern whose
name tells nothing is judged by whether its keys expire.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from auditor.model.facts import Facts
from auditor.model.keyspace import KeyPattern
from auditor.model.vocabulary import Confidence

RoleName = Literal["cache", "session store", "queue", "primary store", "coordination"]
"""What keys are used for; "coordination" are locks, limits of rates, one-time codes: small, short-lived, not a copy."""

DURABLE: frozenset[RoleName] = frozenset({"queue", "primary store"})
"""Roles whose keys exist nowhere else and that nobody expects to lose."""

# Names of parts, as libraries and habit have them.
_WORDS: Mapping[RoleName, frozenset[str]] = {
    "session store": frozenset("session sessions sess sid phpredis_session phpsession laravel_session".split()),
    "queue": frozenset("""
        queue queues bull bullmq job jobs task tasks celery kombu _kombu unacked sidekiq resque rq asynq delayed_job
        faktory inbox outbox deadletter dlq worker workers events stream streams
    """.split()),
    "coordination": frozenset("""
        lock locks mutex lease leases leader redlock semaphore rl rate ratelimit limit limiter throttle quota attempts
        otp csrf nonce verify captcha idempotency dedup debounce
    """.split()),
    "cache": frozenset("""
        cache caches cached caching fragment fragments page pages html rendered render thumb thumbnail tmp temp memo
        views response responses etag lookup preview
    """.split()),
}  # fmt: skip
_OF_WORK = frozenset("job jobs task tasks inbox outbox worker workers events stream streams".split())
"""Words of queues that are words of data as well: a hash called task:{id} may be a task of a list that people keep."""
_TOKENS = frozenset("token tokens jwt".split())
"""What lets somebody in, where it ends."""
_KEPT = frozenset("""
    audit log logs feed feeds timeline timelines history recent latest last news messages notifications comments
""".split())  # fmt: skip
"""Words of lists that are read and cut, but from which nobody takes work."""
_TAKING = frozenset("""
    lpop rpop blpop brpop lmove blmove rpoplpush brpoplpush lmpop blmpop bzpopmin bzpopmax zpopmin zpopmax
    xread xreadgroup xautoclaim xclaim
""".split())  # fmt: skip
"""Commands that take work: where none of them comes, what is pushed is a list of another kind."""
_QUEUE_COMMANDS = _TAKING | frozenset("lpush rpush xadd xack".split())
_BLOCKING = frozenset("blpop brpop blmove brpoplpush blmpop bzpopmin bzpopmax xreadgroup".split())
_OF_DATA = _QUEUE_COMMANDS | frozenset("""
    get mget getex getdel set setex psetex setnx mset incr incrby decr hget hmget hgetall hset hmset hincrby hdel sadd
    srem smembers sismember zadd zrem zrange zrangebyscore zscore lrange llen append getset strlen exists
""".split())  # fmt: skip
_SPLIT = re.compile(r"[:/.|#@-]+|\{id\}|[{}]")
_EPHEMERAL = 0.9
"""The share of keys with an end from which on a pattern is one of keys that come and go."""

_LONG_LIFE = 30 * 86400.0
"""Seconds: what lives longer than that is no cache by its expiry alone."""


class Used(NamedTuple):
    """What something is used for, how sure that is, and what says so."""

    role: RoleName
    confidence: Confidence
    reasons: tuple[str, ...]


class Share(NamedTuple):
    """A role's part of the keys, of their memory, and the patterns that have it, largest first."""

    keys: float
    bytes: float
    patterns: tuple[KeyPattern, ...]


class Roles(NamedTuple):
    """The roles of all patterns, by their path, what each role takes, and the server's own: that of most of it.

    ``server`` is None where no sample says anything, and where no role takes half; ``queue_calls`` is the share of the
    commands on data that are those of queues, ``blocking`` says whether some of them wait for work.
    """

    patterns: Mapping[str, Used]
    shares: Mapping[RoleName, Share]
    server: Used | None
    queue_calls: float
    blocking: bool

    def of(self, pattern: KeyPattern) -> Used | None:
        """What the keys of a pattern are used for."""
        return self.patterns.get(pattern.path)


def roles(facts: Facts) -> Roles:
    """Infer all roles, once for a snapshot."""
    return facts.once("roles", lambda: _roles(facts))


def _roles(facts: Facts) -> Roles:
    calls = {command.name.partition("|")[0]: command.calls for command in facts.workload.commands}
    of_data = sum(number for name, number in calls.items() if name in _OF_DATA)
    taken = sum(number for name, number in calls.items() if name in _TAKING)
    queue_calls = sum(number for name, number in calls.items() if name in _QUEUE_COMMANDS) if taken else 0
    blocking = any(calls.get(name) for name in _BLOCKING)
    worked = of_data > 0 and queue_calls / of_data > 0.05
    patterns = {pattern.path: _used(pattern, queues=blocking or worked) for pattern in facts.keyspace.patterns}
    shares = _shares(facts, patterns)
    share = queue_calls / of_data if of_data else 0.0
    return Roles(patterns, shares, _server(facts, patterns, shares, share), share, blocking)


def _used(pattern: KeyPattern, *, queues: bool) -> Used:
    """The role of one pattern. ``queues``: commands of queues come to the server."""
    words = {word for word in _SPLIT.split(pattern.name.lower()) if word}
    words |= {part for word in words for part in word.split("_")}
    times = pattern.lifetimes
    expiring = times.expiring if times is not None else None
    short = times is None or times.median is None or times.median <= _LONG_LIFE
    first = next((word for word in _SPLIT.split(pattern.name.lower()) if word), "")
    order = ("cache", *_WORDS) if "cach" in first and not words & {"lock", "locks"} else tuple(_WORDS)
    for role in order:
        named = sorted(words & _WORDS[role])
        if not named or not _fits(role, pattern, expiring, words=named, queues=queues):
            continue
        says = f'the name has "{named[0]}"'
        return Used(role, _sure(role, pattern, expiring, named), (says, *_expiry(pattern)))
    ends = (expiring or 0.0) >= _EPHEMERAL
    if pattern.type == "stream" or (pattern.type == "list" and queues and not ends and not words & _KEPT):
        return Used("queue", Confidence.POSSIBLE, (f"it is a {pattern.type}", *_expiry(pattern)))
    if words & _TOKENS and ends:
        says = f'the name has "{min(words & _TOKENS)}"'
        return Used("session store", Confidence.POSSIBLE, (says, *_expiry(pattern)))
    if expiring is not None and expiring >= _EPHEMERAL and short:
        return Used("cache", Confidence.LIKELY if pattern.parts else Confidence.POSSIBLE, _expiry(pattern))
    return Used("primary store", Confidence.LIKELY if expiring == 0.0 else Confidence.POSSIBLE, _expiry(pattern))


def _fits(role: RoleName, pattern: KeyPattern, expiring: float | None, *, words: Sequence[str], queues: bool) -> bool:
    """Whether a word of the name can mean what it says: "page" and "views" are counted for good by many."""
    if role == "cache":
        return "cach" in pattern.name.lower() or (pattern.type in ("string", "hash", None) and bool(expiring))
    if role == "session store":
        return pattern.type in ("string", "hash", None)
    if role == "coordination" and set(words) == {"rate"}:  # of exchange, or a counter that ends
        return bool(expiring) and pattern.encodings.get("int", 0.0) > 0.5
    if role == "queue" and set(words) <= _OF_WORK:
        return pattern.type in ("list", "stream", None) or queues
    return True


def _sure(role: RoleName, pattern: KeyPattern, expiring: float | None, words: Sequence[str]) -> Confidence:
    """How far a word of the name says what the keys are for."""
    if role == "cache":
        return Confidence.LIKELY if (expiring or 0.0) >= _EPHEMERAL else Confidence.POSSIBLE
    if role == "queue" and set(words) <= _OF_WORK and pattern.type not in ("list", "stream"):
        return Confidence.POSSIBLE
    return Confidence.LIKELY


def _expiry(pattern: KeyPattern) -> tuple[str, ...]:
    times = pattern.lifetimes
    if times is None:
        return ()
    if times.expiring == 0.0:
        return ("none of its keys expires",)
    return (f"{times.expiring:.0%} of its keys expire",)


def _shares(facts: Facts, patterns: Mapping[str, Used]) -> dict[RoleName, Share]:
    keys, sizes, members = defaultdict[RoleName, float](float), defaultdict[RoleName, float](float), defaultdict(list)
    for pattern in facts.keyspace.patterns:
        role = patterns[pattern.path].role
        keys[role] += pattern.keys.value if pattern.keys is not None else 0.0
        sizes[role] += pattern.bytes.value if pattern.bytes is not None else 0.0
        members[role].append(pattern)
    all_keys, all_bytes = sum(keys.values()) or 1.0, sum(sizes.values()) or 1.0
    return {role: Share(keys[role] / all_keys, sizes[role] / all_bytes, tuple(members[role])) for role in keys}


def _server(
    facts: Facts, patterns: Mapping[str, Used], shares: Mapping[RoleName, Share], queue_calls: float
) -> Used | None:
    """The role of most of the data and of the commands: a queue is small in keys and large in commands."""
    if not patterns:
        return None
    rest = 1.0 - queue_calls
    others = sum((share.keys + share.bytes) / 2 for role, share in shares.items() if role != "queue") or 1.0
    weights: dict[RoleName, float] = {}
    for role in (*_WORDS, "primary store"):
        share = shares.get(role)
        held = (share.keys + share.bytes) / 2 if share is not None else 0.0
        asked = queue_calls if role == "queue" else held / others * rest
        weights[role] = 0.6 * held + 0.4 * asked
    best = max(weights, key=lambda role: weights[role])
    share = shares.get(best)
    if weights[best] < 0.5 or share is None:
        return None
    reasons = [f"{share.keys:.0%} of the keys and {share.bytes:.0%} of their memory are used so"]
    if queue_calls >= 0.1:
        reasons.append(f"{queue_calls:.0%} of the commands on data are those of queues")
    sure = [patterns[pattern.path].confidence for pattern in share.patterns]
    likely = any(confidence is Confidence.LIKELY for confidence in sure)
    agrees = _agrees(facts, best)
    if agrees is not None:
        reasons.append(agrees)
    return Used(best, Confidence.LIKELY if likely else Confidence.POSSIBLE, tuple(reasons))


def _agrees(facts: Facts, role: RoleName) -> str | None:
    """What the settings say of the same role."""
    policy = facts.server.states.get("maxmemory_policy", "")
    if role == "cache" and policy.startswith("allkeys"):
        return f"the eviction policy is {policy}"
    if role in DURABLE and facts.setting("appendonly") == "yes":
        return "every write is kept in the append-only file"
    return None
