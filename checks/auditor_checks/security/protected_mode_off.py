"""Nothing keeps other machines out while nobody has to log in.

## What
protected-mode is off, and the account default has no password.

## Why it matters
The mode answers clients of other machines with an error as long as default has no password. Without it, one more
address in bind, or a port that a container publishes, opens all keys.

## When it is fine
default has a password or is off: the mode does nothing then, and is not reported. Clients in other containers of one
machine count as other machines, which is why images switch it off; then logins are what is needed.

## How to fix it
Let everybody log in. Where all clients run on the machine itself, CONFIG SET protected-mode yes takes no restart.

## Sources
Redis documentation, "Redis security: Protected mode". redis.conf, protected-mode.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Unknown, Verdict
from auditor.model.operation import RestrictAccounts, SetSetting
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._nodes import REDIS
from auditor_checks._settings import evidence_of, invisible, is_off
from auditor_checks.security._acl import DEFAULT, commands_in_use, globs_in_use, is_open, reach
from auditor_checks.security._network import PROTECTED

CHECK = Check(
    title="Nothing keeps other machines out while nobody has to log in",
    passed="Other machines are kept out, or everybody has to log in",
    pillar=Pillar.SECURITY,
    severity=Severity.MEDIUM,
    unit=SERVER,
    needs=("config",),
    engines=REDIS,
)


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Read the mode where it counts: while default has no password."""
    value, opened = facts.setting(PROTECTED), is_open(facts)
    if facts.target.managed or value is None:
        yield invisible(PROTECTED)
        return
    if not is_off(value) or opened is False:
        return
    if opened is None:
        yield Unknown(reason="whether default has a password is not visible", grant=facts.probes["acl"].grant)
        return
    beyond = reach(facts)
    yield Flaw(
        subject=Subject(kind="setting", name=PROTECTED),
        severity=Severity.LOW if beyond is False else Severity.HIGH,
        evidence=(
            evidence_of(PROTECTED, facts), evidence_of("bind", facts),
            Evidence(name="default needs a password", value=False, probe="acl"),
        ),
        impact=Impact(risk="who reaches the port has the data"),
        explanation="protected-mode is off and default has no password"
        + (": one more address in bind opens all keys." if beyond is False else ": other machines have all keys."),
        recommendation="Switch it on: all clients are on this machine." if beyond is False
        else "Let everybody log in; switched on now, the mode would shut out clients of other machines.",
        operations=(
            SetSetting(name=PROTECTED, value="yes", previous=value) if beyond is False
            else RestrictAccounts(name=DEFAULT, commands=commands_in_use(facts), patterns=globs_in_use(facts)),
        ),
    )  # fmt: skip
