"""The file of temporary tables grows without a limit.

## What
innodb_temp_data_file_path has no max. On MySQL since 8.0 this file holds only rollbacks of temporary tables, so that it
is only noted there.

## Why it matters
A single statement can fill the disk that the data lies on, and the file keeps its size until a restart.

## When it is fine
The disk is watched, and large enough for the worst statement.

## How to fix it
Give the last file a max at the next restart.

## Sources
MySQL manual, "Temporary Tablespaces"; MariaDB documentation, innodb_temp_data_file_path.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Verdict
from auditor.model.units import SERVER
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._settings import PRODUCTS, invisible, setting_flaw

CHECK = Check(
    title="Temporary tables may fill the disk",
    passed="Temporary tables have a limit on disk",
    pillar=Pillar.CAPACITY,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=SERVER,
    needs=("settings",),
    engines=PRODUCTS,
)


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Read the setting."""
    value = facts.setting("innodb_temp_data_file_path")
    if value is None:
        yield invisible("innodb_temp_data_file_path")
    elif "autoextend" in value and ":max:" not in value and not facts.target.managed:
        yield setting_flaw(
            facts,
            "innodb_temp_data_file_path",
            f"{value}:max:16G",
            restart=True,
            severity=Severity.INFO if facts.target.engine == "mysql" else Severity.LOW,
            explanation=f"{value} lets the file of temporary tables grow as far as the disk reaches.",
            recommendation="Give it a max at the next restart.",
            risk="one statement fills the disk of the data",
        )
