"""A client library mixes up answers.

## What
Connections whose library, by the name and version that it gives itself, has an error by which an answer can reach
somebody who asked for something else: go-redis 9.5.1 to 9.5.4, 9.6.0 to 9.6.2, 9.7.0 and 9.7.1. Libraries tell it from
Redis 7.2 and Valkey 7.2 on; who tells nothing is not judged.

## Why it matters
When the network is slow while a connection is opened, all later answers on it are shifted by one: a user gets the data
of another one, without any error.

## When it is fine
The library does not give its name (DisableIdentity), and then it is not seen here either.

## How to fix it
Upgrade the library to 9.5.5, 9.6.3, 9.7.3 or newer and deploy the application.

## Sources
CVE-2025-29923, https://github.com/redis/go-redis/security/advisories/GHSA-92cp-5422-2mw7 (read 2026-11-30; its
maintainers say that 9.7.2 has the correction as well); Redis documentation, "CLIENT SETINFO".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact
from auditor.model.operation import ChangeApplication
from auditor.model.units import SERVER
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._nodes import REDIS
from auditor_checks._words import counted

CHECK = Check(
    title="A client library mixes up answers",
    passed="No client library is known to mix up answers",
    pillar=Pillar.QUERIES,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=SERVER,
    needs=("clients",),
    engines=REDIS,
)
_LIBRARY = re.compile(r"go-redis\([^ ]*\) v?(\d+)\.(\d+)\.(\d+)\b")
_AFFECTED = {(9, 5): (1, 4), (9, 6): (0, 2), (9, 7): (0, 1)}
"""By major and minor version the first and the last release that has the error."""


def judge(_server: Facts, facts: Facts) -> Iterator[Flaw]:
    """Compare the libraries of all connections with the versions that have the error."""
    found = Counter(version for session in facts.workload.sessions if (version := _wrong(session.library)))
    if not found:
        return
    versions = ", ".join(sorted(found))
    number = found.total()
    instruction = f"Upgrade go-redis from {versions} to 9.7.3 or newer, and deploy the application."
    yield Flaw(
        title=f"{counted(number, 'connection')} by a version of go-redis that mixes up answers",
        evidence=(
            *(
                Evidence(name=f"connections by go-redis {version}", value=count, unit="connections", probe="clients")
                for version, count in sorted(found.items())
            ),
        ),
        impact=Impact(risk="a user gets the data of another one"),
        explanation=f"{counted(number, 'connection')} came by go-redis {versions}, which has the error CVE-2025-29923.",
        recommendation=instruction,
        operations=(ChangeApplication(topic="library", subject="go-redis", instruction=instruction),),
    )


def _wrong(library: str | None) -> str | None:
    """The version of a library that has the error, None of any other."""
    told = _LIBRARY.match(library or "")
    if told is None:
        return None
    first, last = _AFFECTED.get((int(told[1]), int(told[2])), (1, 0))
    return f"{told[1]}.{told[2]}.{told[3]}" if first <= int(told[3]) <= last else None
