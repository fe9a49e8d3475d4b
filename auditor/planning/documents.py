"""Rules about names of fields and about the expiry of rows: what comes first, and what takes over whose work."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from auditor.model.operation import (
    AddIndex,
    ChangeColumnType,
    DropColumn,
    DropIndex,
    Operation,
    RenameColumn,
    SetExpiry,
    SplitTable,
)
from auditor.planning.agenda import Agenda
from auditor.planning.columns import columns_of


def settle_renames(agenda: Agenda) -> None:
    """Let what is built over a renamed field be built over its new name, and what changes its values come before.

    The renaming makes every index over the field anew, so that none of them can be dropped beside it.
    """
    for rename in agenda.every(RenameColumn):
        for operation in agenda.every(Operation):
            if not (agenda.stands(rename) and agenda.stands(operation)) or not _concerns(agenda, rename, operation):
                continue
            match operation:
                case AddIndex() | SetExpiry():
                    heir = _renamed(operation, rename)
                    agenda.add(heir, operation)
                    agenda.omit(operation, heir, "The new name counts", f"{rename.path} is renamed to {rename.to}.")
                    agenda.require(heir, rename, "the field has its new name by then")
                case DropIndex():
                    reason = f"Renaming {rename.path} makes it anew over the new name: audit again when that is done."
                    agenda.omit(operation, None, f"{rename.id} stands", reason)
                case ChangeColumnType():
                    agenda.require(rename, operation, "first the values, then their name", wholly=True)
                case DropColumn() | SplitTable():
                    reason = f"{operation.id} takes the field away: it needs no other name."
                    agenda.omit(rename, None, f"{operation.id} stands", reason)


def _concerns(agenda: Agenda, rename: RenameColumn, operation: Operation) -> bool:
    if operation is rename or operation.table_key != rename.table_key or isinstance(operation, RenameColumn):
        return False
    return any(_is_within(column, rename.column) for *_, column in columns_of(agenda, operation))


def _is_within(path: str, around: str) -> bool:
    """Whether a field is another one, or inside of it."""
    return path == around or path.startswith(f"{around}.")


def _renamed(operation: AddIndex | SetExpiry, rename: RenameColumn) -> AddIndex | SetExpiry:
    """The same operation over the new name."""

    def anew(path: str) -> str:
        return rename.to + path[len(rename.column) :] if _is_within(path, rename.column) else path

    if isinstance(operation, SetExpiry):
        return replace(operation, id="", column=anew(operation.column), index=None)
    return replace(
        operation,
        id="",
        columns=tuple(map(anew, operation.columns)),
        include=tuple(map(anew, operation.include)),
        descending=tuple(map(anew, operation.descending)),
        operator_classes={anew(path): one for path, one in operation.operator_classes.items()},
        replaces=None,
    )


def settle_expiry(agenda: Agenda) -> None:
    """Keep the index by which rows expire, and build no second one over its column."""
    expiries = agenda.by_table(SetExpiry)
    for key, ones in expiries.items():
        for expiry in ones:
            for operation in _on(agenda, expiry):
                if isinstance(operation, DropIndex) and (operation.schema, operation.name) == (key[0], expiry.index):
                    agenda.omit(operation, None, f"{expiry.id} stands", "Rows expire by this index.")
                elif isinstance(operation, AddIndex) and operation.columns == (expiry.column,) and _is_plain(operation):
                    agenda.omit(operation, expiry, "One index is built for both", "Rows expire by an index like it.")


def _on(agenda: Agenda, expiry: SetExpiry) -> Iterator[Operation]:
    return (one for one in agenda.every(AddIndex, DropIndex) if one.table_key == expiry.table_key)


def _is_plain(operation: AddIndex) -> bool:
    return not (operation.unique or operation.predicate or operation.collation or operation.method)


BEFORE = (settle_renames, settle_expiry)
"""What decides which operations stand."""
