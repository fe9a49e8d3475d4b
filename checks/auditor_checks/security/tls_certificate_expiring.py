"""The server's certificate expires soon, or has expired.

## What
The end of validity that the server tells of its certificate is near.

## Why it matters
From that moment on every client that verifies the certificate fails to connect, all at once.

## When it is fine
The certificate is replaced by a machine that works.

## How to fix it
Put the new certificate in place, and have the server read it without a restart.

MySQL: By ALTER INSTANCE RELOAD TLS.

MariaDB: By FLUSH SSL.

MongoDB: By the command rotateCertificates.

## Sources
MySQL manual, "Server-Side Runtime Configuration and Monitoring for Encrypted Connections"; Ssl_server_not_after.
MongoDB manual, rotateCertificates.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._settings import PRODUCTS

CHECK = Check(
    title="The server's certificate expires",
    passed="The certificate is valid for long",
    pillar=Pillar.SECURITY,
    severity=Severity.MEDIUM,
    unit=SERVER,
    needs=("settings|options", "status|server-status"),
    engines=(*PRODUCTS, "mongodb"),
)


def judge(_server: Facts, facts: Facts, *, days: float = 30, high_days: float = 7) -> Iterator[Verdict]:
    """Compare the end with the moment of the snapshot."""
    if facts.server.tls is False:
        return
    probe = "status" if "status" in facts.probes else "server-status"
    left = facts.age(facts.server.tls_until)
    if left is None:
        yield Unknown(reason="the server does not tell until when its certificate is valid")
        return
    ahead = -left.total_seconds() / 86400
    if ahead >= days:
        return
    yield Flaw(
        title=f"The certificate {'expires' if ahead > 0 else 'expired'} on {facts.server.tls_until}",
        severity=Severity.HIGH if ahead < high_days else Severity.MEDIUM,
        evidence=(
            Evidence(name="valid until", value=facts.server.tls_until, probe=probe),
            Evidence(name="days left", value=round(ahead, 1), unit="days", probe=probe),
        ),
        impact=Impact(deadline=facts.server.tls_until, risk="clients that verify it cannot connect"),
        explanation=f"Clients that verify the certificate {'will fail' if ahead > 0 else 'fail'} to connect.",
        recommendation="Put a new certificate in place and have the server read it; that takes no restart.",
        operations=(
            ChangeApplication(
                topic="certificate",
                subject="server",
                instruction="Replace the server's certificate and have it read again without a restart.",
            ),
        ),
    )
