"""A moment that lies ahead is kept in a type that ends in 2038.

## What
Columns of type TIMESTAMP whose name says that they hold moments to come: expiry, validity, due dates, ends. MariaDB
from 11.5 on keeps moments up to 2106 in it and is left out, and so are columns that the server fills with the
present.

## Why it matters
TIMESTAMP ends on 19 January 2038. A licence, a card, a certificate or a "valid until further notice" soon lies beyond
it: in strict mode the insert fails, else the value becomes zero.

## When it is fine
What the column holds ends within days or months: a session, a token, a lock.

## How to fix it
Make it DATETIME with values in UTC: add such a column, write both, fill the old rows, switch over.

## Sources
MySQL manual, "The DATE, DATETIME, and TIMESTAMP Types"; MariaDB documentation, "TIMESTAMP": its range by version.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts, TableColumn
from auditor.model.finding import Evidence, Flaw, Impact
from auditor.model.operation import ChangeColumnType
from auditor.model.units import COLUMNS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._names import words
from auditor_checks._words import fitting

CHECK = Check(
    title="A moment to come is kept in a type that ends in 2038",
    passed="Moments to come are kept in types that outlast them",
    pillar=Pillar.MODELLING,
    severity=Severity.LOW,
    confidence=Confidence.POSSIBLE,
    unit=COLUMNS,
    needs=("tables", "columns", "server"),
    engines=("mysql", "mariadb"),
)
_AHEAD = frozenset(
    "expires expiry expiration expire until due maturity matures renewal renews ends termination terminates deadline"
    " retention".split()
)
_SHORT = frozenset("session token lock lease cache otp code nonce captcha cart reset job queue retry login".split())
"""Words of what ends within days."""
_LATER_SINCE = 110500
"""The version of MariaDB that keeps moments up to 2106: https://mariadb.com/kb/en/timestamp/"""


def judge(item: TableColumn, facts: Facts) -> Iterator[Flaw]:
    """Compare the type, and the words of the name."""
    column, named = item.column, set(words(item.column.name))
    if not column.type.lower().startswith("timestamp") or "current_timestamp" in (column.default or "").lower():
        return
    if facts.target.engine == "mariadb" and facts.version >= _LATER_SINCE:
        return
    ahead = named & _AHEAD or {"valid", "to"} <= named or {"end", "date"} <= named or {"end", "at"} <= named
    if not ahead or (named | set(words(item.table.name))) & _SHORT:
        return
    yield Flaw(
        title=fitting(f"{item.table.name}.{column.name} cannot hold a moment after January 2038"),
        evidence=(
            Evidence(name="type", value=column.type, probe="columns"),
            Evidence(name="rows", value=round(facts.rows(item.table)), unit="rows", probe="tables"),
        ),
        impact=Impact(deadline="2038-01-19", risk="inserts that fail, or zeros in place of moments"),
        explanation=f"{item.path} is {column.type}, and its name says that it holds moments to come.",
        recommendation="Make it DATETIME with values in UTC.",
        operations=(
            ChangeColumnType(
                schema=item.table.schema, table=item.table.name, column=column.name, from_type=column.type,
                to_type=column.type.lower().replace("timestamp", "datetime"),
            ),
        ),
    )  # fmt: skip
