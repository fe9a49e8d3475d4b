"""pgroll: the operations that it knows, as its migrations; the rest of the plan is listed with the reason.

pgroll does each operation in its own way (views of both versions, columns twice, triggers), so these are not the plan's
steps but the same ends. Its format is that of pgroll's JSON Schema as of May 2026.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from auditor.exporting.worklist import Dialect, ExportedFile, ExportFormat, Files, Worklist, one_line, slug
from auditor.model import operation as op
from auditor.model.plan import Step
from auditor.rendering.to_markdown import code, escape
from auditor_connectors.postgresql.recipes.sql import free_name, ident

_INDEX = re.compile(r'\ACREATE (UNIQUE )?INDEX CONCURRENTLY (?P<name>[a-z_][a-z0-9_$]*|"(?:[^"]|"")*") ON ')
_METHODS = ("btree", "hash", "gist", "spgist", "gin", "brin")
_ON_DELETE = ("NO ACTION", "RESTRICT", "CASCADE", "SET NULL", "SET DEFAULT")

Migration = tuple[str, Mapping[str, Any]]
"""The schema that pgroll is to work on, and one of its operations."""


class UnsayableError(Exception):
    """pgroll has no words for an operation; the message says why."""


def write(worklist: Worklist, dialect: Dialect) -> Files:  # noqa: ARG001 -- the signature that all formats share
    """Write the migrations in the order of the plan, a folder per schema, and the page with what is left."""
    files: dict[str, ExportedFile] = {}
    said: list[str] = []
    left: list[str] = []
    steps: dict[str, list[Step]] = {}
    for entry in worklist.entries:
        steps.setdefault(entry.step.operation, []).append(entry.step)
    by_id = {operation.id: operation for operation in worklist.plan.operations}
    for number, (identity, of_it) in enumerate(steps.items(), start=1):
        try:
            schema, migration = _say(by_id[identity], of_it)
        except UnsayableError as reason:
            left.append(f"- {code(one_line(identity))}: {escape(str(reason))}")
            continue
        name = f"{number:03d}_{slug(identity).replace('-', '_')}.json"
        text = json.dumps({"operations": [migration]}, indent=2, ensure_ascii=False)
        files[name] = ExportedFile(text=f"{text}\n")
        said.append(f"- {code(name)}: {code(one_line(identity))}, with {code(f'--schema {one_line(schema)}')}")
    return {"README.md": _page(worklist, said, left), **files}


_USAGE = """
pgroll reaches the same ends by its own way: views of the old and the new version side by side, and triggers between
them. The application has to speak to the views. Each file is one migration: `pgroll --schema SCHEMA start FILE`, deploy
the application that uses the new version, then `pgroll --schema SCHEMA complete`.

Where a column may hold NULL, an old row gets what `up` says: look at each before it runs.
"""


def _page(worklist: Worklist, said: Sequence[str], left: Sequence[str]) -> ExportedFile:
    lines = [
        f"# The plan for {escape(worklist.target)}, as far as pgroll can say it",
        _USAGE,
        "## Migrations",
        "",
        *(said or ["None."]),
        "",
        "## What pgroll cannot say",
        "",
        *(left or ["Nothing."]),
    ]
    return ExportedFile(text="\n".join(lines) + "\n")


def _say(operation: op.AnyOperation, steps: Sequence[Step]) -> Migration:
    if (writer := _WRITERS.get(type(operation))) is None:
        raise UnsayableError(_REASONS.get(type(operation), "it has no operation for this"))
    return writer(operation, steps)


def _add_index(operation: op.AddIndex, steps: Sequence[Step]) -> Migration:
    if operation.replaces is not None:
        raise UnsayableError("it takes the place of another index")
    if operation.expressions or operation.include:
        raise UnsayableError("its indexes have neither expressions nor further columns")
    if operation.method is not None and operation.method not in _METHODS:
        raise UnsayableError(f"it does not know the index method {operation.method}")
    fields = [
        {"column": column, **({"opclass": {"name": operator}} if operator else {})}
        for column in operation.columns
        for operator in [operation.operator_classes.get(column)]
    ]
    index: dict[str, Any] = {"name": _index_name(steps), "table": operation.table, "columns": fields}
    if operation.method:
        index["method"] = operation.method
    if operation.predicate:
        index["predicate"] = operation.predicate
    if operation.unique:
        index["unique"] = True
    return operation.schema, {"create_index": index}


def _index_name(steps: Sequence[Step]) -> str:
    statements = [statement for step in steps for statement in step.statements]
    if any(" ON ONLY " in statement for statement in statements):
        raise UnsayableError("the table is partitioned, and the plan builds the index one partition at a time")
    for statement in statements:
        if found := _INDEX.match(statement):
            name = found["name"]
            return name[1:-1].replace('""', '"') if name.startswith('"') else name
    raise UnsayableError("the index has a name that has to be spelled out")


def _drop_index(operation: op.DropIndex, steps: Sequence[Step]) -> Migration:
    if not any("DROP INDEX CONCURRENTLY" in statement for step in steps for statement in step.statements):
        raise UnsayableError("the index belongs to a constraint or to partitions")
    return operation.schema, {"drop_index": {"name": operation.name}}


def _add_foreign_key(operation: op.AddForeignKey, steps: Sequence[Step]) -> Migration:
    del steps
    if operation.replaces is not None:
        raise UnsayableError("it takes the place of another constraint")
    if operation.referenced_schema != operation.schema:
        raise UnsayableError("it leads into another schema")
    on_delete = operation.on_delete.upper()
    references = {
        "table": operation.referenced_table,
        "columns": list(operation.referenced_columns),
        "on_delete": on_delete if on_delete in _ON_DELETE else "NO ACTION",
    }
    return _constraint(operation, "foreign_key", "fkey", operation.columns, references=references)


def _add_unique(operation: op.AddUnique, steps: Sequence[Step]) -> Migration:
    del steps
    if operation.replaces is not None or operation.predicate is not None or operation.nulls_not_distinct:
        raise UnsayableError("its unique constraints have no condition, and none takes another's place")
    return _constraint(operation, "unique", "key", operation.columns)


def _add_primary_key(operation: op.AddPrimaryKey, steps: Sequence[Step]) -> Migration:
    del steps
    if not operation.columns:
        raise UnsayableError("the key's column is made by the plan, and numbered by a sequence of its own")
    return _constraint(operation, "primary_key", "pkey", operation.columns)


def _constraint(
    operation: op.AddForeignKey | op.AddUnique | op.AddPrimaryKey, kind: str, suffix: str, columns: tuple[str, ...],
    **more: Any,
) -> Migration:  # fmt: skip
    middle = () if kind == "primary_key" else columns
    same = {column: ident(column) for column in columns}
    constraint = {
        "table": operation.table, "name": free_name("_".join((operation.table, *middle)), suffix, ()), "type": kind,
        "columns": list(columns), **more, "up": same, "down": same,
    }  # fmt: skip
    return operation.schema, {"create_constraint": constraint}


def _set_not_null(operation: op.SetNotNull, steps: Sequence[Step]) -> Migration:
    del steps
    if operation.together:
        raise UnsayableError("it changes several columns in one pass")
    return _alter_column(operation, operation.column, nullable=False)


def _set_default(operation: op.SetDefault, steps: Sequence[Step]) -> Migration:
    del steps
    return _alter_column(operation, operation.column, default=operation.expression)


def _change_type(operation: op.ChangeColumnType, steps: Sequence[Step]) -> Migration:
    del steps
    if operation.together:
        raise UnsayableError("columns that refer to each other change together")
    column = ident(operation.column)
    up = operation.using or f"{column}::{operation.to_type}"
    return _alter_column(
        operation, operation.column, type=operation.to_type, up=up, down=f"{column}::{operation.from_type}"
    )


def _alter_column(
    operation: op.SetNotNull | op.SetDefault | op.ChangeColumnType, column: str, **change: Any
) -> Migration:
    same = {"up": ident(column), "down": ident(column)}
    return operation.schema, {"alter_column": {"table": operation.table, "column": column, **same, **change}}


def _drop_column(operation: op.DropColumn, steps: Sequence[Step]) -> Migration:
    del steps
    column = {"table": operation.table, "column": operation.column, "down": "NULL"}
    return operation.schema, {"drop_column": column}


_WRITERS: Mapping[type[op.Operation], Callable[[Any, Sequence[Step]], Migration]] = {
    op.AddIndex: _add_index,
    op.DropIndex: _drop_index,
    op.AddForeignKey: _add_foreign_key,
    op.AddUnique: _add_unique,
    op.AddPrimaryKey: _add_primary_key,
    op.SetNotNull: _set_not_null,
    op.SetDefault: _set_default,
    op.ChangeColumnType: _change_type,
    op.DropColumn: _drop_column,
}

_REASONS: Mapping[type[op.Operation], str] = {
    op.AddCheck: "it wants to be told the columns that the expression reads",
    op.DropConstraint: "it wants to be told the columns of the constraint",
}

FORMAT = ExportFormat(name="pgroll", purpose="migrations for pgroll, as far as it can say them", write=write)
