"""Connections may be encrypted by TLS 1.0 or 1.1.

## What
tls_version names TLSv1 or TLSv1.1.

## Why it matters
Both versions are broken in ways that are known, and rules for payment data forbid them.

## When it is fine
Never; clients that know nothing newer are older than a decade.

## How to fix it
Set TLSv1.2,TLSv1.3; on MySQL ALTER INSTANCE RELOAD TLS then suffices, on MariaDB it takes a restart.

## Sources
RFC 8996; MySQL manual, "Encrypted Connection TLS Protocols and Ciphers": newer versions have neither.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Verdict
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._settings import PRODUCTS, invisible, setting_flaw

CHECK = Check(
    title="Server accepts outdated versions of TLS",
    passed="Server accepts current versions of TLS only",
    pillar=Pillar.SECURITY,
    severity=Severity.MEDIUM,
    unit=SERVER,
    needs=("settings",),
    engines=PRODUCTS,
)
OLD = frozenset({"TLSV1", "TLSV1.0", "TLSV1.1"})


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Read the setting."""
    value = facts.setting("tls_version")
    if value is None:
        yield invisible("tls_version")
        return
    old = [version.strip() for version in value.split(",") if version.strip().upper() in OLD]
    if old:
        yield setting_flaw(
            facts,
            "tls_version",
            "TLSv1.2,TLSv1.3",
            restart=facts.target.engine == "mariadb",
            title=f"Server accepts {' and '.join(old)}",
            explanation=f"A client, or who stands in between, may choose {' or '.join(old)}.",
            recommendation="Leave TLSv1.2 and TLSv1.3 only.",
            risk="what was encrypted can be read",
        )
