"""Words that only one engine has, which nobody may read in what is said about another."""

from __future__ import annotations

import re

from auditor.checking import CheckRun

_POSTGRESQL = re.compile(
    r"(?i)vacuum|\bpg_|postgres|psql|jsonb|shared_buffers|work_mem|\bplanner\b|\breload\b(?! TLS)|\bWAL\b"
    r"|row versions?\b|\bstreaming\b|full_page_writes|synchronous_commit|base backup|row-level security"
)
_MYSQL = re.compile(r"(?i)innodb|mysql|mariadb|sql_mode|\bbinlog")

_MONGODB = re.compile(r"(?i)mongo|oplog|\bshard key|wiredtiger|\bBSON\b")


def foreign_words(engine: str, text: str) -> list[str]:
    """The words of a text that are another engine's."""
    foreign = {"postgresql": (_MYSQL,), "redis": (_MYSQL, _POSTGRESQL, _MONGODB)}.get(engine, (_POSTGRESQL,))
    return [word for pattern in foreign for word in pattern.findall(text)]


def foreign_to(engine: str, run: CheckRun) -> list[str]:
    """What the findings and operations of a check say in words of another engine. Names and values are data."""
    said = [
        text
        for finding in run.findings
        for text in (
            finding.title,
            finding.explanation,
            finding.recommendation,
            finding.impact.risk or "",
            *(evidence.name for evidence in finding.evidence),
        )
    ]
    said += [getattr(operation, "instruction", "") for operation in run.operations]
    return [f"{', '.join(words)!r} in: {text}" for text in said if (words := foreign_words(engine, text))]
