"""Clients may choose plain text.

## What
The server has a certificate and accepts connections without encryption as well, on more than its own machine.

Redis: Both tls-port and port are open.

## Why it matters
A client that was not told to encrypt gives away what it sends and receives while everybody believes that TLS is on.

## When it is fine
While clients are being moved.

MongoDB: The modes allowTLS and preferTLS exist for that.

## How to fix it
MongoDB: When serverStatus counts no more connections without encryption, set requireTLS at run time, and in the
configuration.

Redis: When no client comes through port any more (CLIENT LIST tells by which port: laddr), and replicas and the
cluster's own talk use TLS (tls-replication, tls-cluster), set port to 0, which takes no restart since 7.0.

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
from auditor_checks.security._acl import reach
from auditor_checks.security._network import address_setting, is_protectable, listens_beyond

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
    if is_protectable(facts):
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
    """Where encryption has a port of its own, see whether the other one is open too."""
    plain, encrypted = facts.setting("port"), facts.setting("tls-port")
    if plain is None:
        yield Unknown(reason="the ports are not visible")
        return
    if plain == "0" or encrypted in (None, "0") or not reach(facts):
        return
    readable = sum(s.client == "network" and s.encrypted is False for s in facts.workload.sessions)
    yield Flaw(
        subject=Subject(kind="setting", name="port"),
        title="Clients may choose plain text: port is open beside tls-port",
        severity=Severity.HIGH if readable else Severity.MEDIUM,
        evidence=(
            Evidence(name="port is open", value=True, probe="config"),
            Evidence(name="tls-port is open", value=True, probe="config"),
            evidence_of("bind", facts),
            Evidence(name="readable connections from other machines", value=readable, unit="connections",
                     probe="clients"),
        ),
        impact=Impact(risk="what such clients send and receive can be read and changed on the way"),
        explanation="The server takes connections with encryption and, at another port, without.",
        recommendation="Move clients and replicas to tls-port, then set port to 0.",
        operations=(EnableTls(),),
    )  # fmt: skip
