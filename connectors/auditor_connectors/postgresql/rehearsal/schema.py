"""Builds the schema of a snapshot again, in an order that works, and says what of it could not be built as it was.

It goes as ``pg_dump`` does: tables by themselves, then partitions attached, then keys and indexes by their own names,
so that what the steps of a plan call by name is there under that name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from graphlib import CycleError, TopologicalSorter

import psycopg
from msgspec.structs import replace

from auditor.model.catalog import Column, Constraint, Index, Key, Sequence, Table
from auditor.model.facts import Facts
from auditor.model.snapshot import Snapshot
from auditor_connectors.postgresql.recipes.sql import ident, idents, literal, qualified
from auditor_connectors.postgresql.rehearsal.sessions import Connection

_INTEGERS = {16: "smallint", 32: "integer", 64: "bigint"}
_IDENTITY_OF_PARTITIONS = 170000
"""From here on a partition has the identity columns of its parent."""


class Building:
    """The database that is built, and what had to be left out of it.

    ``stand_ins`` collects, by kind, the names of objects that are there but do not do what the originals do.
    """

    def __init__(self, connection: Connection, snapshot: Snapshot) -> None:
        self.connection = connection
        self.version = connection.info.server_version
        self.facts = Facts(snapshot)
        self.catalog = snapshot.catalog
        self.left_out: list[str] = []
        self.stand_ins: dict[str, list[str]] = {}

    def attempt(self, statement: str, what: str) -> bool:
        """Run a statement; where the server refuses it, what it would have made is left out."""
        try:
            self.connection.execute(statement.encode())
        except psycopg.Error as error:
            self.left_out.append(f"{what}: {one_line(error)}")
            return False
        return True

    def told(self) -> tuple[str, ...]:
        """Everything that is not as it was."""
        counted = [f"{kind}: {_listed(names)}" for kind, names in self.stand_ins.items()]
        return (*counted, *self.left_out)


def one_line(error: psycopg.Error) -> str:
    """What the server said, on one line."""
    return " ".join((error.diag.message_primary or str(error)).split())


def _listed(names: list[str]) -> str:
    shown = ", ".join(sorted(names)[:5])
    return f"{shown} and {len(names) - 5} more" if len(names) > 5 else shown


def build_tables(building: Building) -> None:
    """Make tables, partitions included, with their columns and checks."""
    made: set[Key] = set()
    for table in _in_order(building.facts, building.catalog.tables):
        if table.extension is not None or table.kind == "materialized-view":
            continue
        if table.kind == "foreign":
            building.left_out.append(f"{table.path}: a foreign table, whose server is not here")
            continue
        if not _make_table(building, table):
            continue
        made.add(table.key)
        for constraint in building.facts.constraints_of(table.key):
            if constraint.kind == "check" and not (constraint.inherited and table.inherits):
                add_constraint(building, constraint)
        for statement in _properties(table):
            building.attempt(statement, table.path)
        if table.parent in made and table.partition_bound is not None:
            attach = f"ATTACH PARTITION {qualified(table.key)} {table.partition_bound}"
            building.attempt(f"ALTER TABLE ONLY {qualified(table.parent)} {attach}", table.path)


def _in_order(facts: Facts, tables: Iterable[Table]) -> Iterator[Table]:
    """Parents before what inherits from them or is a part of them; else by address."""
    parents = {table.key: {*table.inherits, *((table.parent,) if table.parent else ())} for table in tables}
    sorter = TopologicalSorter(parents)
    try:
        order = tuple(sorter.static_order())
    except CycleError:  # no server has one; a snapshot is a file
        order = tuple(parents)
    rank = {key: number for number, key in enumerate(order)}
    return (table for table in sorted(tables, key=lambda table: rank[table.key]) if facts.table(table.key) is not None)


def _make_table(building: Building, table: Table) -> bool:
    """Make a table: without its defaults if they ask for something that is not there, such as a function."""
    told = len(building.left_out)
    if building.attempt(_create_table(building, table), table.path):
        return True
    plain = replace(
        table,
        columns=tuple(
            column if column.identity is not None else replace(column, default=None, generated=None)
            for column in table.columns
        ),
    )
    if not building.attempt(_create_table(building, plain), table.path):
        del building.left_out[told + 1 :]
        return False
    building.left_out[told:] = [f"{building.left_out[told]}; the table has no defaults and generated columns"]
    return True


def _create_table(building: Building, table: Table) -> str:
    named = {one.columns[0]: one for one in building.facts.constraints_of(table.key, "not-null") if one.columns}
    columns = ",\n  ".join(_column(building, table, column, named.get(column.name)) for column in table.columns)
    kind = "UNLOGGED TABLE" if table.persistence == "unlogged" and table.kind == "table" else "TABLE"
    text = f"CREATE {kind} {qualified(table.key)} (\n  {columns}\n)"
    if table.inherits:
        text += f" INHERITS ({', '.join(map(qualified, table.inherits))})"
    if table.partition_key is not None:
        text += f" PARTITION BY {table.partition_key}"
    options = [f"{ident(name)} = {literal(value)}" for name, value in sorted(table.options.items())]
    return text + (f" WITH ({', '.join(options)})" if options and table.kind == "table" else "")


def _column(building: Building, table: Table, column: Column, named: Constraint | None) -> str:
    parts = [ident(column.name), column.type]
    if column.compression is not None:
        parts.append(f"COMPRESSION {column.compression}")
    if column.collation is not None:
        parts.append(f"COLLATE {ident(column.collation)}")
    if column.generated is not None:
        parts.append(f"GENERATED ALWAYS AS ({column.default}) {column.generated.upper()}")
    elif column.identity is not None:
        if table.parent is None or building.version < _IDENTITY_OF_PARTITIONS:
            parts.append(_identity(building, table, column))
    elif column.default is not None:
        parts.append(f"DEFAULT {column.default}")
    if named is not None and named.validated:
        parts.append(f"CONSTRAINT {ident(named.name)} NOT NULL")
    elif named is None and not column.nullable:
        parts.append("NOT NULL")
    return " ".join(parts)


def _identity(building: Building, table: Table, column: Column) -> str:
    how = "ALWAYS" if column.identity == "always" else "BY DEFAULT"
    sequence = building.facts.sequence(column.sequence)
    if sequence is None or sequence.key[0] != table.schema:
        return f"GENERATED {how} AS IDENTITY"
    return f"GENERATED {how} AS IDENTITY (SEQUENCE NAME {qualified(sequence.key)} {sequence_options(sequence)})"


def sequence_options(sequence: Sequence) -> str:
    """Write how a sequence counts."""
    return (
        f"START {sequence.start} INCREMENT {sequence.increment} MINVALUE {sequence.minimum} "
        f"MAXVALUE {sequence.maximum} CACHE {sequence.cache} {'' if sequence.cycle else 'NO '}CYCLE"
    )


def _properties(table: Table) -> Iterator[str]:
    """What is said of a table after it is made."""
    name = qualified(table.key)
    if table.row_security:
        yield f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY"
    if table.row_security_forced:
        yield f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY"
    if table.replica_identity in ("full", "nothing"):
        yield f"ALTER TABLE {name} REPLICA IDENTITY {table.replica_identity.upper()}"
    if table.comment is not None:
        yield f"COMMENT ON TABLE {name} IS {literal(table.comment)}"
    for column in table.columns:
        if column.statistics_target is not None:
            yield f"ALTER TABLE {name} ALTER COLUMN {ident(column.name)} SET STATISTICS {column.statistics_target}"
        if column.comment is not None:
            yield f"COMMENT ON COLUMN {name}.{ident(column.name)} IS {literal(column.comment)}"


def build_sequences(building: Building) -> None:
    """Make the sequences that are objects of their own; those of identity columns come with their columns."""
    for sequence in building.catalog.sequences:
        if not sequence.identity and sequence.extension is None:
            kind = _INTEGERS.get(sequence.bits or 64, "bigint")
            text = f"CREATE SEQUENCE {qualified(sequence.key)} AS {kind} {sequence_options(sequence)}"
            building.attempt(text, sequence.path)


def own_sequences(building: Building) -> None:
    """Tie sequences to the columns that own them."""
    for sequence in building.catalog.sequences:
        if not sequence.identity and sequence.owner_column is not None and sequence.extension is None:
            owner = (
                f"{qualified((sequence.owner_schema or '', sequence.owner_table or ''))}.{ident(sequence.owner_column)}"
            )
            building.attempt(f"ALTER SEQUENCE {qualified(sequence.key)} OWNED BY {owner}", sequence.path)


# --- keys, indexes, references -----------------------------------------------------------------------------------


def add_constraint(building: Building, constraint: Constraint) -> None:
    """Add a constraint by its definition."""
    definition = constraint.definition
    if constraint.kind == "not-null" and constraint.columns:
        definition = f"NOT NULL {ident(constraint.columns[0])}" + ("" if constraint.validated else " NOT VALID")
    if definition is None:
        building.left_out.append(f"{constraint.path}: its definition could not be read")
        return
    table = building.facts.table(constraint.table_key)
    # A key of a partitioned table is made without its partitions, whose own keys are then attached to it.
    only = "ONLY " if constraint.kind in _KEYS and table is not None and table.kind == "partitioned" else ""
    name = ident(constraint.name)
    text = f"ALTER TABLE {only}{qualified(constraint.table_key)} ADD CONSTRAINT {name} {definition}"
    if building.attempt(text, constraint.path) and constraint.comment is not None:
        comment = f"ON {qualified(constraint.table_key)} IS {literal(constraint.comment)}"
        building.attempt(f"COMMENT ON CONSTRAINT {name} {comment}", constraint.path)


_KEYS = ("primary-key", "unique", "exclusion")


def build_keys(building: Building) -> None:
    """Add keys, and the NOT NULL constraints that do not hold for every row."""
    for constraint in building.catalog.constraints:
        table = building.facts.table(constraint.table_key)
        if table is None or table.extension is not None or table.kind in ("foreign", "materialized-view"):
            continue
        if constraint.kind in _KEYS or (constraint.kind == "not-null" and not constraint.inherited):
            add_constraint(building, constraint)


def build_indexes(building: Building) -> None:
    """Make the indexes that no constraint makes, give all of them their properties, and attach those of partitions."""
    known = _own_indexes(building)
    for index in known:
        if index.constraint is None and index.definition is not None:
            building.attempt(index.definition, index.path)
        elif index.constraint is None:
            building.left_out.append(f"{index.path}: its definition could not be read")
        for statement in _index_properties(index):
            building.attempt(statement, index.path)
    for index in _deepest_first(known):
        parent = (index.parent_schema or "", index.parent_name or "")
        text = f"ALTER INDEX {qualified(parent)} ATTACH PARTITION {qualified(index.key)}"
        building.attempt(text, index.path)
    _mark_invalid(building, known)


def build_invalid_indexes(building: Building) -> None:
    """Make the invalid indexes, which ``pg_dump`` leaves out."""
    known = [index for index in _own_indexes(building) if not index.usable and index.definition is not None]
    for index in known:
        if not index.partitioned and index.constraint is None:
            building.attempt(index.definition or "", index.path)
    _mark_invalid(building, known)


def _own_indexes(building: Building) -> list[Index]:
    return [
        index
        for index in building.catalog.indexes
        if index.extension is None and (table := building.facts.table(index.table_key)) and table.extension is None
    ]


def _mark_invalid(building: Building, indexes: Iterable[Index]) -> None:
    for index in indexes:
        if not index.usable and not index.partitioned:
            flags = f"SET indisvalid = {index.valid}, indisready = {index.ready}"
            where = f"WHERE indexrelid = {literal(qualified(index.key))}::regclass"
            building.attempt(f"UPDATE pg_catalog.pg_index {flags} {where}", f"{index.path} is invalid")


def _index_properties(index: Index) -> Iterator[str]:
    table = qualified(index.table_key)
    if index.constraint is not None and index.options:
        options = ", ".join(f"{ident(name)} = {literal(value)}" for name, value in sorted(index.options.items()))
        yield f"ALTER INDEX {qualified(index.key)} SET ({options})"
    if index.replica_identity:
        yield f"ALTER TABLE {table} REPLICA IDENTITY USING INDEX {ident(index.name)}"
    if index.clustered:
        yield f"ALTER TABLE {table} CLUSTER ON {ident(index.name)}"


def _deepest_first(indexes: Iterable[Index]) -> list[Index]:
    """The indexes of partitions, those of parts of parts first: a partitioned index becomes valid by its last part."""
    by_key = {index.key: index for index in indexes}

    def depth(index: Index) -> int:
        count = 0
        above: Index | None = index
        while above is not None and above.parent_name is not None and count < len(by_key):
            above, count = by_key.get((above.parent_schema or "", above.parent_name)), count + 1
        return count

    return sorted((index for index in by_key.values() if index.parent_name is not None), key=depth, reverse=True)


def build_references(building: Building) -> None:
    """Add the foreign keys; a partitioned table hands its own on to its partitions."""
    for constraint in building.catalog.constraints:
        table = building.facts.table(constraint.table_key)
        if constraint.kind == "foreign-key" and not constraint.inherited and table and table.kind != "foreign":
            add_constraint(building, constraint)


def build_statistics(building: Building) -> None:
    """Make the statistics over several columns; expressions among them are not known."""
    for one in building.catalog.extended_statistics:
        kinds = [kind for kind in one.kinds if kind != "expressions"]
        what = f"{one.schema}.{one.name}"
        if len(one.columns) < 2:
            building.left_out.append(f"{what}: the expressions of the statistics are not known")
            continue
        listed = f" ({', '.join(kinds)})" if kinds else ""
        name, table = qualified((one.schema, one.name)), qualified((one.table_schema, one.table))
        building.attempt(f"CREATE STATISTICS {name}{listed} ON {idents(one.columns)} FROM {table}", what)
