"""Clients may choose plain text.

## What
The server has a certificate and accepts connections without encryption as well, on more than its own machine.

Redis: port and tls-port are both open.

## Why it matters
A client that was not told to encrypt gives away what it sends and receives while everybody believes that TLS is on.

## When it is fine
While clients are being moved: the modes allowTLS and preferTLS, and two ports, exist for that.

## How to fix it
When serverStatus counts no more connections without encryption, set requireTLS at run time, and in the configuration.

Redis: When no client comes in at the plain port any more, CONFIG SET port 0.

## Sources
MongoDB manual, "Upgrade a Self-Managed Cluster to Use TLS/SSL"; net.tls.mode. Redis documentation, "TLS".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Unknown, Verdict
from auditor.model.operation import EnableTls
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._settings import evidence_of
from auditor_checks.security._network import address_setting, listens_beyond

CHECK = Check(
    title="Clients may choose plain text",
    passed="Clients have to encrypt their connections, or none can",
    pillar=Pillar.SECURITY,
    severity=Severity.MEDIUM,
    unit=SERVER,
    needs=("options|config", "parameters|config"),
    engines=("mongodb", "redis"),
)
NAME = "setParameter.tlsMode"
OPTIONAL = frozenset({"allowTLS", "preferTLS", "allowSSL", "preferSSL"})


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Read the mode that is in force, which may have been changed at run time."""
    if facts.server.nodes:
        yield from _two_ports(facts)
        return
    mode = facts.setting(NAME)
    if mode is None:
        yield Unknown(reason="the mode of TLS is not visible")
        return
    if mode not in OPTIONAL or not listens_beyond(facts):
        return
    yield Flaw(
        subject=Subject(kind="setting", name="net.tls.mode"),
        title=f"The mode of TLS is {mode}: clients may choose plain text",
        evidence=(evidence_of(NAME, facts), evidence_of(address_setting(facts), facts)),
        impact=Impact(risk="what such clients send and receive can be read and changed on the way"),
        explanation=f"In the mode {mode} the server takes connections with and without encryption.",
        recommendation="Let every client encrypt, then set requireTLS, which takes no restart.",
        operations=(EnableTls(),),
    )


def _two_ports(facts: Facts) -> Iterator[Verdict]:
    """Read which ports are open, and who comes in at the one without TLS."""
    plain, encrypted = facts.setting("port"), facts.setting("tls-port")
    if not facts.server.tls or plain in (None, "0") or encrypted in (None, "0") or not listens_beyond(facts):
        return
    coming = [s for s in facts.workload.sessions if s.encrypted is False and s.client == "network"]
    yield Flaw(
        subject=Subject(kind="setting", name="port"),
        title="A port without TLS is open beside the one with it",
        evidence=(
            evidence_of("port", facts), evidence_of("tls-port", facts), evidence_of(address_setting(facts), facts),
            Evidence(name="clients at the plain port", value=len(coming), unit="clients", probe="clients"),
        ),
        impact=Impact(risk="what such clients send and receive can be read and changed on the way"),
        explanation=f"Clients may choose the port without TLS; {len(coming)} of other machines did just now.",
        recommendation="Move the clients that come in there, then set port to 0, which takes no restart.",
        operations=(EnableTls(),),
    )  # fmt: skip
