"""Works through the rows of a table along its primary key, a few at a time, while clients go on.

A procedure does it, because the servers run no loop outside of one. Its pages are ranges of the key: [from, to).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from auditor.connector import Draft
from auditor.model.catalog import Column, Table
from auditor.model.facts import Facts
from auditor.model.plan import Step
from auditor.model.vocabulary import Phase
from auditor_connectors.mysql.quoting import ident
from auditor_connectors.mysql.recipes import estimates
from auditor_connectors.mysql.recipes.queries import all_of
from auditor_connectors.mysql.recipes.sql import qualified, routine_for
from auditor_connectors.mysql.recipes.steps import SHORT_WAIT, undo

ROW = "r"
"""What a page's statement calls the table. Columns have to be written with it: a variable might have their name."""

BATCH_ROWS = 500
DUTY = 0.5
"""The share of the time in which the batches work; for the rest they sleep and let others pass."""

ROWS_PER_SECOND = 20_000
"""As numbering.py reckons. 200,000 rows of 70 bytes with two more indexes, all of them in the buffer pool, were copied
elsewhere in 2.4 and 2.2 s and deleted in 4.0 and 1.4 s on MySQL 9.7 and MariaDB 10.11."""

MOST_ROUNDS = 5
"""How often all pages are gone through at most: a row may get another key, or change, on a page that is done."""

KEEP_NUMBERS = "SET SESSION sql_mode = CONCAT(@@SESSION.sql_mode, ',STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO')"
"""Without it a row whose number is 0 would get another one, and what does not fit would be cut in silence."""

REPLICATED = "SELECT (@@GLOBAL.log_bin = 0 OR @@GLOBAL.binlog_format <> 'STATEMENT')"
"""READ COMMITTED, which locks the rows that are changed and no gaps between them, takes a log of rows."""

BY_HAND = (
    "In the programs mysql and mariadb, type DELIMITER // before the procedure, // behind it, then DELIMITER ; again. "
    "The exported files do."
)
_AGAIN = (
    "It can be stopped at any moment (KILL) and run again: what is done is passed over. On a lock wait timeout (error "
    "1205) run it again, too."
)

_PROCEDURE = """CREATE PROCEDURE {procedure}() MODIFIES SQL DATA
BEGIN
{variables}
  DECLARE auditor_last boolean;
  DECLARE auditor_changed bigint;
  DECLARE auditor_rounds int DEFAULT 0;
  DECLARE CONTINUE HANDLER FOR NOT FOUND SET auditor_last = TRUE;
  REPEAT
    SET auditor_last = FALSE, auditor_changed = 0, auditor_rounds = auditor_rounds + 1;
    SELECT {keys} INTO {froms} FROM {table} {row} ORDER BY {keys} LIMIT 1;
    WHILE NOT auditor_last DO
      SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
      START TRANSACTION;
      SELECT {keys} INTO {tos} FROM {table} {row} WHERE {beyond} ORDER BY {keys} LIMIT {batch}, 1;
      IF auditor_last THEN
        {work_last};
      ELSE
        {work};
      END IF;
      SET auditor_changed = auditor_changed + row_count();
      COMMIT;
      SET {advance};
      DO sleep({rest});
    END WHILE;
  UNTIL auditor_changed = 0 OR auditor_rounds >= {rounds} END REPEAT;
END"""


_SORTED_AS_COMPARED = frozenset(
    {"integer", "decimal", "boolean", "text", "char", "uuid", "binary", "date", "time", "timestamp"}
)

NO_KEY = "its rows are gone through along a primary key of numbers, texts or dates, which it does not have"


def walk(
    facts: Facts, table: Table, work: Callable[[str], str], purpose: str, *, keys: Sequence[Column] = ()
) -> tuple[str, ...]:
    """Write the statements that run ``work`` for a page after the other, until a round through all changes nothing.

    ``work`` writes the statement from the condition that a row, which it calls ``ROW``, belongs to the page. It must
    leave rows alone that are done. ``purpose`` is the end of the procedure's name. The table needs a primary key, or,
    where the snapshot does not have it, ``keys``.

    Raises:
        ValueError: the table has none.

    """
    columns = keys or key_columns(facts, table)
    if not columns:
        raise ValueError(f"{table.path} has no primary key")
    procedure = qualified(routine_for(table.key, purpose))
    named = [f"{ROW}.{ident(column.name)}" for column in columns]
    froms, tos = ([f"auditor_{end}_{n}" for n in range(len(columns))] for end in ("from", "to"))
    ends = [*zip(froms, columns, strict=True), *zip(tos, columns, strict=True)]
    variables = [f"  DECLARE {name} {_declared(column)};" for name, column in ends]
    beyond, before = _at_least(named, froms), _below(named, tos)
    body = _PROCEDURE.format(
        procedure=procedure,
        variables="\n".join(variables),
        table=qualified(table.key),
        row=ROW,
        keys=", ".join(named),
        froms=", ".join(froms),
        tos=", ".join(tos),
        beyond=beyond,
        batch=BATCH_ROWS,
        work_last=work(beyond),
        work=work(f"{beyond} AND {before}"),
        advance=", ".join(f"{one} = {other}" for one, other in zip(froms, tos, strict=True)),
        rest=f"{BATCH_ROWS / ROWS_PER_SECOND * (1 / DUTY - 1):.3f}",
        rounds=MOST_ROUNDS,
    )
    drop = f"DROP PROCEDURE IF EXISTS {procedure}"
    return (KEEP_NUMBERS, drop, body, f"CALL {procedure}()", drop)


def in_batches(
    facts: Facts,
    phase: Phase,
    title: str,
    table: Table,
    work: Callable[[str], str],
    *,
    purpose: str,
    verify: str,
    precondition: str | None = None,
    rollback: Iterable[str] = (),
    disk: int | None = None,
    reversible: bool = True,
    notes: Iterable[str] = (),
) -> Draft:
    """Draft a walk through a table: see ``walk``. ``disk`` is what it writes, in bytes."""
    rows = facts.rows(table)
    seconds = round(rows / ROWS_PER_SECOND / DUTY + 0.1, 1)
    return Draft(
        phase=phase,
        step=Step(
            id="",
            operation="",
            title=title,
            statements=(SHORT_WAIT, *walk(facts, table, work, purpose)),
            transactional=False,
            lock="row locks",
            blocking_seconds=0.0,
            duration_seconds=seconds,
            duration_p90_seconds=round(seconds * estimates.SPREAD, 1),
            disk_bytes=disk,
            basis=f"{rows:,.0f} rows, {ROWS_PER_SECOND:,} a second (default calibration), half of the time asleep",
            precondition=all_of(precondition, REPLICATED),
            verify=verify,
            rollback=undo(rollback),
            reversible=reversible,
            notes=(
                *notes,
                f"{BATCH_ROWS:,} rows at a time, each batch in a transaction of its own: clients wait for one at most.",
                _AGAIN,
                BY_HAND,
            ),
        ),
    )


def key_columns(facts: Facts, table: Table) -> Sequence[Column]:
    """The columns of the primary key, in its order; none where nothing can be gone through along it.

    That is so without one, where it holds the beginning of a text, and where its values compare otherwise than they are
    sorted: an ENUM is sorted by its number and compared by its letters, a TIMESTAMP has an hour twice in some zones.
    """
    primary = next((index for index in facts.indexes_of(table.key) if index.primary), None)
    if primary is None or any(part.length or part.column is None for part in primary.parts):
        return ()
    found = [table.column(part.column or "") for part in primary.parts]
    columns = [column for column in found if column is not None and column.family in _SORTED_AS_COMPARED]
    return columns if len(columns) == len(found) else ()


def same(columns: Iterable[Column], one: str, other: str) -> str:
    """Write the condition that two rows agree to the letter in columns: to a collation 'a' and 'A' may be one."""

    def equal(column: Column) -> str:
        name = ident(column.name)
        if column.collation is not None or column.family == "geometric":
            return f"CAST({one}.{name} AS BINARY) <=> CAST({other}.{name} AS BINARY)"
        return f"{one}.{name} <=> {other}.{name}"

    return " AND ".join(equal(column) for column in columns)


def equal_keys(columns: Iterable[Column], one: str, other: str) -> str:
    """Write the condition that two rows have one key, in the way in which the index finds it."""
    return " AND ".join(f"{one}.{ident(column.name)} = {other}.{ident(column.name)}" for column in columns)


def _declared(column: Column) -> str:
    if column.collation is None:
        return column.type
    return f"{column.type} CHARACTER SET {column.character_set} COLLATE {column.collation}"


def _at_least(names: Sequence[str], values: Sequence[str]) -> str:
    """Write that a key is not before some values. Its first column alone says so too, so that the index is used."""
    return _compared(names, values, ">", ">=")


def _below(names: Sequence[str], values: Sequence[str]) -> str:
    return _compared(names, values, "<", "<")


def _compared(names: Sequence[str], values: Sequence[str], strictly: str, at_last: str) -> str:
    name, value = names[0], values[0]
    if len(names) == 1:
        return f"{name} {at_last} {value}"
    rest = _compared(names[1:], values[1:], strictly, at_last)
    return f"({name} {strictly}= {value} AND ({name} {strictly} {value} OR {rest}))"
