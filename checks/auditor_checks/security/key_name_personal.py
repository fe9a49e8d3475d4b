"""Names of keys hold personal data.

## What
Patterns in which what differs from key to key are e-mail addresses, telephone numbers, or network addresses of people.

## Why it matters
Names are shown where values are not: in lists of slow commands, by MONITOR, in logs, metrics and errors, and by SCAN to
every account that may list keys. Whoever has to delete a person's data must know all such names.

## When it is fine
Network addresses in keys of limits that end within minutes, which are left out here.

## How to fix it
Put a keyed hash (HMAC) of the address in its place: look-ups work as before, and the name tells nothing.

## Sources
Regulation (EU) 2016/679, article 25 and article 32: pseudonymisation. Redis documentation, "SLOWLOG".
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
from auditor.text import quantity
from auditor_checks._keys import DAY, counted, keys_of

CHECK = Check(
    title="Names of keys hold personal data",
    passed="No name of a key holds personal data",
    pillar=Pillar.SECURITY,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=KEY_PATTERNS,
    needs=("keyspace",),
    engines=("redis",),
)


def judge(pattern: KeyPattern, _facts: Facts, *, min_keys: float = 10, many_keys: float = 1_000) -> Iterator[Flaw]:
    """Report patterns of addresses and telephone numbers."""
    what = _personal(pattern)
    if what is None or keys_of(pattern) < min_keys:
        return
    yield Flaw(
        title=f"Names of {pattern.path} hold {what}",
        severity=Severity.MEDIUM if "email" in pattern.parts and keys_of(pattern) >= many_keys else Severity.LOW,
        evidence=(Evidence(name="what differs in the names", value=what, probe="keyspace"), *counted(pattern)),
        impact=Impact(rows=round(keys_of(pattern)), risk="names are shown where values are not"),
        explanation=f"About {quantity(round(keys_of(pattern)))} names of {pattern.path} hold {what}.",
        recommendation="Put a keyed hash of it in its place.",
        operations=(
            ChangeApplication(
                topic="hash-personal-names", subject=pattern.path,
                instruction="Write an HMAC of the address or number, with a key that the application keeps, in its "
                "place in new names. Read the new name first and the old one after it until old keys have moved.",
            ),
        ),
    )  # fmt: skip


def _personal(pattern: KeyPattern) -> str | None:
    if "email" in pattern.parts:
        return "e-mail addresses"
    if "+{id}" in pattern.name and "number" in pattern.parts:
        return "telephone numbers"
    times = pattern.lifetimes
    kept = times is None or times.expiring < 0.5 or (times.median or 0.0) > DAY
    return "network addresses" if "address" in pattern.parts and kept else None
