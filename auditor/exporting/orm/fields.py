"""Columns, references and indexes as Django writes them; models and migrations say the same."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from msgspec import Struct

from auditor.exporting.orm.changes import Declared
from auditor.exporting.orm.engine import Exclusion, Orm, is_same_value, takes_both
from auditor.exporting.orm.modelling import Column, Model, Models
from auditor.exporting.orm.names import attribute, attribute_names
from auditor.model import operation as op
from auditor.model.catalog import Key
from auditor.model.plan import ReferenceShape

_INDEX_NAME = re.compile(r"[^_0-9].*", re.DOTALL)
"""models.E033: the name of an index starts with neither an underscore nor a digit."""


class Field(Struct, frozen=True, kw_only=True):
    """A field of a model: its name, its class and its arguments, and the table that it leads to."""

    column: str
    name: str
    of: str
    options: tuple[tuple[str, str], ...]
    to: Key | None = None

    @property
    def value_name(self) -> str:
        """The attribute that holds the value of the column: of a relation, not the related object."""
        return self.name if self.to is None else f"{self.name}_id"

    def written(self, to: str | None) -> str:
        """The field as Python; ``to`` is the expression of the model that it leads to."""
        lead = [] if self.to is None else [to or "", "models.DO_NOTHING"]
        return f"{self.of}({', '.join([*lead, *(f'{name}={value}' for name, value in self.options)])})"


def fields_of(model: Model, models: Models, orm: Orm) -> Sequence[Field]:
    """Every field of a model. Columns that the database computes have none: Django would write them."""
    names = attribute_names(model.names)
    taken = set(names.values())
    found: list[Field] = []
    for column in model.columns:
        if column.shape.filled == "generated":
            continue
        reference = reference_of(model, column.shape.name, models)
        if reference is None:
            found.append(_plain(column, names[column.shape.name], model, orm))
            continue
        name = relation_name(names[column.shape.name], _target(reference), taken)
        again = any(one.to == _target(reference) for one in found)
        field = _relation(column, reference, name, model, again=again)
        taken.add(field.name)
        found.append(field)
    return found


def plain_field(model: Model, column: str, orm: Orm) -> Field:
    """The field of a column that leads nowhere, whatever it refers to."""
    found = next(one for one in model.columns if one.shape.name == column)
    return _plain(found, attribute_names(model.names)[column], model, orm)


def reference_of(model: Model, column: str, models: Models) -> ReferenceShape | None:
    """The reference of a column as Django can say it: of this column alone, to the primary key of a known table."""
    for one in model.references:
        there = models.get((one.referenced_schema, one.referenced_table))
        if there is not None and one.columns == (column,) and one.referenced_columns == there.key:
            return one
    return None


def _plain(column: Column, name: str, model: Model, orm: Orm) -> Field:
    shape = column.shape
    known, of_type = orm.column_class(shape.type), shape.type
    sole = model.key == (shape.name,)
    options: list[tuple[str, str]] = []
    either = None
    if column.before is not None and not is_same_value(old := orm.column_class(column.before), known):
        either = either_of(column.before, shape.type, orm)
        known, of_type = old, column.before
    if either is not None:
        of = "plan.Either"
        options += either
    elif known is None or known.django is None:
        of = "plan.Declared"
        options.append(("declared", repr(of_type)))
    else:
        numbered = sole and shape.filled is not None and known.django_key is not None
        of = known.django_key if numbered and known.django_key is not None else known.django
        options += known.django_options
    if sole:
        options.append(("primary_key", "True"))
    elif shape.nullable:
        options.append(("null", "True"))
    if column.given is not None:
        options.append(("default", column.given))
    if name != shape.name:
        options.append(("db_column", repr(quoted_column(shape.name))))
    return Field(column=shape.name, name=name, of=of, options=tuple(options))


def either_of(before: str, after: str, orm: Orm) -> Sequence[tuple[str, str]] | None:
    """Write the arguments of a field that takes two types; None where values of the one are not made the other."""
    old, new = orm.column_class(before), orm.column_class(after)
    if new is None or new.django is None or not takes_both(old, new):
        return None
    return [("declared", repr(before)), ("becomes", new.django)]


def _target(reference: ReferenceShape) -> Key:
    return (reference.referenced_schema, reference.referenced_table)


def _relation(column: Column, reference: ReferenceShape, name: str, model: Model, *, again: bool) -> Field:
    """Write the field of a reference. ``again``: another field of the model leads to the same table already."""
    sole = model.key == (column.shape.name,)
    options: list[tuple[str, str]] = []
    if sole:
        options.append(("primary_key", "True"))
    elif column.shape.nullable:
        options.append(("null", "True"))
    if f"{name}_id" != column.shape.name:
        options.append(("db_column", repr(quoted_column(column.shape.name))))
    if again:
        options.append(("related_name", repr("+")))
    if reference.name in model.planned and not sole:
        options.append(("db_index", "False"))
    of = "models.OneToOneField" if sole else "models.ForeignKey"
    return Field(column=column.shape.name, name=name, of=of, options=tuple(options), to=_target(reference))


def relation_name(plain: str, there: Key, taken: set[str]) -> str:
    """Name the field of a reference: the column without its ``_id``, else the table that it leads to."""
    if plain.endswith("_id") and (short := attribute(plain.removesuffix("_id"), ())) not in taken:
        return short
    return attribute(there[1], taken)


def quoted_column(name: str) -> str:
    """Write a column's name for ``db_column``: Django passes on what is quoted, and reads a percent sign as its own."""
    return name if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) else _quoted(name)


def quoted_table(table: Key, orm: Orm) -> str:
    """Write a table's name for ``db_table`` likewise, with its schema where it is not the usual one."""
    if table[0] == orm.default_schema:
        return table[1] if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", table[1]) else _quoted(table[1])
    return f"{_quoted(table[0])}.{_quoted(table[1])}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""').replace("%", "%%") + '"'


# --- indexes and constraints --------------------------------------------------------------------------------------


class Sayable(Struct, frozen=True, kw_only=True):
    """An index or a unique constraint that Django can say."""

    unique: bool
    columns: tuple[str, ...]
    options: tuple[tuple[str, str], ...]


def sayable(declared: Declared) -> Sayable | None:
    """An index or unique constraint in Django's words; None for SQL, which Django would want as an expression."""
    one = declared.operation
    if isinstance(one, op.AddCheck | op.AddExclusion) or one.predicate is not None:
        return None
    options = [("name", repr(declared.name))]
    if isinstance(one, op.AddUnique):
        if one.nulls_not_distinct:
            options.append(("nulls_distinct", "False"))
        return Sayable(unique=True, columns=one.columns, options=tuple(options))
    if one.expressions or one.operator_classes or one.include or one.method is not None:
        return None
    if not one.unique and not _INDEX_NAME.fullmatch(declared.name):
        return None
    return Sayable(unique=one.unique, columns=one.columns, options=tuple(options))


def exclusion(declared: Declared, names: Mapping[str, str]) -> Exclusion | None:
    """An exclusion over the fields of ``names``, which are Python; None for everything else that is declared."""
    one = declared.operation
    if not isinstance(one, op.AddExclusion):
        return None
    return Exclusion(
        name=repr(declared.name), equal=[names.get(column, repr(column)) for column in one.columns],
        bounds=[names.get(column, repr(column)) for column in one.period], function=declared.period,
    )  # fmt: skip


def arguments(options: Sequence[tuple[str, str]]) -> str:
    """Write arguments by name."""
    return ", ".join(f"{name}={value}" for name, value in options)


def field_names(fields: Sequence[Field]) -> Mapping[str, str]:
    """The fields' names by column."""
    return {one.column: one.name for one in fields}
