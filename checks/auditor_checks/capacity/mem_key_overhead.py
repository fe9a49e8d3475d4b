"""More memory is taken by names and bookkeeping than by data.

## What
The names of the keys, and the tables by which the server finds the keys and their ends, take more than half of what the
keys take together.

## Why it matters
Each key costs some fifty bytes before its name and its value count. With very many small values the memory is spent on
that: on machines, on replicas, in snapshots.

## When it is fine
The values are small by nature, each needs an end of its own, and the memory does not matter.

## How to fix it
Hold fewer keys: what belongs to one thing as fields of a hash, or many small values in one hash by a part of their
number, within the limit of the compact encoding. Shorten names that are long. key-many-small-strings and key-long-names
say where that is worth most.

## Sources
Redis documentation, "MEMORY STATS": overhead.hashtable.main, overhead.hashtable.expires; "Memory optimization".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Unknown, Verdict
from auditor.model.keyspace import KeyPattern
from auditor.model.operation import ChangeApplication
from auditor.model.server import Node
from auditor.model.units import SERVER
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.text import quantity, share, size
from auditor_checks._keys import keys_of
from auditor_checks._nodes import keys_of as all_keys
from auditor_checks._nodes import number

CHECK = Check(
    title="More memory is taken by names and bookkeeping than by data",
    passed="Most of the memory of keys is data",
    pillar=Pillar.CAPACITY,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=SERVER,
    needs=("info", "memory", "keyspace"),
    engines=("redis",),
)

_NAMED = 8
"""Patterns that a finding names."""
_TABLES = (".overhead.hashtable.main", ".overhead.hashtable.expires")
"""How the names of what a numbered database costs end."""


def judge(
    _server: Facts, facts: Facts, *, part: float = 0.5, min_keys: float = 100_000, many_bytes: float = 1e9
) -> Iterator[Verdict]:
    """Compare names and tables with what all keys take on the servers that hold them."""
    keys = all_keys(facts)
    if keys < min_keys:
        return
    nodes = [node for node in facts.server.nodes if node.role == "primary"] or list(facts.server.nodes)
    tables = sum(map(_tables, nodes))
    data = sum(number(node, "used_memory_dataset") for node in nodes)
    named = [one for one in facts.keyspace.patterns if one.name_bytes is not None]
    if not tables or not data or not named:
        yield Unknown(reason="the server does not tell what its tables take")
        return
    names = sum(_names(one) for one in named)
    spent = (names + tables) / (data + tables)
    if spent < part:
        return
    most = sorted(named, key=lambda one: (-keys_of(one), one.path))
    yield Flaw(
        title=f"{share(spent)} of the memory of keys is names and bookkeeping",
        severity=Severity.MEDIUM if names + tables >= many_bytes else Severity.LOW,
        related=tuple(Subject(kind="key-pattern", name=one.path) for one in most[:_NAMED]),
        evidence=(
            Evidence(name="keys", value=keys, unit="keys", probe="info"),
            Evidence(name="names of all keys", value=round(names), unit="bytes", probe="keyspace"),
            Evidence(name="tables of keys and of their ends", value=round(tables), unit="bytes", probe="memory"),
            Evidence(name="used_memory_dataset, which has the names in it", value=round(data), unit="bytes",
                     probe="info"),
        ),
        impact=Impact(risk="memory is paid for keys rather than for what they hold"),
        explanation=f"{quantity(keys)} keys take {size(data + tables)}: {size(names)} of it are their names and "
        f"{size(tables)} the tables in which the server finds them.",
        recommendation="Hold fewer keys: as fields of hashes that are small enough for the compact encoding.",
        operations=(
            ChangeApplication(
                topic="fewer-keys", subject="server",
                instruction="Keep what belongs to one thing as fields of one hash, many small values in one hash by a "
                "part of their number, and shorten long names, beginning with the patterns of most keys.",
            ),
        ),
    )  # fmt: skip


def _tables(node: Node) -> float:
    return sum(value for name, value in node.counters.items() if name.endswith(_TABLES))


def _names(pattern: KeyPattern) -> float:
    return keys_of(pattern) * (pattern.name_bytes or 0.0)
