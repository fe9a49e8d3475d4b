"""A host-based rule lets clients in too easily.

## What
Rules with the methods trust, password, md5 or ident; rules for connections without TLS; and rules that let every role
into every database from every address. Rules that an earlier one leaves nothing for are not judged. What only this
machine can use is graded lower, and told once for each method, as md5 is.

## Why it matters
trust asks for nothing: who reaches the port is a superuser. password sends the password readable. An md5 hash serves
whoever reads it in place of the password, and version 18 announces its end. ident believes what the client's machine
says.

## When it is fine
trust on the socket of a machine or container where every account is an administrator's. A rule for all addresses behind
a firewall that knows better: the server cannot see it.

## How to fix it
Set scram-sha-256 (peer on the socket), hostssl and the addresses that clients have, line by line, and reload. md5 rules
accept SCRAM hashes too, so passwords can be replaced first.

## Sources
PostgreSQL manual, "The pg_hba.conf File"; "Password Authentication"; release notes of version 18 (md5 is deprecated).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Unknown, Verdict
from auditor.model.operation import ChangeApplication, ChangeHostRule
from auditor.model.security import HostRule
from auditor.model.units import HOST_RULES
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks.security._network import (
    HARM,
    is_anywhere,
    is_near,
    listens_beyond,
    rules_in_force,
    weakness_of,
    written,
)

CHECK = Check(
    title="Host-based rule lets clients in too easily",
    passed="Host-based rules ask for strong proof",
    pillar=Pillar.SECURITY,
    severity=Severity.HIGH,
    unit=HOST_RULES,
    needs=("host-rules", "settings"),
    engines=("postgresql",),
)
_ADVICE = {
    "plain": "Turn the rule into hostssl once its clients encrypt.",
    "anywhere": "Name the roles, databases and addresses that clients really have; keep superusers out.",
    "md5": "Have the passwords stored again as SCRAM hashes, then write scram-sha-256 here.",
}
_GROUPED = ("md5", "anywhere")


def judge(rule: HostRule, facts: Facts) -> Iterator[Verdict]:
    """Name the rule's weakness; of several rules with the same small weakness the first speaks for all."""
    if facts.target.managed:
        yield Unknown(reason="the host-based rules of a managed service are its operator's")
        return
    weakness = weakness_of(rule, facts)
    if weakness is None:
        return
    alike = [rule]
    if weakness in _GROUPED or is_near(rule):
        alike = [o for o in rules_in_force(facts) if weakness_of(o, facts) == weakness and is_near(o) == is_near(rule)]
    if alike[0] is rule:
        yield _flaw(alike, weakness, facts)


def _severity(rule: HostRule, weakness: str, facts: Facts) -> Severity:
    near, latent = is_near(rule), listens_beyond(facts) is False
    if near:
        return Severity.MEDIUM if weakness == "trust" else Severity.LOW
    if latent:
        return Severity.LOW
    if weakness == "trust":
        return Severity.CRITICAL if is_anywhere(rule) or "all" in rule.users else Severity.HIGH
    if weakness == "password":
        return Severity.LOW if rule.type == "hostssl" else Severity.HIGH
    stored = {role.password for role in facts.security.roles if role.login}
    if weakness == "md5" and None not in stored and "md5" not in stored:
        return Severity.LOW
    return Severity.LOW if weakness == "anywhere" and rule.type == "hostssl" else Severity.MEDIUM


def _flaw(alike: Sequence[HostRule], weakness: str, facts: Facts) -> Flaw:
    rule, near = alike[0], is_near(alike[0])
    lines = ", ".join(str(one.line) for one in alike)
    which = f"The host-based rules on lines {lines}" if len(alike) > 1 else f"The rule on line {lines}"
    unused = " Nobody can use it now: the server listens on this machine only."
    return Flaw(
        title=f"Host-based rule {'on this machine ' if near else ''}{HARM[weakness]} (line {rule.line})",
        severity=min((_severity(one, weakness, facts) for one in alike), key=lambda severity: severity.rank),
        related=tuple(Subject(kind="host-rule", name=f"line {one.line}") for one in alike[1:]),
        evidence=(
            *(Evidence(name=f"line {one.line}", value=written(one), probe="host-rules") for one in alike[:10]),
            Evidence(name="listen_addresses", value=facts.setting("listen_addresses"), probe="settings"),
        ),
        impact=Impact(risk=f"the rule {HARM[weakness]}"),
        explanation=(
            f"{which} would decide on these connections before any other: {written(rule)} {HARM[weakness]}."
            + (unused if not near and listens_beyond(facts) is False else "")
        ),
        recommendation=_ADVICE.get(weakness, "Ask for scram-sha-256 instead, one line at a time, and reload."),
        operations=tuple(_operation(one, weakness) for one in alike),
        discriminator=weakness,
    )


def _operation(rule: HostRule, weakness: str) -> ChangeHostRule | ChangeApplication:
    if weakness in ("plain", "anywhere"):
        return ChangeApplication(
            topic="host-rules", subject=f"line {rule.line}", instruction=f"{written(rule)}: {_ADVICE[weakness]}"
        )
    return ChangeHostRule(line=rule.line, from_method=rule.method or "", to_method="scram-sha-256", rule=written(rule))
