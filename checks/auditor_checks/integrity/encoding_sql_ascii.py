"""The database does not check the encoding of its text.

## What
The database's encoding is SQL_ASCII.

## Why it matters
Any bytes are stored as they come. Applications with different encodings mix theirs in one column, nobody can sort it
out later, and clients fail on what they cannot decode.

## When it is fine
All text is pure ASCII and always will be.

## How to fix it
Find out which encodings the data holds, then move it into a new UTF8 database, by dump or logical replication,
converting on the way.

## Sources
PostgreSQL manual, "Character Set Support": the SQL_ASCII setting behaves considerably differently from the other
settings.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import DATABASE
from auditor.model.vocabulary import Pillar, Severity

CHECK = Check(
    title="Encoding of text is not checked",
    passed="Encoding of text is checked",
    pillar=Pillar.INTEGRITY,
    severity=Severity.MEDIUM,
    unit=DATABASE,
    needs=("databases",),
)


def judge(_database: Facts, facts: Facts) -> Iterator[Verdict]:
    """Read the database's encoding."""
    database = facts.database
    if database is None or database.encoding is None:
        yield Unknown(reason="the database's encoding is not visible")
        return
    if database.encoding.upper() != "SQL_ASCII":
        return
    yield Flaw(
        evidence=(Evidence(name="encoding", value=database.encoding, probe="databases"),),
        explanation="Bytes of any encoding are stored as text, side by side, without a check.",
        recommendation="Move the data into a UTF8 database, converting on the way.",
        operations=(
            ChangeApplication(
                topic="encoding", subject=database.name,
                instruction="Find which encodings the text holds, then move it into a UTF8 database.",
            ),
        ),
    )  # fmt: skip
