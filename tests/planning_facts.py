"""Databases made up by hypothesis, and operations on them, for the planner's properties."""

from __future__ import annotations

from hypothesis import strategies as st
from msgspec.structs import replace

from auditor.model import operation as op
from auditor.model.catalog import Catalog, Column, Constraint, Index, IndexPart, Sequence, Table, View
from auditor.model.facts import Facts
from auditor.model.finding import Finding, Impact, Subject
from auditor.model.server import Server, Setting
from auditor.model.snapshot import Snapshot, TargetInfo
from auditor.model.vocabulary import Confidence, Severity

SCHEMA = "s"
TABLES = ("orders", "order", 'o"dd\n')
COLUMNS = ("id", "item", "order_id", "b")
OTHERS = (
    Column(name="doc", position=5, type="jsonb", family="jsonb"),
    Column(name="kind", position=6, type="s.kinds", family="enum"),
    Column(name="at", position=7, type="date", family="date"),
)
NAMES = ("i1", "i2", "i3", "i4", "i5")


def facts_of(catalog: Catalog, version: int = 180000) -> Facts:
    """Wrap a catalog into the facts of an otherwise unremarkable server."""
    target = TargetInfo(engine="postgresql", version="18", name="x", collected_at="2026-01-15T12:00:00Z")
    settings = (Setting(name="deadlock_timeout", value="1000", unit="ms", seconds=1.0),)
    return Facts(
        Snapshot(
            tool_version="0", target=target, catalog=catalog, server=Server(version_number=version, settings=settings)
        )
    )


def table_of(name: str, *, rows: float | None = 1e6, size: int | None = 200_000_000) -> Table:
    """A table with the columns of COLUMNS."""
    columns = tuple(
        Column(name=column, position=number, type="integer", family="integer", bits=32)
        for number, column in enumerate(COLUMNS, start=1)
    )
    return Table(schema=SCHEMA, name=name, columns=columns, rows=rows, bytes=size, heap_bytes=size)


def index_of(table: str, name: str, *columns: str, **details: object) -> Index:
    """A usable B-tree over columns."""
    return Index(
        schema=SCHEMA, table=table, name=name, parts=tuple(IndexPart(column=column) for column in columns),
        definition=f"CREATE INDEX {name} ON s.t USING btree ({', '.join(columns)})", **details,  # type: ignore[arg-type]
    )  # fmt: skip


_columns = st.lists(st.sampled_from(COLUMNS), min_size=1, max_size=3, unique=True).map(tuple)
_table = st.sampled_from(TABLES)


@st.composite
def catalogs(draw: st.DrawFn) -> Catalog:
    """A few tables with random indexes, keys and references."""
    tables, indexes, constraints = [], [], []
    for number, name in enumerate(TABLES):
        size = draw(st.sampled_from((None, 8192, 500_000_000)))
        table = table_of(name, rows=draw(st.sampled_from((None, 0.0, 1e6))), size=size)
        tables.append(replace(table, columns=(*table.columns, *OTHERS)))
        for position, label in enumerate(NAMES[: draw(st.integers(0, 5))]):
            unique = draw(st.booleans())
            constraint = unique and draw(st.booleans())
            path = f"t{number}_{label}"
            indexes.append(
                index_of(
                    name, path, *draw(_columns), unique=unique, valid=draw(st.integers(0, 4)) > 0,
                    constraint=path if constraint else None, primary=constraint and position == 0,
                    scans=draw(st.sampled_from((None, 0, 7))), replica_identity=draw(st.integers(0, 9)) == 0,
                    predicate=draw(st.sampled_from((None, None, None, "(b > 1)"))) if not constraint else None,
                )
            )  # fmt: skip
            if constraint:
                kind = "primary-key" if position == 0 else "unique"
                constraints.append(
                    Constraint(schema=SCHEMA, table=name, name=path, kind=kind, columns=indexes[-1].columns, index=path)
                )
    for number in range(draw(st.integers(0, 3))):
        columns = draw(_columns)
        constraints.append(
            Constraint(
                schema=SCHEMA, table=draw(_table), name=f"fk{number}", kind="foreign-key", columns=columns,
                referenced_schema=SCHEMA, referenced_table=draw(_table), referenced_columns=columns,
                definition="FOREIGN KEY (…) REFERENCES …",
            )
        )  # fmt: skip
    sequences = (Sequence(schema=SCHEMA, name="numbers", bits=32, owner_schema=SCHEMA, owner_table="orders",
                          owner_column="id"),)  # fmt: skip
    views = (View(schema=SCHEMA, name="v", reads=((SCHEMA, "orders"),), columns=(("b", "integer"),), calls=()),)
    return Catalog(
        tables=tuple(tables), indexes=tuple(indexes), constraints=tuple(constraints), sequences=sequences, views=views
    )


def _on(kind: type[op.Operation], **fields: st.SearchStrategy[object]) -> st.SearchStrategy[op.Operation]:
    return st.builds(kind, schema=st.just(SCHEMA), table=_table, **fields)


def _on_orders(kind: type[op.Operation], **fields: st.SearchStrategy[object]) -> st.SearchStrategy[op.Operation]:
    return st.builds(kind, schema=st.just(SCHEMA), table=st.just("orders"), **fields)


_column = st.sampled_from(COLUMNS)
_name = st.builds(lambda number, name: f"t{number}_{name}", st.integers(0, 2), st.sampled_from(NAMES))

RESHAPING: st.SearchStrategy[op.Operation] = st.one_of(
    _on_orders(op.EnumToLookup, column=st.sampled_from(("b", "kind"))),
    _on_orders(op.ChangeColumnType, column=st.just("kind"), from_type=st.just("s.kinds"), to_type=st.just("text")),
    _on_orders(op.ExtractJson, column=st.just("doc"), keys=st.sampled_from((("a",), ("a", "b")))),
    _on_orders(op.DropColumn, column=st.sampled_from(("doc", "kind"))),
    _on_orders(op.AddIndex, columns=st.just(("kind",))),
    _on_orders(op.AddExclusion, columns=_columns, period=st.just(("b",))),
    _on_orders(op.ArchiveRows, column=st.just("at"), keep_days=st.just(90)),
    st.builds(op.MoveSchema, schema=st.just(SCHEMA), tables=st.sampled_from(((), ("orders",), ("orders", "order")))),
    _on_orders(op.PartitionTable, column=st.just("at")),
    _on_orders(op.SplitTable, columns=_columns, into=st.just("rest")),
    _on_orders(op.MergeTables, other=st.just("order")),
    st.builds(op.MergeClones, schema=st.just(SCHEMA), into=st.just("everything"), discriminator=st.just("part"),
              values=st.just({"orders": "1", "order": "2"})),
    st.builds(op.MaterialiseView, schema=st.just(SCHEMA), view=st.just("v"), key=st.just(("b",)), minutes=st.just(15)),
)  # fmt: skip
"""What gives one table another shape or another place, and an index that may be in its way."""

OPERATIONS: st.SearchStrategy[op.Operation] = st.one_of(
    _on(op.AddIndex, columns=_columns, predicate=st.sampled_from((None, None, "b > 1")),
        replaces=st.one_of(st.none(), st.none(), _name)),
    _on(op.DropIndex, name=_name, covered_by=st.one_of(st.none(), _name)),
    _on(op.DropIndex, name=_name),
    _on(op.RebuildIndex, name=_name),
    _on(op.DropConstraint, name=_name),
    _on(op.ValidateConstraint, name=_name),
    _on(op.AddPrimaryKey, columns=st.one_of(st.just(()), _columns)),
    _on(op.AddUnique, columns=_columns, replaces=st.one_of(st.none(), _name)),
    _on(op.AddForeignKey, columns=_columns, referenced_schema=st.just(SCHEMA), referenced_table=_table,
        referenced_columns=_columns),
    _on(op.AddCheck, name=st.just("c"), expression=st.just("b > 0")),
    _on(op.EnableTrigger, name=st.just("t")),
    _on(op.SetNotNull, column=_column),
    _on(op.ChangeColumnType, column=_column, from_type=st.just("integer"), to_type=st.sampled_from(("bigint", "text"))),
    _on(op.UseIdentity, column=_column, sequence_schema=st.just(SCHEMA), sequence=st.just("numbers")),
    _on(op.SetDefault, column=_column, expression=st.just("1")),
    _on(op.DropColumn, column=_column),
    _on(op.PartitionTable, column=_column),
    _on(op.SplitTable, columns=_columns, into=st.just("rest")),
    RESHAPING,
    _on(op.SetTableOptions, options=st.dictionaries(st.sampled_from(("fillfactor", "autovacuum_enabled")),
                                                    st.sampled_from(("10", "20")), min_size=1)),
    _on(op.RepackTable),
    _on(op.VacuumTable, freeze=st.booleans()),
    _on(op.AnalyzeTable),
    _on(op.SetLogged),
    _on(op.SetReplicaIdentity, identity=st.just("full")),
    _on(op.CreateStatistics, columns=_columns),
    st.builds(op.AlterSequence, schema=st.just(SCHEMA), name=st.just("numbers"), data_type=st.just("bigint")),
    st.builds(op.SetSetting, name=st.sampled_from("ab"), value=st.sampled_from("12"), restart=st.booleans()),
    st.builds(op.ResetSetting, name=st.sampled_from(("a", "b")), previous=st.just("1")),
    st.builds(op.CreateExtension, name=st.sampled_from(("x", "y")), preload=st.booleans()),
    st.builds(op.RefreshCollation, database=st.just("x")),
    st.builds(op.UpgradeServer, from_version=st.just("17.1"), to_version=st.just("18.6"), major=st.booleans()),
    st.builds(op.AddReplica),
    st.builds(op.EnableChecksums),
    st.builds(op.EnableArchiving),
)  # fmt: skip


def finding(number: int, severity: Severity, *operations: str) -> Finding:
    """A finding that proposes operations."""
    return Finding(
        check="c", fingerprint=f"{number:016d}", title="t", pillar="indexing", severity=severity,
        confidence=Confidence.CERTAIN, subject=Subject(kind="table", name="s.t"), related=(), evidence=(),
        impact=Impact(), explanation="", recommendation="", operations=operations,
    )  # fmt: skip


@st.composite
def proposals(
    draw: st.DrawFn, kinds: st.SearchStrategy[op.Operation] = OPERATIONS
) -> tuple[list[op.Operation], list[Finding]]:
    """Operations, and findings that propose them."""
    operations = draw(st.lists(kinds, max_size=14))
    findings = [
        finding(number, draw(st.sampled_from(Severity)), *{one.id for one in operations[number : number + 2]})
        for number in range(0, len(operations), 2)
    ]
    return operations, findings
