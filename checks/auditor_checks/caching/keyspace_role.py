"""What the server is used for, and what follows from that.

## What
The role of each key pattern (cache, session store, queue, primary store, coordination) is inferred from the words of
its name, the types of its keys, their times to live and the commands that come; a role that takes a tenth of the keys
or of the memory is told, that of most of the server first. It is information, not a flaw: other checks judge the
settings against it.

## Why it matters
Eviction, persistence, replicas and the strategy of reading and writing are right or wrong only for a role: a cache may
lose everything at any time and must never refuse a write, a queue must do neither.

## When it is fine
Always. Where the inference is wrong, the reasons say on what it rests.

## How to fix it
Nothing is to be fixed. Follow the advice for the role, and accept what you decided otherwise in a baseline.

## Sources
Redis documentation, "Key eviction", "Redis persistence", "Client-side caching reference"; A. Vattani, F. Chierichetti,
K. Lowenstein, "Optimal Probabilistic Cache Stampede Prevention", VLDB 2015.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Unknown, Verdict
from auditor.model.units import SERVER
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.text import quantity, share, size
from auditor_checks._roles import RoleName, Roles, Share, roles

CHECK = Check(
    title="What the server is used for",
    passed="The server holds no keys",
    pillar=Pillar.CACHING,
    severity=Severity.INFO,
    confidence=Confidence.LIKELY,
    unit=SERVER,
    needs=("info", "keyspace"),
)

_NAMED = 8
"""Patterns of a role that a finding names."""


def judge(_server: Facts, facts: Facts, *, least: float = 0.1) -> Iterator[Verdict]:
    """Tell every role that takes a part of the server."""
    found = roles(facts)
    if not facts.keyspace.patterns:
        if facts.keyspace.sample is None or facts.keyspace.sample.of:
            yield Unknown(reason="no key was looked at")
        return
    told = [role for role, part in found.shares.items() if max(part.keys, part.bytes) >= least]
    if found.queue_calls >= 0.3 and "queue" in found.shares and "queue" not in told:
        told.append("queue")
    main = found.server.role if found.server is not None else None
    for role in sorted(told, key=lambda role: (role != main, -found.shares[role].bytes)):
        yield _flaw(facts, found, role, found.shares[role], main=role == main)


def _flaw(facts: Facts, found: Roles, role: RoleName, part: Share, *, main: bool) -> Flaw:
    used = found.server if main and found.server is not None else None
    patterns = sorted(part.patterns, key=lambda one: -(one.bytes.value if one.bytes is not None else 0.0))
    reasons = used.reasons if used is not None else (
        f"{part.keys:.0%} of the keys and {part.bytes:.0%} of their memory are used so",
    )  # fmt: skip
    largest = found.of(patterns[0])
    says = "" if largest is None or not largest.reasons else f" Of {patterns[0].path}: {', '.join(largest.reasons)}."
    ratio = hit_ratio(facts)
    buys = _BUYS[role](facts, part) if role in _BUYS else ""
    return Flaw(
        title=f"{'Used as a' if main else 'Also used as a'} {role}" if role != "coordination"
        else f"{'Used' if main else 'Also used'} for locks, limits and one-time codes",
        confidence=used.confidence if used is not None else Confidence.POSSIBLE,
        related=tuple(Subject(kind="key-pattern", name=one.path) for one in patterns[:_NAMED]),
        evidence=(
            Evidence(name="role", value=role, probe="keyspace"),
            Evidence(name="part of the keys", value=round(part.keys, 3), unit="share", probe="keyspace"),
            Evidence(name="part of their memory", value=round(part.bytes, 3), unit="share", probe="keyspace"),
            Evidence(name="eviction policy", value=facts.server.states.get("maxmemory_policy"), probe="info"),
            Evidence(name="hits", value=None if ratio is None else round(ratio, 3), unit="share", probe="info"),
        ),
        explanation=f"{_sentence(reasons)}{says}",
        recommendation=_STRATEGY[role] + buys,
        impact=Impact(),
        discriminator=role,
    )  # fmt: skip


def _sentence(reasons: tuple[str, ...]) -> str:
    text = "; ".join(reasons)
    return f"{text[:1].upper()}{text[1:]}."


def hit_ratio(facts: Facts) -> float | None:
    """The share of look-ups that found their key, on all primaries, without the audit's own; None without look-ups."""
    nodes = [node for node in facts.server.nodes if node.role == "primary"] or list(facts.server.nodes)
    hits = sum(node.counters.get("keyspace_hits", 0.0) for node in nodes)
    misses = sum(node.counters.get("keyspace_misses", 0.0) for node in nodes)
    return hits / (hits + misses) if hits + misses else None


def _of_cache(facts: Facts, part: Share) -> str:
    """What the advice would buy a cache."""
    lasting = [one for one in part.patterns if one.lifetimes is not None and one.lifetimes.expiring < 1.0]
    kept = sum((one.bytes.value if one.bytes is not None else 0.0) * (1.0 - one.lifetimes.expiring)
               for one in lasting if one.lifetimes is not None)  # fmt: skip
    misses = sum(node.counters.get("keyspace_misses", 0.0) for node in facts.server.nodes)
    ratio = hit_ratio(facts)
    said = ""
    if ratio is not None and misses:
        said += f" Each of the {quantity(misses)} misses since the counters began was work for the source behind it"
        said += f" ({share(1 - ratio)} of the look-ups): a tenth fewer saves {quantity(round(misses * 0.1))} loads."
    if kept >= 1 << 20:
        said += f" {size(kept)} of it never expire and leave only by eviction."
    return said


def _of_durable(facts: Facts, _part: Share) -> str:
    """What is at stake."""
    changes = facts.counter("rdb_changes_since_last_save")
    if facts.setting("appendonly") == "yes" or changes is None:
        return ""
    return f" As it stands, {quantity(changes)} changes since the last snapshot would be lost by a crash."


_STRATEGY: Mapping[RoleName, str] = {
    "cache": (
        "Read through it (cache-aside): on a miss load, store with a time to live, and let that differ from key to "
        "key by a tenth or so, that they do not end together. On a write delete the key rather than write it, after "
        "the source has committed. Let one caller at a time load a key that many want (a lock with SET NX PX, or "
        "early renewal by chance as XFetch does it). Set maxmemory with allkeys-lru or allkeys-lfu; keep neither "
        "snapshots nor an append-only file. Where few keys are read far more often than they change, let clients "
        "keep them (CLIENT TRACKING)."
    ),
    "session store": (
        "Write through it: the session is here and nowhere else, so renew its time to live on use (EXPIRE, or GETEX "
        "with the read), and let nothing that is worth more than a login depend on it. Give it memory that is not "
        "shared with a cache, with noeviction or volatile-ttl, and a replica; an append-only file (everysec) where "
        "logging everybody out by a restart is not acceptable. Keep the fields small: each request reads them."
    ),
    "queue": (
        "Never lose work: noeviction, an append-only file, a replica. Wait for work (BLMOVE, XREADGROUP BLOCK) "
        "instead of polling; move a job to a list of those under way, or use a stream with a consumer group, so "
        "that a worker that dies loses nothing; claim what was left (XAUTOCLAIM), and put aside what fails too "
        "often. Bound every list and stream, and watch its length: that is the back-pressure."
    ),
    "primary store": (
        "Treat it as a database: noeviction with memory to spare, an append-only file (everysec) and snapshots that "
        "are copied away and restored as a test, a replica with automatic failover, min-replicas-to-write where a "
        "lost acknowledged write is not acceptable. What exceeds memory, is asked by more than its key, or must "
        "change together with other data belongs into a database that has indexes and transactions; this one can "
        "stay as its cache or read model."
    ),
    "coordination": (
        "Set the value and its time to live in one command (SET NX PX), release a lock by comparing its token in a "
        "script, and let nothing depend on it that a failover may break: replicas lag. Limits of rates count in one "
        "key per window with a time to live. Such keys must not be evicted: keep them apart from a cache."
    ),
}
"""How data of each role is read and written well."""

_BUYS: Mapping[RoleName, Callable[[Facts, Share], str]] = {
    "cache": _of_cache,
    "queue": _of_durable,
    "primary store": _of_durable,
}
"""What that would buy, or what is at stake, by the numbers; roles without one have none."""
