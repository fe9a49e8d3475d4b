"""Describes a change of column types by new columns beside the old ones: the names, twins and conversions of it.

``columns_type.py`` writes the steps. Several columns of one table share a trigger, a pass over the rows and a switch; a
key moves together with the columns that refer to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from auditor.model.catalog import Column, Constraint, Index, Key, Table
from auditor.model.facts import Facts
from auditor.model.operation import ChangeColumnType
from auditor_connectors.postgresql.recipes.building import NewIndex, body_of
from auditor_connectors.postgresql.recipes.queries import all_of, column_type_is
from auditor_connectors.postgresql.recipes.restoring import reference
from auditor_connectors.postgresql.recipes.sql import (
    cut,
    dollar,
    free_name,
    ident,
    mentions,
    qualified,
    rename_in_expression,
    short_hash,
)
from auditor_connectors.postgresql.recipes.type_classes import (
    TypeName,
    conversion,
    is_lossless,
    is_reverse_safe,
    reverse_conversion,
)

VERSION_13 = 130000

BITS: Mapping[str, int] = {"smallint": 16, "integer": 32, "bigint": 64}


# Triggers fire in the order of their names: these must see what the others have made of a row.
FORWARD, BACKWARD = "zzz_auditor_retype", "zzz_auditor_retype_back"

# Types without an equality, or with one that is not of the values.
_COMPARED_AS_TEXT = frozenset({"json", "xml", "point", "line", "lseg", "box", "path", "polygon", "circle"})


@dataclass(frozen=True)
class Change:
    """One column with its new type. ``shadow`` names the new one before the switch, ``spent`` the old one after it."""

    table: Table
    column: Column
    to_type: str
    using: str | None
    zone: str

    @property
    def key(self) -> Key:
        """The table."""
        return self.table.key

    @property
    def name(self) -> str:
        """The column."""
        return self.column.name

    @property
    def path(self) -> str:
        """The column's name for titles."""
        return self.table.column_path(self.name)

    @cached_property
    def shadow(self) -> str:
        """The new column's name until the switch."""
        return free_name(self.name, "new", (column.name for column in self.table.columns))

    @cached_property
    def spent(self) -> str:
        """The old column's name after the switch."""
        return free_name(self.name, "old", (column.name for column in self.table.columns))

    @property
    def guarded(self) -> bool:
        """Whether an old value may fail to convert."""
        return not is_lossless(self.column.type, self.to_type)

    @property
    def reverse_guarded(self) -> bool:
        """Whether a new value may fail to convert back."""
        return not is_reverse_safe(self.column.type, self.to_type)

    @property
    def fits(self) -> Key:
        """The function that says whether a value converts."""
        return (self.table.schema, f"auditor_fits_{short_hash(*self.key, self.name)}")

    def forward(self, value: str) -> str:
        """Convert an old value."""
        return conversion(self.column.type, self.to_type, self.using, self.zone).replace("{column}", value)

    def backward(self, value: str) -> str:
        """Convert a new value back."""
        return reverse_conversion(self.column.type, self.to_type, self.using, self.zone).replace("{column}", value)

    @property
    def differs(self) -> str:
        """The condition that a row's new value is not what its old one becomes."""
        name, shadow, converted = ident(self.name), ident(self.shadow), self.forward(ident(self.name))
        if self.guarded:
            # Converting a value that does not fit would be an error, wherever in a condition it stands but here.
            fits = f"{qualified(self.fits)}({name})"
            return f"(CASE WHEN {fits} THEN {shadow} IS DISTINCT FROM {converted} ELSE {name} IS NOT NULL END)"
        return f"({shadow} IS DISTINCT FROM {converted})"

    def default(self) -> str | None:
        """The new column's default."""
        default = self.column.default
        if default is None or (self.column.type in BITS and self.to_type in BITS):
            return default
        return f"({self.forward(f'({default})')})"


class Retyping:
    """All changes that one switch makes, with everything that hangs on the columns."""

    def __init__(self, facts: Facts, changes: Sequence[Change], without: Sequence[str] = ()) -> None:
        self.facts, self.changes, self.without = facts, tuple(changes), frozenset(without)
        self.shadows = {(*one.key, one.name): one.shadow for one in changes}

    @cached_property
    def mark(self) -> str:
        """What tells the names of this switch from those of another one on the same tables."""
        return short_hash(*(one.path for one in self.changes))

    def temporary(self, name: str) -> str:
        """The name of a twin until the switch."""
        return f"auditor_new_{short_hash(self.mark, name)}_{cut(name, 40)}"

    def retired(self, name: str) -> str:
        """The name of what a twin has replaced."""
        return f"auditor_old_{short_hash(self.mark, name)}_{cut(name, 40)}"

    @cached_property
    def tables(self) -> list[Table]:
        """The tables that change, in the order in which they are locked."""
        return [table for _, table in sorted({one.key: one.table for one in self.changes}.items())]

    def of(self, table: Key) -> list[Change]:
        """The changes of one table."""
        return self._by_table.get(table, [])

    @cached_property
    def _by_table(self) -> Mapping[Key, list[Change]]:
        found: dict[Key, list[Change]] = {}
        for one in self.changes:
            found.setdefault(one.key, []).append(one)
        return found

    def renamed(self, table: Key, columns: Sequence[str]) -> list[str]:
        """The columns with the new ones in their places."""
        return [self.shadows.get((*table, column), column) for column in columns]

    def touches(self, table: Key, columns: Sequence[str]) -> bool:
        """Whether any of the columns changes."""
        return any((*table, column) in self.shadows for column in columns)

    def rewrite(self, table: Key, expression: str) -> str:
        """Put the new columns in the places of the old ones."""
        for one in self.of(table):
            expression = rename_in_expression(expression, one.name, one.shadow)
            if one.column.family == "enum":
                # Its constants are compared with the new type. The catalog spells the type alike wherever it names it.
                expression = expression.replace(f"::{one.column.type}", f"::{one.to_type}")
        return expression

    # --- what hangs on the columns -------------------------------------------------------------------------------

    def indexes(self, table: Key) -> list[Index]:
        """The usable indexes that hold or read a changing column, without those that the plan drops."""
        return [
            index
            for index in self.facts.indexes_of(table)
            if index.usable
            and index.definition is not None
            and index.name not in self.without
            and any(_reads(index, one.name) for one in self.of(table))
        ]

    def twin(self, index: Index) -> NewIndex:
        """Describe the index over the new columns."""
        body = self.rewrite(index.table_key, body_of(index.definition or ""))
        for part in index.parts:
            shadow = self.shadows.get((*index.table_key, part.column or ""))
            if shadow is not None and not part.default_operator_class:
                body = re.sub(
                    rf"({re.escape(ident(shadow))}) [\w.\"]*{re.escape(part.operator_class or '')}\b", r"\1", body
                )
        columns = tuple(self.renamed(index.table_key, index.columns))
        return NewIndex(index.table_key, self.temporary(index.name), body, columns, index.unique, index.columns)

    def checks(self, table: Key) -> list[Constraint]:
        """The check constraints that read a changing column."""
        return [
            one
            for one in self.facts.constraints_of(table, "check")
            if one.definition is not None
            and not one.inherited
            and (self.touches(table, one.columns) or any(mentions(one.definition, c.name) for c in self.of(table)))
        ]

    @cached_property
    def foreign_keys(self) -> list[Constraint]:
        """The foreign keys from or to a changing column, each once."""
        found = {
            (one.table_key, one.name): one
            for table in self.tables
            for one in (*self.facts.constraints_of(table.key, "foreign-key"), *self.facts.referencing(table.key))
            if not one.inherited
            and (
                self.touches(one.table_key, one.columns)
                or (one.referenced_key is not None and self.touches(one.referenced_key, one.referenced_columns))
            )
        }
        return [one for _, one in sorted(found.items())]

    def reference(self, key: Constraint) -> str:
        """Write the definition of a foreign key over the new columns."""
        there = key.referenced_key or ("", "")
        return reference(
            key, self.renamed(key.table_key, key.columns), there, self.renamed(there, key.referenced_columns)
        )

    @property
    def done(self) -> str:
        """The query that is true from the switch on."""
        return all_of(*(column_type_is(one.key, one.name, one.to_type) for one in self.changes))

    def converted(self, table: Key) -> str:
        """Write the query that is true when every row of a table holds its values in the new columns, too."""
        differing = " OR ".join(one.differs for one in self.of(table))
        return f"SELECT NOT EXISTS (SELECT FROM {qualified(table)} WHERE {differing})"

    def trigger(self, table: Key, kind: str) -> Key:
        """Name the trigger that keeps a table's columns equal, and its function, with the schema of the function."""
        return (table[0], f"{kind}_{short_hash(*table, *(one.name for one in self.of(table)))}")

    @cached_property
    def locked(self) -> list[Key]:
        """The tables that the switch locks: those that change and the other ends of their foreign keys."""
        keys = {table.key for table in self.tables}
        for one in self.foreign_keys:
            keys |= {one.table_key, *([one.referenced_key] if one.referenced_key is not None else [])}
        return sorted(keys)

    def _comparisons(self, table: Key) -> Iterator[str]:
        """Name what compares a column that becomes a boolean: no number or text can be compared with one."""
        flags = [one.name for one in self.of(table) if one.to_type == "boolean"]
        for check in self.checks(table):
            if any(mentions(check.definition, name) for name in flags):
                yield f"the check {check.name} compares the column with values of the old type"
        for index in self.indexes(table):
            if any(mentions(text, name) for name in flags for text in _expressions(index)):
                yield f"the index {index.name} compares the column with a value of the old type"

    def obstacles(self) -> Iterator[str]:
        """Name what this way of changing a type cannot carry over."""
        for one in self.changes:
            yield from _obstacles_of_column(one)
        for table in self.tables:
            whole = table.kind == "partitioned"
            if table.parent is not None:
                yield f"{table.path} is a partition: change its parent"
            yield from self._comparisons(table.key)
            for index in self.indexes(table.key):
                if index.exclusion:
                    yield f"the exclusion constraint {index.name} holds the column"
                if whole and (index.constraint is not None or index.unique):
                    yield f"{index.name} is a unique index of a partitioned table"
            if whole and self.facts.version < VERSION_13:
                yield "before version 13 a partitioned table takes no trigger that keeps the columns equal"
            if whole and self.foreign_keys:
                yield "foreign keys of a partitioned table hang on the column"


def _obstacles_of_column(change: Change) -> Iterator[str]:
    if change.name in change.table.partition_columns:
        yield f"{change.path} is the partition key"
    if change.column.generated is not None:
        yield f"{change.path} is generated"
    for other in change.table.columns:
        if other.generated is not None and mentions(other.default, change.name):
            yield f"the generated column {change.table.column_path(other.name)} reads {change.path}"


def _expressions(index: Index) -> list[str | None]:
    return [index.predicate, *(part.expression for part in index.parts)]


def _reads(index: Index, column: str) -> bool:
    return (
        column in index.columns
        or column in index.include
        or any(mentions(text, column) for text in _expressions(index))
    )


def read_changes(operation: ChangeColumnType, facts: Facts) -> list[Change] | None:
    """Look up what an operation and those that ride along with it change; None when a table or column is not known."""
    changes: list[Change] = []
    zone = facts.setting("TimeZone") or "UTC"
    for one in (operation, *operation.together):
        table = facts.table((one.schema, one.table))
        column = table.column(one.column) if table is not None else None
        if table is None or column is None:
            return None
        changes.append(Change(table, column, one.to_type, one.using, zone))
    return sorted(changes, key=lambda change: (change.key, change.column.position))


def sync_trigger(plan: Retyping, table: Key, kind: str) -> tuple[str, ...]:
    """Write the function and trigger that fill the new column (FORWARD) or, after the switch, the old one."""
    name, target = plan.trigger(table, kind), qualified(table)
    body = dollar(trigger_body(plan.of(table), forward=kind == FORWARD))
    return (
        (
            f"CREATE FUNCTION {qualified(name)}() RETURNS trigger LANGUAGE plpgsql "
            f"SET search_path = pg_catalog, {ident(table[0])}, public AS {body}"
        ),
        (
            f"CREATE TRIGGER {name[1]} BEFORE INSERT OR UPDATE ON {target} "
            f"FOR EACH ROW EXECUTE FUNCTION {qualified(name)}()"
        ),
        f"ALTER TABLE {target} ENABLE ALWAYS TRIGGER {name[1]}",
    )


def end_sync(plan: Retyping, table: Key, kind: str, *, careful: bool = False) -> tuple[str, ...]:
    """Write the statements that drop the trigger and its function; ``careful``: whether or not they are there."""
    name, exists = plan.trigger(table, kind), "IF EXISTS " if careful else ""
    return (
        f"DROP TRIGGER {exists}{name[1]} ON {qualified(table)}",
        f"DROP FUNCTION {exists}{qualified(name)}()",
    )


def trigger_body(changes: Sequence[Change], *, forward: bool) -> str:
    """Write the trigger that converts each row as it is written; a value that does not fit becomes NULL, no error.

    Forward it converts whatever is written: that is how old rows are done. Backward a value that an update leaves as
    it is stays what it was before the switch: it may not convert back to the letter, as json that was made jsonb.
    """
    lines = []
    for one in changes:
        target, value, guarded = (
            (f"NEW.{ident(one.shadow)}", one.forward(f"NEW.{ident(one.name)}"), one.guarded)
            if forward
            else (f"NEW.{ident(one.spent)}", one.backward(f"NEW.{ident(one.name)}"), one.reverse_guarded)
        )
        convert = [f"  {target} := {value};"]
        if guarded:
            convert = ["  BEGIN", f"    {target} := {value};"]
            convert += ["  EXCEPTION WHEN OTHERS THEN", f"    {target} := NULL;", "  END;"]
        lines += convert if forward else [f"  IF {_written(one)} THEN", *(f"  {line}" for line in convert), "  END IF;"]
    return "\n" + "\n".join(["BEGIN", *lines, "  RETURN NEW;", "END"]) + "\n"


def _written(change: Change) -> str:
    """Write the condition that a row is new, or its value another one than before."""
    cast = "::text" if TypeName.read(change.to_type).base in _COMPARED_AS_TEXT else ""
    name = ident(change.name)
    return f"TG_OP = 'INSERT' OR NEW.{name}{cast} IS DISTINCT FROM OLD.{name}{cast}"
