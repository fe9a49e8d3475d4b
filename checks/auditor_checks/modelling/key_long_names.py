"""Names of keys take much of the memory.

## What
Names of a hundred bytes and more, or of more than half of what a key takes, of very many keys.

## Why it matters
Every name is kept whole in memory, sent with every command and compared with every look-up.

## When it is fine
The name is a hash that keeps it short, or the keys are few.

## How to fix it
Shorten what all names have in common, and put a hash in place of long identifiers (a URL, a query, a token). Do so for
new keys; old ones end by their time to live.

## Sources
Redis documentation, "Keys and values": very long keys are not a good idea.
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
from auditor_checks._keys import all_bytes, bytes_of, counted, keys_of

CHECK = Check(
    title="Names of keys take much of the memory",
    passed="Names of keys are short",
    pillar=Pillar.MODELLING,
    severity=Severity.LOW,
    confidence=Confidence.CERTAIN,
    unit=KEY_PATTERNS,
    needs=("keyspace",),
    engines=("redis",),
)

_ENOUGH = 40
"""Bytes in which a name can say what it has to say: a prefix and a hash of sixteen bytes in hexadecimal digits."""


def judge(
    pattern: KeyPattern, facts: Facts, *, long: float = 100, part: float = 0.5, not_short: float = 60,
    min_keys: float = 1_000, many_keys: float = 10_000, min_saved: float = 0.02,
) -> Iterator[Flaw]:  # fmt: skip
    """Compare the mean length of names with what the keys take."""
    name, mean = pattern.name_bytes, pattern.bytes_mean
    if name is None or mean is None or keys_of(pattern) < min_keys:
        return
    of_memory = name / mean if mean else 0.0
    if name < long and (of_memory < part or name < not_short):
        return
    saved = round((name - _ENOUGH) * keys_of(pattern))
    if keys_of(pattern) < many_keys and saved < min_saved * all_bytes(facts):
        return
    yield Flaw(
        title=f"Names of {pattern.path} take much of the memory",
        evidence=(
            Evidence(name="mean length of a name", value=round(name), unit="bytes", probe="keyspace"),
            Evidence(name="mean size of a key with its name", value=round(mean), unit="bytes", probe="keyspace"),
            Evidence(name="part of the names", value=round(of_memory, 3), unit="share", probe="keyspace"),
            *counted(pattern),
        ),
        impact=Impact(bytes=min(saved, round(bytes_of(pattern))), risk="memory and network are taken by names"),
        explanation=(
            f"A name of {pattern.path} has {name:.0f} bytes on average, {share(of_memory)} of what a key takes, and "
            f"there are about {quantity(round(keys_of(pattern)))} of them."
        ),
        recommendation="Shorten the names of new keys: a shorter prefix, and a hash in place of what is long.",
        operations=(
            ChangeApplication(
                topic="shorter-names", subject=pattern.path,
                instruction="Shorten the prefix of new keys, and write a hash (16 bytes are enough) in place of a URL, "
                "a query or a token. Read the new name first and the old one after it until the old ones have ended.",
            ),
        ),
    )  # fmt: skip
