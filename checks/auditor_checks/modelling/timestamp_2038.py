"""A column cannot hold times after January 2038.

## What
TIMESTAMP columns that may hold a future time by their name (expiry, due, valid until, end date), on versions whose
TIMESTAMP ends on 2038-01-19. Columns that take the moment of a change are left out, and so is what by its name ends
within days (a session, a token, a lock).

## Why it matters
A contract or certificate that runs for longer than a decade is refused, or stored as zero without a strict mode.

## When it is fine
The times are always near. MariaDB 11.5 and later reaches to 2106 on 64-bit machines and is not reported.

## How to fix it
Store such times as DATETIME in UTC; the change copies the table.

## Sources
MySQL manual, "The DATE, DATETIME, and TIMESTAMP Types"; MariaDB documentation, "TIMESTAMP".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts, TableColumn
from auditor.model.finding import Evidence, Flaw, Impact, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import COLUMNS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._names import words
from auditor_checks._settings import PRODUCTS
from auditor_checks._words import fitting

CHECK = Check(
    title="A time ends in the year 2038",
    passed="Times reach beyond 2038",
    pillar=Pillar.MODELLING,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=COLUMNS,
    needs=(
        "tables",
        "columns",
    ),
    engines=PRODUCTS,
)
LONGER_SINCE = 110500
"""The version of MariaDB that keeps moments up to 2106: https://mariadb.com/kb/en/timestamp/"""
FUTURE = frozenset(
    "expires expiry expiration expire until due deadline ends maturity matures renewal renews termination terminates"
    " retention".split()
)
PAIRS = (frozenset({"valid", "to"}), frozenset({"end", "date"}), frozenset({"end", "at"}))
"""Words that say so together."""
SHORT = frozenset("session token lock lease cache otp code nonce captcha cart reset job queue retry login".split())
"""Words of what ends within days, in the name of the column or of its table."""


def judge(column: TableColumn, facts: Facts) -> Iterator[Verdict]:
    """Report a column by its type and its name."""
    own = column.column
    if own.family != "timestamp-tz" or (facts.target.engine == "mariadb" and facts.version >= LONGER_SINCE):
        return
    named = frozenset(words(own.name))
    ahead = not FUTURE.isdisjoint(named) or any(pair <= named for pair in PAIRS)
    if not ahead or "current_timestamp" in (own.default or "").lower():
        return
    if not SHORT.isdisjoint(named | frozenset(words(column.table.name))):
        return
    yield Flaw(
        title=fitting(f"{column.path} ends in 2038"),
        evidence=(
            Evidence(name="type", value=own.type, probe="columns"),
            Evidence(name="rows", value=round(facts.rows(column.table)), unit="rows", probe="tables"),
        ),
        impact=Impact(deadline="2038-01-19", risk="later times are refused"),
        explanation=f"{own.name} says that it holds times to come, and {own.type} ends on 2038-01-19.",
        recommendation="Store it as DATETIME in UTC.",
        operations=(
            ChangeApplication(
                topic="timestamp-range",
                subject=column.path,
                instruction=f"Add a DATETIME column beside {column.path}, fill it in UTC, and let the application use "
                "it.",
            ),
        ),
    )
