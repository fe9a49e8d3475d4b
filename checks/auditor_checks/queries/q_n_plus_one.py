"""One statement is called once for each row of another.

## What
A look-up of one table by one column, called about as often as another statement returned rows, many times for each
call of that one, where a foreign key ties the two tables: the N+1 pattern.

MongoDB: In the place of a foreign key stands a field whose sampled values were found among the keys of the other
collection.

## Why it matters
Each call pays the way to the server and back. A page that could take one statement takes hundreds, and gets slower
with every row of data.

## When it is fine
The application caches the looked-up rows, so that the calls soon cease; or it streams the parents and really needs
one child at a time.

## How to fix it
Fetch the children of all parents in one statement (a join, or = ANY of the ids), which most ORMs call eager loading.

MongoDB: {_id: {$in: ids}} does it, or what is always shown with the parent is kept in its document.

## Sources
M. Fowler, "Patterns of Enterprise Application Architecture", Lazy Load (ripple loading); Django manual,
select_related and prefetch_related; SQLAlchemy manual, "Relationship Loading Techniques".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from auditor.model.catalog import Key, Table
from auditor.model.check import Check
from auditor.model.documents import Link
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.statement_uses import StatementUse
from auditor.model.units import TABLES, table_subject
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.model.workload import Statement
from auditor_checks._words import fitting
from auditor_checks.queries._statements import PROBE, common_evidence, share, short

CHECK = Check(
    title="One statement is called for each row of another",
    passed="No statement is called for each row of another",
    pillar=Pillar.QUERIES,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=TABLES,
    needs=("statements|profile", "tables|collections", "constraints|references"),
)


def judge(
    table: Table,
    facts: Facts,
    *,
    min_calls: float = 100,
    fan_out: float = 5,
    tolerance: float = 0.5,
    high_share: float = 0.1,
) -> Iterator[Verdict]:
    """Look for look-ups of the table that follow another statement's rows."""
    if facts.workload.statements_threshold_ms is not None:
        yield Unknown(reason="only slow calls were counted: how often two statements are called cannot be compared")
        return
    for child in facts.statement_uses.get(table.key, ()):
        column = _looked_up_by(child)
        if column is None or child.statement.calls < min_calls:
            continue
        parents = [
            parent
            for key in _related(table, column, facts)
            for parent in facts.statement_uses.get(key, ())
            if _follows(child.statement, parent, fan_out, tolerance)
        ]
        if parents:
            best = min(parents, key=lambda p: (abs(p.statement.rows - child.statement.calls), p.statement.id))
            yield _flaw(table, column, child.statement, best.statement, facts=facts, high_share=high_share)


def _looked_up_by(entry: StatementUse) -> str | None:
    """The column by which a statement looks up rows of its only table."""
    use, parsed = entry.use, entry.parsed
    if parsed.kind != "select" or len(parsed.uses) != 1 or use.alternatives or use.ranges or use.searched:
        return None
    return use.equal[0] if len(set(use.equal)) == 1 else None


def _related(table: Table, column: str, facts: Facts) -> set[Key]:
    """The tables whose rows a look-up by this column may follow: parents of the key, or whoever refers to the table."""
    found = {
        key.referenced_key
        for key in facts.constraints_of(table.key, "foreign-key")
        if key.columns == (column,) and key.referenced_key is not None
    }
    found |= {key.table_key for key in facts.referencing(table.key) if key.referenced_columns == (column,)}
    found |= {(link.database, link.collection) for link in _links(table) if link.field == column}
    if column == "_id":
        found |= {
            other.key
            for other in facts.tables
            if any((link.database, link.collection) == table.key for link in _links(other))
        }
    return found - {table.key}


def _links(table: Table) -> Sequence[Link]:
    """The references of documents that were found among their values, where no key declares them."""
    return table.documents.links if table.documents is not None else ()


def _follows(child: Statement, parent: StatementUse, fan_out: float, tolerance: float) -> bool:
    """Whether the child was called about once for each row of the parent, and many times for each of its calls."""
    other = parent.statement
    if parent.parsed.kind != "select" or other.id == child.id or other.user != child.user or not other.calls:
        return False
    if _looked_up_by(parent) is not None and other.rows <= other.calls:
        return False
    return child.calls >= fan_out * other.calls and abs(child.calls - other.rows) <= tolerance * child.calls


def _flaw(table: Table, column: str, child: Statement, parent: Statement, *, facts: Facts, high_share: float) -> Flaw:
    each = child.calls / parent.calls
    part = share(child, facts)
    return Flaw(
        title=fitting(f"{table.name} is looked up by {column} {each:,.0f} times for each call of another statement"),
        subject=Subject(kind="query", name=child.id),
        related=(Subject(kind="query", name=parent.id), table_subject(table)),
        severity=Severity.HIGH if part >= high_share and child.calls >= 10_000 else Severity.MEDIUM,
        evidence=(
            *common_evidence(child, facts),
            Evidence(name="statement that it follows", value=short(parent.text), probe=PROBE),
            Evidence(name="calls of that statement", value=parent.calls, unit="calls", probe=PROBE),
            Evidence(name="rows of that statement", value=parent.rows, unit="rows", probe=PROBE),
            Evidence(name="look-ups for each of its calls", value=round(each, 1), unit="calls", probe=PROBE),
        ),
        impact=Impact(milliseconds=round(child.total_ms, 1), risk="pages get slower with every row of data"),
        explanation=(
            f"{parent.calls:,} calls of one statement returned {parent.rows:,} rows, and {table.path} was then looked "
            f"up by {column} {child.calls:,} times, one row at a time."
        ),
        recommendation="Fetch what belongs to all of them in one statement: a join, or the ids in one list.",
        operations=(
            ChangeApplication(
                topic="n-plus-one",
                subject=f"{table.path}.{column}",
                instruction=f"Load {table.path} for all rows of the first statement at once: {column} IN (ids).",
            ),
        ),
        discriminator=child.id,
    )
