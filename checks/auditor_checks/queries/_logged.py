"""What the checks of logged statements say in the same words."""

from __future__ import annotations

import hashlib
import re

from auditor.model.finding import Evidence, Subject
from auditor.model.workload import SlowEntry
from auditor_checks.queries._statements import short

PROBE = "slow-log"

# Of the application: what reads or changes rows. Maintenance, transactions and settings are not.
_APPLICATION = re.compile(r"[\s(]*(?:select|with|values|insert|replace|update|delete|merge|call)\b|db\.", re.IGNORECASE)


def is_statement(entry: SlowEntry) -> bool:
    """Whether an entry is about a statement that an application would send."""
    return _APPLICATION.match(entry.text) is not None


def logged(entry: SlowEntry) -> Subject:
    """Name a statement of a log. The log gives it no number: it gets one from its text, the same in every run."""
    return Subject(kind="query", name=f"log:{hashlib.sha256(entry.text.encode()).hexdigest()[:16]}")


def evidence(entry: SlowEntry, counted: str) -> tuple[Evidence, ...]:
    """The figures of an entry; ``counted`` is what its count counts."""
    return (
        Evidence(name="statement", value=short(entry.text), probe=PROBE),
        Evidence(name=counted, value=entry.count, unit=counted, probe=PROBE),
        Evidence(name="total time", value=round(entry.total_ms, 1), unit="milliseconds", probe=PROBE),
        Evidence(name="longest", value=round(entry.maximum_ms, 1), unit="milliseconds", probe=PROBE),
    )
