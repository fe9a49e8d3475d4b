"""Commands on several keys would not work in a cluster.

## What
A single server to which commands come that use several keys at once (MSET, SUNIONSTORE, RENAME, LMOVE, …), while the
names of its keys have no hash tags.

## Why it matters
In a cluster such a command is refused unless all of its keys are in one slot (CROSSSLOT). Whoever moves to a cluster
finds these places by errors.

## When it is fine
The server will never be a cluster: most do not need to be one. MGET, DEL, UNLINK, EXISTS and TOUCH are not counted,
because clients of clusters split them.

## How to fix it
Give keys that are used together a common part in braces when their names change anyway, and take commands on single
keys where the keys have nothing to do with each other.

## Sources
Redis documentation, "Redis cluster specification": hash tags, implemented subset.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import SERVER
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.text import quantity, size

CHECK = Check(
    title="Commands on several keys would not work in a cluster",
    passed="Hardly any command uses several keys at once",
    pillar=Pillar.EVOLUTION,
    severity=Severity.LOW,
    confidence=Confidence.POSSIBLE,
    unit=SERVER,
    needs=("info", "keyspace"),
    engines=("redis",),
)

_SEVERAL = frozenset("""
    mset msetnx rename renamenx copy smove sunion sinter sdiff sunionstore sinterstore sdiffstore sintercard
    zunionstore zinterstore zdiffstore zunion zinter zdiff zintercard zrangestore rpoplpush brpoplpush lmove blmove
    pfmerge bitop georadius_store geosearchstore lmpop blmpop zmpop bzmpop
""".split())  # fmt: skip


def judge(
    _server: Facts, facts: Facts, *, min_calls: float = 1_000, min_share: float = 0.01, large_bytes: float = 8e9
) -> Iterator[Verdict]:
    """Count the commands that use several keys, where names have no tags."""
    if facts.server.shards or facts.server.states.get("redis_mode") == "cluster":
        return
    if not facts.workload.commands:
        yield Unknown(reason="the server does not tell which commands come")
        return
    calls = {one.name: one.calls for one in facts.workload.commands}
    several = {name: calls[name] for name in sorted(calls) if name in _SEVERAL}
    total = sum(several.values())
    tagged = sum(one.share for one in facts.keyspace.patterns if one.tags is not None)
    if total < min_calls or total < min_share * sum(calls.values()) or tagged >= 0.5:
        return
    used = facts.counter("used_memory") or 0.0
    yield Flaw(
        severity=Severity.LOW if used >= large_bytes else Severity.INFO,
        evidence=(
            *(
                Evidence(name=f"calls of {name.upper()}", value=number, unit="calls", probe="info")
                for name, number in several.items()
            ),
            Evidence(name="keys whose names have a hash tag", value=round(tagged, 3), unit="share", probe="keyspace"),
            Evidence(name="memory used", value=round(used), unit="bytes", probe="info"),
        ),
        explanation=(
            f"{quantity(total)} commands that use several keys at once were counted, and few names have a hash tag. "
            f"The server uses {size(used)}."
        ),
        recommendation="Give keys that are used together a common part in braces before the server becomes a cluster.",
        operations=(
            ChangeApplication(
                topic="hash-tags", subject="server",
                instruction="Find where these commands are sent, and give the keys of each a common part in braces, "
                "user:{42}:cart and user:{42}:orders, when their names change anyway.",
            ),
        ),
    )  # fmt: skip
