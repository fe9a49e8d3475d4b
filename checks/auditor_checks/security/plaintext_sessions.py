"""Sessions over the network are not encrypted, although the server could.

## What
ssl is on, and sessions that come over the network use neither TLS nor GSSAPI encryption. One finding names their roles.

## Why it matters
A client that was not told to encrypt, or that falls back to plain text, gives away everything on the way, while
everybody believes that TLS is on.

## When it is fine
The network between client and server encrypts by itself.

## How to fix it
Set sslmode=verify-full in these clients, then turn the host rules that they use into hostssl, so that plain text is
refused.

## Sources
PostgreSQL manual, "The pg_hba.conf File"; "libpq: SSL Support" (what each sslmode protects from).
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Unknown, Verdict
from auditor.model.operation import EnableTls
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._words import counted

CHECK = Check(
    title="Sessions over the network are not encrypted",
    passed="Every session over the network is encrypted",
    pillar=Pillar.SECURITY,
    severity=Severity.HIGH,
    unit=SERVER,
    needs=("settings", "sessions", "connections|sessions"),
    engines=("postgresql", "mysql", "mariadb"),
)


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Count the plain ones among the sessions from elsewhere."""
    own = "ssl" not in facts.settings
    if not (facts.server.tls if own else facts.setting("ssl") == "on"):
        return
    remote = [session for session in facts.workload.sessions if session.client == "network"]
    plain = [session for session in remote if session.encrypted is False]
    if not plain:
        if any(session.client is None and session.user is not None for session in facts.sessions):
            yield Unknown(reason="where sessions come from may not be seen", grant=facts.probes["sessions"].grant)
        return
    roles = sorted({session.user for session in plain if session.user is not None})
    yield Flaw(
        subject=Subject(kind="server", name="server"),
        related=tuple(Subject(kind="role", name=name) for name in roles),
        evidence=(
            Evidence(name="plain sessions over the network", value=len(plain), unit="sessions",
                     probe="connections" if own else "sessions"),
            Evidence(name="sessions over the network", value=len(remote), unit="sessions", probe="sessions"),
            *([] if own else [Evidence(name="ssl", value="on", probe="settings")]),
        ),
        impact=Impact(risk="what these clients send and receive can be read and changed on the way"),
        explanation=(
            f"The server offers TLS, but of {counted(len(remote), 'session')} over the network {len(plain)} came in "
            f"plain text, as {', '.join(roles)}."
        ),
        recommendation=(
            "Let these clients verify the server's certificate, then require TLS of their accounts."
            if own
            else "Set sslmode=verify-full in these clients, then refuse plain text by hostssl rules."
        ),
        operations=(EnableTls(),),
        degree=len(plain) / len(remote),
    )  # fmt: skip
