"""Connections may be encrypted by TLS 1.0 or 1.1.

## What
MySQL, MariaDB: tls_version names TLSv1 or TLSv1.1.

Redis: tls-protocols names TLSv1 or TLSv1.1; where it is empty, TLS 1.2 and newer are meant.

MongoDB: net.tls.disabledProtocols lets every version in, or connections of these versions were counted.

## Why it matters
Both versions are broken in ways that are known, and rules for payment data forbid them.

## When it is fine
Never; clients that know nothing newer are older than a decade.

## How to fix it
MySQL: Set TLSv1.2,TLSv1.3, then ALTER INSTANCE RELOAD TLS.

MariaDB: Set TLSv1.2,TLSv1.3 at the next restart.

Redis: CONFIG SET tls-protocols "TLSv1.2 TLSv1.3" counts for new connections at once.

MongoDB: Set TLS1_0,TLS1_1 as net.tls.disabledProtocols at the next restart, one member after the other.

## Sources
RFC 8996; MySQL manual, "Encrypted Connection TLS Protocols and Ciphers": newer versions have neither. MongoDB manual,
net.tls.disabledProtocols; serverStatus: transportSecurity. redis.conf, tls-protocols.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Verdict
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._settings import PRODUCTS, invisible, setting_flaw
from auditor_checks.security._network import is_protectable

CHECK = Check(
    title="Server accepts outdated versions of TLS",
    passed="Server accepts current versions of TLS only",
    pillar=Pillar.SECURITY,
    severity=Severity.MEDIUM,
    unit=SERVER,
    needs=("settings|options|config", "settings|server-status|config"),
    engines=(*PRODUCTS, "mongodb", "redis"),
)
OLD = frozenset({"TLSV1", "TLSV1.0", "TLSV1.1"})


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Read the setting."""
    if facts.server.role is not None:
        yield from _counted(facts)
        return
    if is_protectable(facts):
        yield from _listed(facts)
        return
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


def _listed(facts: Facts) -> Iterator[Verdict]:
    """Read which versions are listed, where the server speaks TLS; none means the current ones."""
    old = [part for part in (facts.setting("tls-protocols") or "").split() if part.upper() in OLD]
    if not facts.server.tls or not old:
        return
    yield setting_flaw(
        facts, "tls-protocols", "TLSv1.2 TLSv1.3",
        title=f"Server accepts {' and '.join(old)}",
        explanation=f"A client, or who stands in between, may choose {' or '.join(old)}.",
        recommendation="Leave TLSv1.2 and TLSv1.3 only.", risk="what was encrypted can be read",
    )  # fmt: skip


def _counted(facts: Facts) -> Iterator[Verdict]:
    """Read which versions somebody let in again, and which were used since the server started."""
    if facts.server.tls is False:
        return
    name = "net.tls.disabledProtocols"
    used = {version: facts.counter(f"transportSecurity.{version}") for version in ("1.0", "1.1")}
    old = [f"TLS {version}" for version, number in used.items() if number]
    opened = (facts.setting(name) or "").strip().lower() == "none"
    if facts.server.tls is None:
        yield invisible("net.tls.mode")
    elif old or opened:
        yield setting_flaw(
            facts, name, "TLS1_0,TLS1_1", restart=True,
            title=f"Clients used {' and '.join(old)}" if old else "Server accepts every version of TLS",
            evidence=tuple(
                Evidence(name=f"connections with TLS {version}", value=number, probe="server-status")
                for version, number in used.items()
            ),
            explanation="A client, or who stands in between, may choose TLS 1.0 or 1.1.",
            recommendation="Disable TLS 1.0 and 1.1 at the next restart.", risk="what was encrypted can be read",
        )  # fmt: skip
