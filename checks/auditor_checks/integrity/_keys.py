"""What identifies the rows of a table: the one place where unique indexes and replication identities are weighed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from auditor.model.catalog import Column, Constraint, Index, Table
from auditor.model.facts import Facts, TableColumn
from auditor.model.finding import Subject
from auditor.model.operation import AddPrimaryKey
from auditor_checks._names import words
from auditor_checks._references import referrer


def table_subject(table: Table) -> Subject:
    """A table as a report names it."""
    return Subject(kind="table", name=table.path)


def column_subjects(table: Table, columns: Iterable[str]) -> tuple[Subject, ...]:
    """Columns as a report names them."""
    return tuple(Subject(kind="column", name=table.column_path(column)) for column in columns)


def integer_bits(column: Column) -> int | None:
    """The width of an integer column; None for every other type."""
    return column.bits if column.family == "integer" else None


def mandatory(table: Table, columns: Iterable[str]) -> bool:
    """Whether none of the columns may be null."""
    found = [table.column(name) for name in columns]
    return bool(found) and all(column is not None and not column.nullable for column in found)


def unique_indexes(table: Table, facts: Facts) -> Sequence[Index]:
    """The valid unique indexes that hold every row, over columns or expressions."""
    return [i for i in facts.indexes_of(table.key) if i.unique and i.complete and i.predicate is None]


def row_keys(table: Table, facts: Facts) -> Sequence[Index]:
    """The unique indexes that name each row: over columns that are never null, checked at once. Best first.

    Without a constraint comes first, then the fewest columns: that is the order in which they fit as primary key.
    """
    found = [
        index
        for index in unique_indexes(table, facts)
        if not index.is_expression and not index.deferrable and mandatory(table, index.columns)
    ]
    return sorted(found, key=lambda index: (index.constraint is not None, len(index.parts), index.name))


def holds_key(columns: Iterable[str], index: Index, table: Table, facts: Facts) -> bool:
    """Whether some columns of a unique index name each row already, so that its other columns change nothing."""
    given = set(columns)
    return any(set(key.columns) <= given for key in row_keys(table, facts) if key.key != index.key)


def promotable(index: Index, table: Table, facts: Facts) -> bool:
    """Whether a unique index can become the primary key as it stands, without building another one.

    PostgreSQL refuses an index that belongs to a constraint, sorts or compares in another than the default way, treats
    nulls as equal, or belongs to a partitioned table (measured on 18: ALTER TABLE … ADD PRIMARY KEY USING INDEX).
    """
    return (
        facts.capabilities.promotes_indexes
        and index.unique
        and index.usable
        and index.constraint is None
        and index.predicate is None
        and index.method == "btree"
        and not (index.is_expression or index.deferrable or index.nulls_not_distinct)
        and table.kind == "table"
        and mandatory(table, index.columns)
        and all(
            part.default_operator_class
            and not part.descending
            and not part.nulls_first
            and part.collation in (None, getattr(table.column(part.column or ""), "collation", None))
            for part in index.parts
        )
    )


def generated_column(table: Table) -> Column | None:
    """The column that numbers the rows by itself: an identity, or one that a sequence feeds."""
    return next((column for column in table.columns if column.identity or column.sequence), None)


def proposed_key(table: Table, facts: Facts) -> AddPrimaryKey:
    """The primary key that costs least: a key that is there, the numbering column, or else a new column."""
    for index in row_keys(table, facts):
        if promotable(index, table, facts):
            return AddPrimaryKey(schema=table.schema, table=table.name, using_index=index.name)
        return AddPrimaryKey(schema=table.schema, table=table.name, columns=index.columns)
    numbering = generated_column(table)
    columns = (numbering.name, *(c for c in table.partition_columns if c != numbering.name)) if numbering else ()
    return AddPrimaryKey(schema=table.schema, table=table.name, columns=columns)


def publications_of(table: Table, facts: Facts, *operations: str) -> Sequence[str]:
    """The publications that carry changes of a table, or of its parent, to logical subscribers.

    With ``operations`` only those that publish one of them.
    """
    keys = {table.key, facts.root(table).key}
    return [
        publication.name
        for publication in facts.server.publications
        if ((publication.all_tables and table.persistence == "permanent") or not keys.isdisjoint(publication.tables))
        and (not operations or not set(operations).isdisjoint(publication.operations))
    ]


def replicates_rows(table: Table, facts: Facts) -> bool:
    """Whether logical replication can say which row an update or delete of the table means."""
    if table.replica_identity == "full":
        return True
    if table.replica_identity == "index":
        return any(index.replica_identity and index.usable for index in facts.indexes_of(table.key))
    key = facts.primary_key(table.key)
    return table.replica_identity in ("default", None) and key is not None and not key.deferrable


def is_pattern(table: Table, facts: Facts) -> bool:
    """Whether the table is an empty pattern from which an extension or a job makes others ("template_…")."""
    return words(table.name)[:1] == ("template",) and facts.rows(table) == 0


def changed_rows(table: Table, facts: Facts) -> int | None:
    """Rows updated and deleted since the counters began, over all partitions; None when nobody counted."""
    usages = facts.told_usages(table)
    return sum(usage.updated + usage.deleted for usage in usages) if usages else None


def inserted_rows(table: Table, facts: Facts) -> int | None:
    """Rows inserted since the counters began, over all partitions; None when nobody counted."""
    usages = facts.told_usages(table)
    return sum(usage.inserted for usage in usages) if usages else None


def family_of(table: Table, facts: Facts) -> Sequence[Table]:
    """A table and everything that inherits from it, each once."""
    found = {table.key: table}
    waiting = [table]
    while waiting:
        for heir in facts.inheritors.get(waiting.pop().key, ()):
            if heir.key not in found:
                found[heir.key] = heir
                waiting.append(heir)
    return list(found.values())


def ancestor(table: Table, facts: Facts) -> Table:
    """The table at the top of an inheritance tree, or the table itself."""
    seen = {table.key}
    while (above := facts.table(next(iter(table.inherits), None))) is not None and above.key not in seen:
        seen.add(above.key)
        table = above
    return table


def children_of(table: Table, column: Column, facts: Facts) -> Sequence[TableColumn]:
    """The columns of other tables that refer to a column, by their foreign keys."""
    found = []
    for key in facts.referencing(table.key):
        child = referrer(key, facts)
        if child is None or column.name not in key.referenced_columns:
            continue
        other = child.column(key.columns[key.referenced_columns.index(column.name)])
        if other is not None and TableColumn(child, other) not in found:
            found.append(TableColumn(child, other))
    return found


def column_pairs(key: Constraint, facts: Facts) -> Sequence[tuple[TableColumn, TableColumn]]:
    """The columns of a foreign key, each with the one that it refers to; those that are not visible are left out."""
    child, parent = referrer(key, facts), facts.table(key.referenced_key)
    if child is None or parent is None:
        return []
    pairs = zip(key.columns, key.referenced_columns, strict=False)
    found = [(child.column(own), parent.column(referenced)) for own, referenced in pairs]
    return [
        (TableColumn(child, own), TableColumn(parent, referenced))
        for own, referenced in found
        if own is not None and referenced is not None
    ]


def column_subject(item: TableColumn) -> Subject:
    """A column of a table as a report names it."""
    return Subject(kind="column", name=item.path)


def key_columns(table: Table, facts: Facts) -> frozenset[str]:
    """The columns that are part of the primary key or of any unique index."""
    return frozenset(
        column for index in facts.indexes_of(table.key) if index.unique or index.primary for column in index.columns
    )
