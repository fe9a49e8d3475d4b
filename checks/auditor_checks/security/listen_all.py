"""The server listens on every address, and weak rules wait behind them.

## What
The server listens on all addresses of the machine while little is asked of who comes.

PostgreSQL: Host-based rules for other machines ask for little: trust, password, md5 or ident, no encryption, or
everybody from everywhere.

Redis: bind names every address while nobody has to log in and protected-mode is off.

MongoDB: net.bindIp or net.bindIpAll say so while nobody has to log in, or clients need not encrypt.

## Why it matters
Logins and rules are then the only thing between every network that the machine is in and the data, and they do not hold
much. One more interface, a bridge of containers or a public address, and the port is open there too.

## When it is fine
Strong proof is asked for: then listening everywhere is no flaw, and is not reported. A firewall in front of the
port cannot be seen from the server.

## How to fix it
Mend what is asked for first. Then name the addresses that clients use; the change waits for a restart.

PostgreSQL: The rules are those that hba-weak tells of.

## Sources
PostgreSQL manual, "Connections and Authentication: Connection Settings". MongoDB manual,
"IP Binding in Self-Managed Deployments". Redis documentation, "Redis security: Network security".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._settings import evidence_of, is_on
from auditor_checks._words import counted
from auditor_checks.security._acl import is_open
from auditor_checks.security._network import (
    PROTECTED,
    is_near,
    is_protectable,
    is_protected,
    listens_beyond,
    rules_in_force,
    weakness_of,
    written,
)

CHECK = Check(
    title="Server listens everywhere behind weak host-based rules",
    passed="The server does not listen everywhere behind weak rules",
    pillar=Pillar.SECURITY,
    severity=Severity.MEDIUM,
    unit=SERVER,
    needs=("settings|options|config", "host-rules|options|config"),
    engines=("postgresql", "mongodb", "redis"),
)
EVERYWHERE = frozenset({"*", "0.0.0.0", "::"})  # noqa: S104 -- read, not bound to


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Look for weak rules only where the server listens on all addresses."""
    if facts.server.role is not None:
        yield from _without_rules(facts)
        return
    if is_protectable(facts):
        yield from _unprotected(facts)
        return
    listen = facts.setting("listen_addresses")
    if facts.target.managed or listen is None:
        yield Unknown(reason="the addresses are the operator's choice, or not visible")
        return
    if EVERYWHERE.isdisjoint(part.strip() for part in listen.split(",")):
        return
    weak = [rule for rule in rules_in_force(facts) if not is_near(rule) and weakness_of(rule, facts) is not None]
    if not weak:
        return
    yield Flaw(
        subject=Subject(kind="setting", name="listen_addresses"),
        related=tuple(Subject(kind="host-rule", name=f"line {rule.line}") for rule in weak),
        evidence=(
            Evidence(name="listen_addresses", value=listen, probe="settings"),
            Evidence(name="weak rules for other machines", value=len(weak), unit="rules", probe="host-rules"),
        ),
        impact=Impact(risk="the port is open on every network of the machine"),
        explanation=(
            f"The server listens on {listen}, with {counted(len(weak), 'weak rule')} for other machines: "
            f"{written(weak[0])}{' is the first' if len(weak) > 1 else ''}."
        ),
        recommendation="Mend the rules first; then listen only on the addresses that clients use.",
        operations=(
            ChangeApplication(
                topic="listen-addresses",
                subject="server",
                instruction=(
                    "Find out by which addresses clients reach the server, name these in listen_addresses, and restart "
                    "in the next maintenance window."
                ),
            ),
        ),
    )


def _without_rules(facts: Facts) -> Iterator[Verdict]:
    """What stands in for host-based rules where there are none: logins, and encryption that is required."""
    listen, everywhere = facts.setting("net.bindIp") or "", is_on(facts.setting("net.bindIpAll"))
    if facts.target.managed:
        yield Unknown(reason="the addresses are the operator's choice")
        return
    if not everywhere and EVERYWHERE.isdisjoint(part.strip() for part in listen.split(",")):
        return
    asked = any(facts.setting(name) is not None for name in ("security.authorization", "security.keyFile"))
    mode = facts.setting("net.tls.mode") or "disabled"
    weak = [*([] if asked else ["nobody has to log in"]), *([] if mode == "requireTLS" else ["TLS is not required"])]
    if not weak:
        return
    name = "net.bindIpAll" if everywhere else "net.bindIp"
    yield Flaw(
        subject=Subject(kind="setting", name=name),
        severity=Severity.MEDIUM if asked else Severity.HIGH,
        title="Server listens on every address, and " + " and ".join(weak),
        evidence=(
            evidence_of(name, facts),
            Evidence(name="logins are asked for", value=asked, probe="options"),
            evidence_of("net.tls.mode", facts),
        ),
        impact=Impact(risk="the port is open on every network of the machine"),
        explanation=f"The server listens on every address while {' and '.join(weak)}.",
        recommendation="Name the addresses that clients and members use in net.bindIp; that waits for a restart.",
        operations=(
            ChangeApplication(
                topic="listen-addresses", subject="server",
                instruction="Name in net.bindIp only the addresses that clients and members use.",
            ),
        ),
    )  # fmt: skip


def _unprotected(facts: Facts) -> Iterator[Verdict]:
    """Where an account stands for all who do not log in, it is what waits behind the addresses."""
    listen, opened = facts.setting("bind"), is_open(facts)
    if facts.target.managed or listen is None or opened is None:
        yield Unknown(reason="the addresses are the operator's choice, or who may come in is not visible")
        return
    parts = {part.lstrip("-") for part in listen.split()} or ({"*"} if listens_beyond(facts) else set())
    if not opened or is_protected(facts) or not listens_beyond(facts) or EVERYWHERE.isdisjoint(parts):
        return
    yield Flaw(
        subject=Subject(kind="setting", name="bind"),
        severity=Severity.HIGH,
        title="Server listens on every address, and nobody has to log in",
        evidence=(
            evidence_of("bind", facts), evidence_of(PROTECTED, facts),
            Evidence(name="default needs a password", value=False, probe="acl"),
        ),
        impact=Impact(risk="the port is open on every network of the machine"),
        explanation="The server listens on every address while nobody has to log in and protected-mode is off.",
        recommendation="Let everybody log in first; then name in bind the addresses by which clients, replicas and "
        "Sentinels come.",
        operations=(
            ChangeApplication(
                topic="listen-addresses", subject="server",
                instruction="Name in bind only the addresses by which clients, replicas and Sentinels come. CONFIG SET "
                "bind takes no restart since 7.0, and keeps the connections that are there.",
            ),
        ),
    )  # fmt: skip
