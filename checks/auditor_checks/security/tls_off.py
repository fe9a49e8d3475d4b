"""The server offers no encryption to clients on the network.

## What
The server listens beyond its own machine and offers no encryption.

PostgreSQL: ssl is off. Where the host-based rules can be read and let nobody in from outside, or every network session
is encrypted by GSSAPI, nothing is reported.

MySQL, MariaDB: The server has no certificate, or tls_version is empty.

MongoDB: net.tls.mode is disabled or not set.

Redis: There is no tls-port, or it is 0. While protected-mode keeps other machines out, nothing is reported.

## Why it matters
Passwords' proofs, queries and rows travel readable and changeable by whoever is on the way.

## When it is fine
The server is reached through its socket, through the loopback interface, or through a proxy on the same machine that
encrypts. Networks that encrypt by themselves (WireGuard, a service mesh) cannot be told from others.

## How to fix it
PostgreSQL: Install a certificate, switch ssl on, which takes a reload; move clients to sslmode=verify-full; then turn
host rules into hostssl.

MySQL, MariaDB: Give the server a certificate (ssl_cert, ssl_key), move clients to an encrypted connection that verifies
it; then require it of accounts (REQUIRE SSL) or of all (require_secure_transport).

MongoDB: Give every member a certificate, then go through the modes allowTLS, preferTLS and requireTLS, one member after
the other, while clients move.

Redis: Give the server a certificate and a tls-port beside the other one, move clients and replicas over, then
set port to 0.

## Sources
PostgreSQL manual, "Secure TCP/IP Connections with SSL"; "Connections and Authentication: SSL". MySQL manual,
"Configuring MySQL to Use Encrypted Connections"; MariaDB documentation, "Secure Connections Overview". MongoDB manual,
"Configure mongod and mongos for TLS/SSL". Redis documentation, "TLS". Valkey documentation, "TLS".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Unknown, Verdict
from auditor.model.operation import EnableTls
from auditor.model.security import HostRule
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, ProbeOutcome, Severity
from auditor.model.workload import Session
from auditor_checks._settings import probe_of
from auditor_checks._words import counted
from auditor_checks.security._acl import reach
from auditor_checks.security._network import address_setting, is_near, is_protectable, listens_beyond, rules_in_force

CHECK = Check(
    title="Connections over the network cannot be encrypted",
    passed="Clients on the network can encrypt their connections",
    pillar=Pillar.SECURITY,
    severity=Severity.HIGH,
    unit=SERVER,
    needs=("settings|options|config", "sessions|options|clients"),
    engines=("postgresql", "mysql", "mariadb", "mongodb", "redis"),
)


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Weigh the setting by who listens where, and by who is connected from where."""
    address = address_setting(facts)
    name = "ssl" if "ssl" in facts.settings else "tls_version"
    if facts.server.role is not None:
        name = "net.tls.mode"
    elif is_protectable(facts):
        name = "tls-port"
    ssl, beyond = facts.setting(name), reach(facts) if name == "tls-port" else listens_beyond(facts)
    if facts.server.role is not None and ssl is None:
        ssl = "disabled"  # what it is where nobody set it
    if name == "tls-port" and facts.server.tls is False:
        ssl = ssl or "not there"
    offered = facts.server.tls if name != "ssl" else ssl == "on"
    if offered:
        return
    if ssl is None or offered is None or beyond is None:
        yield Unknown(reason=f"{name} or {address} is not visible")
        return
    remote = [session for session in facts.workload.sessions if session.client == "network"]
    plain = [session for session in remote if session.encrypted is not True]
    if not beyond or (remote and not plain):
        return
    if facts.target.managed:
        yield Unknown(reason="a managed service may end encryption in front of the server")
        return
    known = facts.probes.get("host-rules")
    rules = rules_in_force(facts) if known is not None and known.outcome is ProbeOutcome.OK else None
    open_rules = None if rules is None else [r for r in rules if not is_near(r) and r.method != "reject"]
    if open_rules == [] and not plain:
        return
    listen = facts.setting(address)
    seen = (
        f"Over the network, readable: {counted(len(plain), 'session')}." if plain else "No session is remote just now."
    )
    yield Flaw(
        subject=Subject(kind="setting", name=name),
        severity=Severity.HIGH if plain else Severity.MEDIUM,
        evidence=(
            Evidence(name=name, value=ssl, probe=probe_of(name, facts)),
            Evidence(name=address, value=listen, probe=probe_of(address, facts)),
            *([_sessions(plain, facts)] if remote or "sessions" in facts.probes or "clients" in facts.probes else []),
            *([_rules(open_rules)] if known is not None else []),
        ),
        impact=Impact(risk="what clients send and receive can be read and changed on the way"),
        explanation=f"The server listens on {listen} and offers no encryption. {seen}",
        recommendation="Install a certificate and switch TLS on, then require it from clients.",
        operations=(EnableTls(),),
    )  # fmt: skip


def _sessions(plain: Sequence[Session], facts: Facts) -> Evidence:
    """How many sessions over the network are readable, where sessions are known."""
    probe = next((name for name in ("sessions", "clients") if name in facts.probes), "operations")
    return Evidence(name="sessions over the network", value=len(plain), unit="sessions", probe=probe)


def _rules(rules: Sequence[HostRule] | None) -> Evidence:
    """How many rules let other machines in, where there are such rules."""
    return Evidence(
        name="host-based rules for other machines", value=None if rules is None else len(rules), unit="rules",
        probe="host-rules",
    )  # fmt: skip
