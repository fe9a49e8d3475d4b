"""The server asks for the names of its clients.

## What
skip_name_resolve is off, although the server listens beyond its own machine and no account names a machine: every
lookup is for nothing.

## Why it matters
A slow or failing name server makes each new connection slow, and a wrong answer lets it fail.

## When it is fine
Accounts name machines by their names: then nothing is reported, as the lookups are needed.

## How to fix it
Set skip_name_resolve at the next restart, after a last look that no account has a name as its host.

## Sources
MySQL manual, "DNS Lookups and the Host Cache"; MariaDB documentation, skip_name_resolve.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Verdict
from auditor.model.units import SERVER
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._settings import PRODUCTS, invisible, is_off, setting_flaw
from auditor_checks.security._network import listens_beyond

CHECK = Check(
    title="Each new connection waits for a name server",
    passed="No connection waits for a name server",
    pillar=Pillar.OPERATIONS,
    severity=Severity.INFO,
    confidence=Confidence.LIKELY,
    unit=SERVER,
    needs=(
        "settings",
        "roles",
    ),
    engines=PRODUCTS,
)
NAME = re.compile(r"[A-Za-z]")
LOCAL = frozenset({"localhost", "::1"})


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Read the setting, and look for accounts that need names."""
    value, beyond = facts.setting("skip_name_resolve"), listens_beyond(facts)
    if value is None or beyond is None:
        yield invisible("skip_name_resolve")
        return
    named = [r for r in facts.security.roles if r.host is not None and NAME.search(r.host) and r.host not in LOCAL]
    if not is_off(value) or not beyond or named or facts.target.managed:
        return
    yield setting_flaw(
        facts,
        "skip_name_resolve",
        "ON",
        restart=True,
        evidence=(Evidence(name="accounts whose host is a name", value=0, unit="accounts", probe="roles"),),
        explanation="For each client that is not known yet the server asks a name server, and uses the answer nowhere.",
        recommendation="Set it at the next restart.",
        risk="connections wait for, or fail with, the name server",
    )
