"""The server listens on every address, and weak rules wait behind them.

## What
listen_addresses names all addresses of the machine while host-based rules for other machines ask for little: trust,
password, md5 or ident, no encryption, or everybody from everywhere.

## Why it matters
The rules are then the only thing between every network that the machine is in and the data, and they do not hold much.
One more interface, a bridge of containers or a public address, and the port is open there too.

## When it is fine
The rules ask for strong proof: then listening everywhere is no flaw, and is not reported. A firewall in front of the
port cannot be seen from the server.

## How to fix it
Mend the rules first (hba-weak). Then name the addresses that clients use; the change waits for a restart.

## Sources
PostgreSQL manual, "Connections and Authentication: Connection Settings".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._words import counted
from auditor_checks.security._network import is_near, rules_in_force, weakness_of, written

CHECK = Check(
    title="Server listens everywhere behind weak host-based rules",
    passed="The server does not listen everywhere behind weak rules",
    pillar=Pillar.SECURITY,
    severity=Severity.MEDIUM,
    unit=SERVER,
    needs=("settings", "host-rules"),
    engines=("postgresql",),
)
EVERYWHERE = frozenset({"*", "0.0.0.0", "::"})  # noqa: S104 -- read, not bound to


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Look for weak rules only where the server listens on all addresses."""
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
