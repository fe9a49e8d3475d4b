"""What a change of result types does to connections: prepared statements fail once, until they are prepared anew.

Measured with a textbook change of a key's type: a stall of 5 to 11 ms, and 1,186 errors in the application. Without
prepared statements there was none.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from auditor.model.catalog import Key
from auditor.model.facts import Facts
from auditor.model.plan import Deploy
from auditor.model.workload import Statement
from auditor_connectors.postgresql.recipes.sql import mentions

NAMED = 5
"""Statements that a step names; of more it says the number."""

EXCERPT = 70
"""Characters of a statement's text that a note shows."""

_ALL_COLUMNS = re.compile(
    r"(?:\bSELECT(?:\s+(?:ALL|DISTINCT))?|\bRETURNING|,)\s*(?:(?:\w+|\"[^\"]+\")\s*\.\s*)*\*", re.IGNORECASE
)
"""Every column of a table: ``*`` or ``t.*`` in a list of results, and neither a product nor ``count(*)``."""

RECYCLE = (
    "Belongs to this step: recycle the connections right after it (PgBouncer: RECONNECT; else restart the workers one "
    "by one). Statements that were prepared before fail with “cached plan must not change result type” until they are "
    "prepared anew."
)


def reconnect(keys: Sequence[Key]) -> Deploy:
    """Mark a step within which the connections that know some tables are recycled."""
    return Deploy(kind="reconnect", objects=tuple(".".join(key) for key in keys))


def recycle_notes(facts: Facts, keys: Sequence[Key]) -> Iterator[str]:
    """Say that connections are recycled within the step, and which statements are sure to need it."""
    yield RECYCLE
    yield from star_notes(facts, keys)


def star_notes(facts: Facts, keys: Sequence[Key]) -> Iterator[str]:
    """Name the statements that return every column of some tables, or may do so for all that can be read of them."""
    candidates = facts.once("statements for all columns", lambda: _candidates(facts))
    found = [
        one
        for one, tables in candidates
        if any(key in tables if tables else mentions(one.text, key[1]) for key in keys)
    ]
    if found:
        named = "; ".join(f"{excerpt(one.text)} ({one.calls:,} calls)" for one in found[:NAMED])
        more = f"; and {len(found) - NAMED} more" if len(found) > NAMED else ""
        yield f"These return every column, as far as pg_stat_statements tells: {named}{more}."


def _candidates(facts: Facts) -> list[tuple[Statement, frozenset[Key]]]:
    """Find the statements that ask for all columns, with their tables: none when the text could not be parsed."""
    tables: dict[str, set[Key]] = defaultdict(set)
    for key, uses in facts.statement_uses.items():
        for use in uses:
            tables[use.statement.id].add(key)
    asking = {one.text: one for one in facts.statements if one.kind != "utility" and _ALL_COLUMNS.search(one.text)}
    ordered = sorted(asking.values(), key=lambda one: (-one.calls, one.text))
    return [(one, frozenset(tables[one.id])) for one in ordered]


def excerpt(text: str) -> str:
    """The beginning of a statement, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= EXCERPT else f"{line[: EXCERPT - 1]}…"
