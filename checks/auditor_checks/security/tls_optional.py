"""Clients may choose plain text.

## What
The server has a certificate and accepts connections without encryption as well, on more than its own machine.

## Why it matters
A client that was not told to encrypt gives away what it sends and receives while everybody believes that TLS is on.

## When it is fine
While clients are being moved: the modes allowTLS and preferTLS exist for that.

## How to fix it
When serverStatus counts no more connections without encryption, set requireTLS at run time, and in the configuration.

## Sources
MongoDB manual, "Upgrade a Self-Managed Cluster to Use TLS/SSL"; net.tls.mode.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Flaw, Impact, Subject, Unknown, Verdict
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
    needs=("options", "parameters"),
    engines=("mongodb",),
)
NAME = "setParameter.tlsMode"
OPTIONAL = frozenset({"allowTLS", "preferTLS", "allowSSL", "preferSSL"})


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Read the mode that is in force, which may have been changed at run time."""
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
