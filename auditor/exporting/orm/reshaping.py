"""Reads what changes for models where data get another shape or another place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from auditor.exporting.orm import changes as by
from auditor.exporting.orm.steps import Steps
from auditor.model import operation as op
from auditor.model.catalog import Key
from auditor.model.plan import ColumnShape, ReferenceShape


def retyped(operation: op.ChangeColumnType, steps: Steps) -> Iterator[tuple[int, by.Change]]:
    """A column gets another type: both are taken from one deploy point on, the new one alone from the switch on."""
    tolerate = steps.at("tolerate")
    shadowed = tolerate.step.deploy.objects if tolerate is not None and tolerate.step.deploy is not None else ()
    for one in (operation, *operation.together):
        table = (one.schema, one.table)
        after = by.Retyped(table=table, column=one.column, before=one.from_type, type=one.to_type, settled=True)

        if tolerate is None or ".".join((*table, one.column)) not in shadowed:
            for entry in steps.entries:
                deploy = entry.step.deploy
                if deploy is not None and deploy.kind == "reconnect" and ".".join(table) in deploy.objects:
                    yield entry.number, after
                    break
            continue
        yield tolerate.number, replace(after, settled=False)
        if (switch := steps.at("reconnect")) is not None and switch.number > tolerate.number:
            yield switch.number, after


def parted(operation: op.SplitTable, steps: Steps) -> Iterator[tuple[int, by.Change]]:
    """Columns are read from another table, then written there alone."""
    table = next((one for one in steps.made if one.kind == "table"), None)
    if table is None:
        return
    parent, into = (operation.schema, operation.table), table.table
    constraint = next((one for one in steps.made if one.kind == "constraint" and one.table == table.table), None)
    reference = None
    if constraint is not None:
        # Its columns are named like those that they refer to.
        reference = ReferenceShape(
            name=constraint.name, columns=constraint.key, referenced_schema=parent[0], referenced_table=parent[1],
            referenced_columns=constraint.key, on_delete=constraint.on_delete,
        )  # fmt: skip
    for kind in ("move-reads", "move-writes"):
        if (entry := steps.at(kind)) is not None:
            yield entry.number, by.Parted(
                table=parent, into=into, moved=operation.columns, columns=table.columns, key=table.key,
                reference=reference, written=kind == "move-writes",
            )  # fmt: skip
            if kind == "move-reads":
                # From here on writers give the values themselves: the next steps take the defaults away.
                for column in operation.columns:
                    yield entry.number, by.Filled(table=parent, column=column, by=None)


def looked_up(operation: op.EnumToLookup, steps: Steps) -> Iterator[tuple[int, by.Change]]:
    """A column refers to the table of its values from the deploy point on; an enumerated one is a text by then."""
    table = (operation.schema, operation.table)
    values = next((one for one in steps.made if one.kind == "table"), None)
    reference = next((one for one in steps.made if one.table == table and one.key == (operation.column,)), None)
    shape, switch = steps.shape(table, operation.column), steps.at("other")
    if values is None or reference is None or shape is None or switch is None:
        return
    if steps.at("reconnect") is not None:
        # What takes an enumerated type has the type of the values.
        plain = op.ChangeColumnType(
            schema=operation.schema, table=operation.table, column=operation.column, from_type=shape.type,
            to_type=next(one.type for one in values.columns if one.name in values.key),
        )  # fmt: skip
        yield from retyped(plain, steps)
    yield switch.number, by.Tabled(table=table, into=values.table, columns=values.columns, key=values.key)
    yield (
        switch.number,
        by.Referring(
            table=table,
            reference=ReferenceShape(
                name=reference.name, columns=(operation.column,), referenced_schema=values.table[0],
                referenced_table=values.table[1], referenced_columns=values.key, on_delete=reference.on_delete,
            ),
        ),
    )  # fmt: skip
    for one in steps.made:
        if one.kind == "end" and one.table == table and steps.at("reconnect") is None:
            yield steps.last, by.Gone(table=table, kind="constraint", name=one.name)


def extracted(operation: op.ExtractJson, steps: Steps) -> Iterator[tuple[int, by.Change]]:
    """A column takes over a key of a document: it is read, then both are written, then the key is left alone."""
    table = (operation.schema, operation.table)
    new = next((one.columns[0] for one in steps.made if one.kind == "column"), None)
    reads = steps.at("move-reads")
    if new is None or reads is None:
        return
    # Until the application writes it, the database fills it.
    yield reads.number, by.Added(table=table, column=ColumnShape(name=new.name, type=new.type, filled="default"))
    index = steps.name(table, "index")
    if index is not None:
        over = op.AddIndex(schema=operation.schema, table=operation.table, columns=(new.name,))
        yield reads.number, by.Declared(table=table, name=index, operation=over)
    doubled = by.Doubled(
        table=table, column=new.name, document=operation.column, keys=operation.keys, use="read"
    )  # fmt: skip
    yield reads.number, doubled
    if (writes := steps.at("move-writes")) is not None:
        yield writes.number, by.Filled(table=table, column=new.name, by=None)
        yield writes.number, replace(doubled, use="written")
    if (ends := steps.at("stop-using")) is not None:
        yield ends.number, replace(doubled, use="alone")


def moved(_: op.MoveSchema, steps: Steps) -> Iterator[tuple[int, by.Change]]:
    """References across the border end, and the tables are then used in another database."""
    if (cut := steps.at("stop-using")) is not None and cut.step.deploy is not None:
        for key, shape in sorted(steps.shapes.items()):
            for one in shape.references:
                if ".".join((*key, one.name)) in cut.step.deploy.objects:
                    yield cut.number, by.Released(table=key, name=one.name, columns=one.columns)
    if (switch := steps.at("move-writes")) is not None and switch.step.deploy is not None:
        for key in sorted(steps.shapes):
            if ".".join(key) in switch.step.deploy.objects:
                yield switch.number, by.Moved(table=key)


def archived(operation: op.ArchiveRows, steps: Steps) -> Iterator[tuple[int, by.Change]]:
    """Models stay; old rows can be read in another table until the last step drops it."""
    table = (operation.schema, operation.table)
    if (agreed := steps.at("other")) is None:
        return
    copy = next((one.table for one in steps.made if one.kind == "copy"), None)
    since = next(entry.number for entry in steps.entries if entry.step.statements)
    one = by.Archived(table=table, into=copy, since=since, until=steps.last)
    yield agreed.number, one
    yield steps.last, replace(one, over=True)


def merged(operation: op.MergeTables, steps: Steps) -> Iterator[tuple[int, by.Change]]:
    """Columns of a companion are read from the table, then written there; its name is that of a view, and then goes."""
    table, other = (operation.schema, operation.table), (operation.schema, operation.other)
    new = next((one for one in steps.made if one.kind == "column" and one.table == table), None)
    view = next((one for one in steps.made if one.kind == "view" and one.table == other), None)
    reads, writes, ends = steps.at("move-reads"), steps.at("move-writes"), steps.at("stop-using")
    if new is None or view is None or reads is None or writes is None or ends is None:
        return
    one = by.Merged(
        table=table, companion=other, columns=new.columns, key=view.key, use="read",
        flag=next((one.name for one in new.columns if one.name not in view.behind.values()), None),
        comments={one.name: one.text for one in steps.made if one.kind == "comment" and one.table == table},
    )  # fmt: skip
    yield reads.number, one
    for name, rule in new.checks:
        check = op.AddCheck(schema=operation.schema, table=operation.table, name=name, expression=rule)
        yield reads.number, by.Declared(table=table, name=name, operation=check)
    for reference in _taken_over(table, other, view.behind, steps):
        yield reads.number, by.Referring(table=table, reference=reference)
    for made in steps.made:
        if made.kind == "index" and made.table == table and made.index is not None:
            yield reads.number, by.Declared(table=table, name=made.name, operation=made.index)
    yield writes.number, replace(one, use="written")
    yield ends.number, replace(one, use="alone")


def _taken_over(table: Key, other: Key, names: Mapping[str, str], steps: Steps) -> Iterator[ReferenceShape]:
    """Find the foreign keys that a table has got from its companion, whose columns have other ``names`` there."""
    shape = steps.shapes.get(other)
    left = [one for one in steps.made if one.kind == "constraint" and one.table == table and one.key]
    for reference in shape.references if shape is not None else ():
        columns = tuple(names.get(column, column) for column in reference.columns)
        if (made := next((one for one in left if one.key == columns), None)) is not None:
            left.remove(made)
            yield replace(reference, name=made.name, columns=columns)


def kept(operation: op.MaterialiseView, steps: Steps) -> Iterator[tuple[int, by.Change]]:
    """What keeps the rows of a view has its columns; where the view itself reads it, nobody else has to."""
    view = (operation.schema, operation.view)
    rows = next((one for one in steps.made if one.kind == "kept"), None)
    ledger = next((one for one in steps.made if one.kind == "table"), None)
    agreed, shape = steps.at("other"), steps.shapes.get(view)
    if rows is None or ledger is None or agreed is None or shape is None:
        return
    if not operation.switch:
        columns = tuple(replace(one, nullable=one.name not in operation.key) for one in shape.columns)
        yield agreed.number, by.Kept(table=view, into=rows.table, columns=columns, key=operation.key, rows=True)
    yield agreed.number, by.Kept(table=view, into=ledger.table, columns=ledger.columns, key=ledger.key, rows=False)
