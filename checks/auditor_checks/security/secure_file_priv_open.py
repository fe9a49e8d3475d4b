"""Files can be read and written anywhere by SQL.

## What
secure_file_priv is empty, so that LOAD DATA, SELECT INTO OUTFILE and LOAD_FILE() reach every file that the server's
user may. Graded lower where the accounts can be read and none has FILE.

## Why it matters
An account with FILE reads configuration and keys of the machine, and writes programs where others run them.

## When it is fine
No account has FILE, and none will get it.

## How to fix it
Name a folder, or NULL to forbid it on MySQL, at the next restart.

## Sources
MySQL manual, secure_file_priv; MariaDB documentation, secure_file_priv.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Verdict
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, ProbeOutcome, Severity
from auditor_checks._settings import PRODUCTS, invisible, setting_flaw

CHECK = Check(
    title="Statements may read and write any file",
    passed="Statements reach no file, or one folder",
    pillar=Pillar.SECURITY,
    severity=Severity.MEDIUM,
    unit=SERVER,
    needs=("settings",),
    engines=PRODUCTS,
)


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Read the setting, and look who has FILE."""
    value = facts.setting("secure_file_priv")
    if value is None:
        yield invisible("secure_file_priv")
        return
    if value or facts.target.managed:
        return
    known = (probe := facts.probes.get("roles")) is not None and probe.outcome is ProbeOutcome.OK
    holders = [role.name for role in facts.security.roles if "FILE" in role.powers and not role.system]
    others = [name for name in holders if not name.startswith("root@")]
    yield setting_flaw(
        facts,
        "secure_file_priv",
        "NULL" if facts.target.engine == "mysql" else "/var/lib/mysql-files",
        restart=True,
        severity=Severity.MEDIUM if others or not known else Severity.LOW,
        evidence=(
            Evidence(name="accounts with FILE", value=len(holders) if known else None, unit="accounts", probe="roles"),
        ),
        explanation="Statements can read and write each file that the server's own user may"
        + (f"; {', '.join(others[:5])} may use them." if others else "."),
        recommendation="Name one folder for exchange at the next restart.",
        risk="whoever gets an account with FILE gets the machine",
    )
