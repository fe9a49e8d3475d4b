"""Very many keys of a cluster have one hash tag.

## What
Keys whose names have the same text in braces, and that are a considerable part of all keys of a cluster.

## Why it matters
A cluster places keys by what stands in the braces: all of these are in one slot, on one server, and cannot be spread
by any number of servers.

## When it is fine
The keys have to be together for commands on several of them, and are few and small for what one server can hold.

## How to fix it
Take a finer tag: the user, the order or the tenant instead of the kind of data, so that only keys that are used
together have the same.

## Sources
Redis documentation, "Redis cluster specification": hash tags.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact
from auditor.model.keyspace import KeyPattern
from auditor.model.operation import ChangeApplication
from auditor.model.units import KEY_PATTERNS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.text import quantity, share
from auditor_checks._keys import bytes_of, counted, keys_of

CHECK = Check(
    title="Very many keys of a cluster have one hash tag",
    passed="Hash tags spread the keys of the cluster",
    pillar=Pillar.CAPACITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=KEY_PATTERNS,
    needs=("keyspace", "cluster"),
    engines=("redis",),
)


def judge(pattern: KeyPattern, facts: Facts, *, least: float = 0.05, min_keys: float = 10_000) -> Iterator[Flaw]:
    """Compare the keys of the most frequent tag of a pattern with all keys."""
    if pattern.tags is None or pattern.tag_share is None or len(facts.server.shards) < 2:
        return
    together = pattern.tag_share * keys_of(pattern)
    of_all = pattern.tag_share * pattern.share
    if together < min_keys or of_all < least:
        return
    yield Flaw(
        title=f"Very many keys of {pattern.path} have one hash tag",
        evidence=(
            Evidence(name="keys of the most frequent tag", value=round(together), unit="keys", probe="keyspace"),
            Evidence(name="their part of all keys", value=round(of_all, 3), unit="share", probe="keyspace"),
            Evidence(name="tags in the sample", value=pattern.tags, unit="tags", probe="keyspace"),
            Evidence(name="parts of the cluster", value=len(facts.server.shards), unit="servers", probe="cluster"),
            *counted(pattern),
        ),
        impact=Impact(
            bytes=round(bytes_of(pattern) * pattern.tag_share), rows=round(together),
            risk="one server holds what others cannot take over",
        ),
        explanation=(
            f"About {quantity(round(together))} keys of {pattern.path}, {share(of_all)} of all keys, have the same "
            "text in braces: they are in one slot."
        ),
        recommendation="Take a finer tag for new keys, and move the others as they are written.",
        operations=(
            ChangeApplication(
                topic="finer-hash-tag", subject=pattern.path,
                instruction="Put into the braces what the keys that are used together have in common (a user, an "
                "order), and nothing that all have. Read the new name first and the old one after it until all moved.",
            ),
        ),
    )  # fmt: skip
