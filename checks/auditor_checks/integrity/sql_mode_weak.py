"""The SQL mode lets the server store something else than it was given.

## What
sql_mode lacks a strict mode, or one of the modes that go with it: NO_ENGINE_SUBSTITUTION, ERROR_FOR_DIVISION_BY_ZERO,
and, on MySQL, ONLY_FULL_GROUP_BY, NO_ZERO_DATE and NO_ZERO_IN_DATE.

## Why it matters
Without a strict mode a number that is too large, a text that is too long or a date that does not exist is cut to
something that fits, with a warning that nobody reads. Without ONLY_FULL_GROUP_BY a query returns any row of a group.

## When it is fine
An old application depends on it, and its data is checked elsewhere. Sessions may set modes of their own, which the
server does not tell.

## How to fix it
Let a part of the application set the strict mode for its sessions, mend what fails, then set it for the server.

## Sources
MySQL manual, "Server SQL Modes"; MariaDB documentation, "SQL_MODE".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Verdict
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._settings import PRODUCTS, invisible, setting_flaw

CHECK = Check(
    title="Server stores values that do not fit",
    passed="Server refuses values that do not fit",
    pillar=Pillar.INTEGRITY,
    severity=Severity.HIGH,
    unit=SERVER,
    needs=("settings",),
    engines=PRODUCTS,
)
STRICT = frozenset({"STRICT_TRANS_TABLES", "STRICT_ALL_TABLES", "TRADITIONAL"})
WITHOUT = "No strict mode: values that do not fit are cut"
FULL = "ONLY_FULL_GROUP_BY"
BOTH = ("NO_ENGINE_SUBSTITUTION", "ERROR_FOR_DIVISION_BY_ZERO")
WANTED = (*BOTH, FULL, "NO_ZERO_DATE", "NO_ZERO_IN_DATE")


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Gather the modes that are missing; a missing strict mode is graver than the others."""
    value = facts.setting("sql_mode")
    if value is None:
        yield invisible("sql_mode")
        return
    modes = {mode.strip().upper() for mode in value.split(",") if mode.strip()}
    strict = not modes.isdisjoint(STRICT)
    wanted = [mode for mode in WANTED if mode not in modes and (facts.target.engine == "mysql" or mode in BOTH)]
    missing = [*([] if strict else ["STRICT_TRANS_TABLES"]), *wanted]
    if not missing:
        return
    yield setting_flaw(
        facts,
        "sql_mode",
        ",".join(sorted({*modes, *missing})),
        title=f"sql_mode lacks {', '.join(missing)}" if strict else WITHOUT,
        severity=Severity.HIGH if not strict else Severity.MEDIUM if FULL in missing else Severity.LOW,
        evidence=(Evidence(name="modes that are missing", value=", ".join(missing), probe="settings"),),
        explanation=f"sql_mode lacks {', '.join(missing)}"
        + (": what does not fit a column is cut to something that does." if not strict else "."),
        recommendation="Set the modes for some sessions first, mend what fails, then set them for all.",
        risk="wrong values are stored, or wrong rows returned, without an error",
    )
