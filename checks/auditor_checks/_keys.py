"""What checks of keys share: how many, how large, what says so."""

from __future__ import annotations

from auditor.model.facts import Facts
from auditor.model.finding import Evidence
from auditor.model.keyspace import KeyPattern

DAY = 86_400.0


def keys_of(pattern: KeyPattern) -> float:
    """About how many keys have the pattern; 0 where that is not known."""
    return pattern.keys.value if pattern.keys is not None else 0.0


def bytes_of(pattern: KeyPattern) -> float:
    """About how many bytes they take; 0 where that is not known."""
    return pattern.bytes.value if pattern.bytes is not None else 0.0


def all_bytes(facts: Facts) -> float:
    """About how many bytes the keys of all patterns take."""
    return facts.once("all-key-bytes", lambda: sum(bytes_of(pattern) for pattern in facts.keyspace.patterns))


def expiring(pattern: KeyPattern) -> float | None:
    """The share of its keys that expire, None where none was looked at."""
    return pattern.lifetimes.expiring if pattern.lifetimes is not None else None


def policy_of(facts: Facts) -> str:
    """What the server does when its memory is full; "" where that is not known."""
    return facts.server.states.get("maxmemory_policy") or facts.setting("maxmemory-policy") or ""


def evicts_any(facts: Facts) -> bool:
    """Whether the server has a limit of memory and pushes out any key when it is reached."""
    return (facts.counter("maxmemory") or 0.0) > 0 and policy_of(facts).startswith("allkeys")


def counted(pattern: KeyPattern) -> tuple[Evidence, ...]:
    """How many keys there are, with the bounds of an estimate, what they take, and how many were looked at."""
    keys, size = pattern.keys, pattern.bytes
    bounds = keys is not None and keys.low < keys.high
    return (
        Evidence(name="keys", value=None if keys is None else round(keys.value), unit="keys", probe="keyspace"),
        *(
            (
                Evidence(name="keys at least", value=round(keys.low), unit="keys", probe="keyspace"),
                Evidence(name="keys at most", value=round(keys.high), unit="keys", probe="keyspace"),
            )
            if keys is not None and bounds
            else ()
        ),
        Evidence(
            name="their memory", value=None if size is None else round(size.value), unit="bytes", probe="keyspace"
        ),
        Evidence(name="keys looked at", value=pattern.sampled, unit="keys", probe="keyspace"),
    )
