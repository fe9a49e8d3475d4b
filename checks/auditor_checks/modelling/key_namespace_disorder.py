"""Names of keys follow no common rule.

## What
Many keys have names without a word that says what they are, or a good part of the patterns separates the parts of
names otherwise than the rest. Names that libraries make are left out.

## Why it matters
Accounts, listings, metrics and migrations work by patterns of names (user:*). Keys without a prefix cannot be told
apart, belong to nobody, and cannot be given to one account alone.

## When it is fine
One program has the server for one purpose, and its keys are all of one kind.

## How to fix it
Choose one rule (kind:identifier:part, in lower case), use it for new keys, and read the old name after the new one
until the old ones are gone.

## Sources
Redis documentation, "Keys and values": stick with a schema; "ACL": patterns of keys.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Subject, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import SERVER
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.text import share
from auditor_checks._key_names import has_prefix, of_library, separator
from auditor_checks._keys import keys_of

CHECK = Check(
    title="Names of keys follow no common rule",
    passed="Names of keys follow a common rule",
    pillar=Pillar.MODELLING,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=SERVER,
    needs=("keyspace",),
    engines=("redis",),
)

_NAMED = 10
_FEW = 20
"""Patterns of fewer keys are no rule of anybody's."""


def judge(
    _server: Facts, facts: Facts, *, min_keys: float = 1_000, min_patterns: float = 5, bare: float = 0.3,
    odd: float = 0.15,
) -> Iterator[Verdict]:  # fmt: skip
    """Count keys without a prefix, and patterns that separate parts otherwise than most."""
    if not facts.keyspace.patterns:
        if facts.keyspace.sample is None or facts.keyspace.sample.of:
            yield Unknown(reason="no key was looked at")
        return
    own = [one for one in facts.keyspace.patterns if not of_library(one) and one.parts and keys_of(one) >= _FEW]
    total = sum(map(keys_of, own))
    if total < min_keys:
        return
    without = [one for one in own if not has_prefix(one)]
    bare_share = sum(map(keys_of, without)) / total
    signs = Counter(sign for one in own if one not in without and (sign := separator(one)) is not None)
    usual = max(signs, key=lambda sign: (signs[sign], sign), default=None)
    otherwise = [one for one in own if one not in without and separator(one) not in (usual, None)]
    odd_share = len(otherwise) / max(1, signs.total())
    mixed = signs.total() >= min_patterns and len(otherwise) >= 2 and odd_share >= odd
    if (bare_share < bare or len(own) < 2) and not mixed:
        return
    yield Flaw(
        severity=Severity.LOW if bare_share >= bare else Severity.INFO,
        related=tuple(Subject(kind="key-pattern", name=one.path) for one in (*without, *otherwise)[:_NAMED]),
        evidence=(
            Evidence(name="keys without a prefix", value=round(bare_share, 3), unit="share", probe="keyspace"),
            Evidence(name="usual separator", value=usual, probe="keyspace"),
            Evidence(name="patterns with another separator", value=len(otherwise), unit="patterns", probe="keyspace"),
            Evidence(name="patterns in all", value=len(own), unit="patterns", probe="keyspace"),
        ),
        explanation=(
            f"{share(bare_share)} of the keys have no word before what differs from key to key, and {len(otherwise)} "
            f"of {len(own)} patterns separate their parts otherwise than by {usual or 'a sign'}."
        ),
        recommendation="Choose one rule for names, kind:identifier:part, and use it for new keys.",
        operations=(
            ChangeApplication(
                topic="key-naming", subject="server",
                instruction="Make names of keys in one place of the code, as kind:identifier:part in lower case. "
                "Read the new name first and the old one after it, until keys of the old name are gone.",
            ),
        ),
    )  # fmt: skip
