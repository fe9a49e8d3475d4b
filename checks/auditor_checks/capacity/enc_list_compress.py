"""Long lists that are used at their ends are not compressed.

## What
Lists of many nodes take a good part of the memory, hardly any command reads their middle, and list-compress-depth is 0,
so that no node is compressed.

## Why it matters
A list is a chain of nodes of 8 kB. Those between its ends can be kept compressed (LZF), and are unpacked only when a
command reaches them: text often takes a fraction then. What waits in a long queue is touched twice in its life.

## When it is fine
The values are compressed already or do not repeat themselves; values are never read here, so the audit cannot tell. Or
lists are read as a whole often, which would unpack all of it each time.

## How to fix it
Set list-compress-depth to 1 and compare MEMORY USAGE of a list that was filled afterwards. Lists that are there stay as
they are until they are filled anew, or loaded at a restart.

## Sources
Redis documentation, "Redis configuration file example": list-compress-depth.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Verdict
from auditor.model.units import SERVER
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.text import share, size
from auditor_checks._keys import all_bytes, bytes_of
from auditor_checks._settings import invisible, setting_flaw

CHECK = Check(
    title="Long lists are not compressed",
    passed="No long lists would gain from compression, or they are compressed",
    pillar=Pillar.CAPACITY,
    severity=Severity.LOW,
    confidence=Confidence.POSSIBLE,
    unit=SERVER,
    needs=("keyspace", "config", "info"),
    engines=("redis",),
)

NAME = "list-compress-depth"
_ENDS = frozenset("""
    lpush rpush lpushx rpushx lpop rpop blpop brpop lmove blmove rpoplpush brpoplpush lmpop blmpop ltrim llen
""".split())  # fmt: skip
_INNER = frozenset("lrange lindex lset linsert lrem lpos sort sort_ro".split())


def judge(
    _server: Facts, facts: Facts, *, long_bytes: float = 1e6, min_bytes: float = 100e6, min_share: float = 0.2,
    most_inner: float = 0.05,
) -> Iterator[Verdict]:  # fmt: skip
    """Add up the patterns of long lists, and compare commands on the ends with commands on all of a list."""
    lists = [one for one in facts.keyspace.patterns if one.type == "list" and (one.bytes_mean or 0.0) >= long_bytes]
    taken = sum(map(bytes_of, lists))
    part = taken / max(all_bytes(facts), 1.0)
    if taken < min_bytes or part < min_share:
        return
    depth = facts.setting_number(NAME)
    if depth is None:
        yield invisible(NAME)
        return
    calls = {one.name: one.calls for one in facts.workload.commands}
    ends = sum(number for name, number in calls.items() if name in _ENDS)
    inner = sum(number for name, number in calls.items() if name in _INNER)
    if depth > 0 or not ends or inner > most_inner * (ends + inner):
        return
    longest = max((one.elements_maximum or 0 for one in lists), default=0)
    yield setting_flaw(
        facts, NAME, "1",
        explanation=f"Lists of a megabyte and more take {size(taken)}, {share(part)} of the memory of all keys; "
        f"{share(inner / (ends + inner))} of the commands on lists reach into them, and no node is compressed.",
        recommendation="Set it to 1, and compare MEMORY USAGE of a list that was filled afterwards.",
        risk="memory is taken by text that could be compressed",
        evidence=(
            Evidence(name="memory of long lists", value=round(taken), unit="bytes", probe="keyspace"),
            Evidence(name="their part of the memory of all keys", value=round(part, 3), unit="share", probe="keyspace"),
            Evidence(name="patterns of long lists", value=len(lists), unit="patterns", probe="keyspace"),
            Evidence(name="longest list", value=longest or None, unit="elements", probe="keyspace"),
            Evidence(name="commands on the ends of lists", value=ends, unit="calls", probe="info"),
            Evidence(name="commands on all of a list", value=inner, unit="calls", probe="info"),
        ),
    )  # fmt: skip
