"""Gives a table without a key a hidden key while clients write: no tool can, because it would copy rows along a key."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.connector import Draft
from auditor.model.catalog import Key
from auditor.model.facts import Facts
from auditor.model.plan import Step
from auditor.model.vocabulary import Phase
from auditor_connectors.mysql.quoting import ident
from auditor_connectors.mysql.recipes import estimates
from auditor_connectors.mysql.recipes.altering import Alteration, alter, statement
from auditor_connectors.mysql.recipes.columns import STRICT
from auditor_connectors.mysql.recipes.indexes import NewIndex, build
from auditor_connectors.mysql.recipes.queries import (
    all_of,
    any_of,
    column_is,
    has_primary_key,
    index_is,
    no_duplicates,
    no_nulls,
    no_primary_key,
)
from auditor_connectors.mysql.recipes.sql import free_name, index_names, qualified, routine_for
from auditor_connectors.mysql.recipes.steps import SHORT_WAIT

BATCH_ROWS = 1000
DUTY = 0.5
"""The share of the time in which the batches work; for the rest they sleep and let others pass."""

ROWS_PER_SECOND = 20_000
"""An update of 50,000 rows took 1.3 and 2.5 s: see the estimates."""

_NUMBER = "uuid_short()"
_SHORT = (
    "UUID_SHORT() gives numbers of 64 bits that grow and do not repeat, as long as each server that writes has a "
    "server_id of its own below 256. The binary log has to be ROW (or MIXED) for it to be the same on replicas."
)
_REPLICATED = "SELECT (@@GLOBAL.log_bin = 0 OR @@GLOBAL.binlog_format <> 'STATEMENT')"
_BY_HAND = (
    "In the programs mysql and mariadb, type DELIMITER // before the procedure, // behind it, then DELIMITER ; again. "
    "The exported files do."
)
_TYPE = "bigint unsigned"


def numbered_while_clients_write(facts: Facts, key: Key, name: str, hidden: str) -> Iterator[Draft]:
    """Add the column empty, let new rows have a number, number the old ones in batches, then make it the key."""
    path, column = ".".join(key), ident(name)
    default = f"DEFAULT ({_NUMBER})" if facts.target.engine == "mysql" else f"DEFAULT {_NUMBER}"
    yield from alter(
        facts,
        Phase.EXPAND,
        f"Add the column {name} to {path}, empty and out of sight",
        Alteration(key, "add-column", f"ADD COLUMN {column} {_TYPE} NULL{hidden}"),
        verify=column_is(key, name),
        precondition=all_of(no_primary_key(key), column_is(key, name, absent=True), _REPLICATED),
        rollback=(statement(facts, key, "drop-column", f"DROP COLUMN {column}"),),
        notes=(_SHORT,),
    )
    yield from alter(
        facts,
        Phase.EXPAND,
        f"Let new rows of {path} have a number",
        Alteration(key, "set-default", f"ALTER COLUMN {column} SET DEFAULT ({_NUMBER})"),
        verify=column_is(key, name, "lower(COLUMN_DEFAULT) LIKE '%uuid_short%'"),
        rollback=(statement(facts, key, "set-default", f"ALTER COLUMN {column} SET DEFAULT NULL"),),
    )
    index = free_name((key[1], name), "fill", index_names(facts, key))
    done = has_primary_key(key, (name,))
    yield from build(
        facts,
        Phase.EXPAND,
        NewIndex(key, index, (column,), columns=(name,)),
        verify=any_of(done, index_is(key, index)),
        notes=("By it the batches find the rows that have no number yet. It goes with the last step.",),
    )
    yield _filled(facts, key, name)
    definition = f"{_TYPE} NOT NULL {default}{hidden}"
    keyed = f"ADD PRIMARY KEY ({column}), DROP INDEX {ident(index)}"
    back = f"DROP PRIMARY KEY, MODIFY COLUMN {column} {_TYPE} NULL {default}{hidden}, "
    back += f"ADD INDEX {ident(index)} ({column})"
    yield from alter(
        facts,
        Phase.SWITCH,
        f"Make {name} the primary key of {path}",
        Alteration(
            key,
            "add-primary-key",
            f"MODIFY COLUMN {column} {definition}, {keyed}",
        ),
        before=STRICT,
        verify=done,
        precondition=all_of(no_primary_key(key), no_nulls(key, (name,)), no_duplicates(key, (name,))),
        rollback=(f"ALTER TABLE {qualified(key)} {back}, ALGORITHM=COPY, LOCK=SHARED",),
        notes=(
            "Replicas find rows by it from now on.",
            "The way back, without a key, copies the table while writes wait: take it only if you must.",
        ),
    )


def _filled(facts: Facts, key: Key, name: str) -> Draft:
    """Draft the batches: a procedure, because the server runs no loop outside of one."""
    table, column = facts.table(key), ident(name)
    procedure = qualified(routine_for(key, "fill"))
    body = (
        f"CREATE PROCEDURE {procedure}() MODIFIES SQL DATA\nBEGIN\n  REPEAT\n"
        f"    UPDATE {qualified(key)} SET {column} = {_NUMBER} WHERE {column} IS NULL LIMIT {BATCH_ROWS};\n"
        "    SET @auditor_filled = row_count();\n    COMMIT;\n"
        f"    DO sleep({BATCH_ROWS / ROWS_PER_SECOND * (1 / DUTY - 1):.2f});\n"
        "  UNTIL @auditor_filled = 0 END REPEAT;\nEND"
    )
    rows = facts.rows(table)
    seconds = round(rows / ROWS_PER_SECOND / DUTY + 0.1, 1)
    return Draft(
        phase=Phase.BACKFILL,
        step=Step(
            id="",
            operation="",
            title=f"Number the rows of {'.'.join(key)} in batches",
            statements=(
                SHORT_WAIT,
                f"DROP PROCEDURE IF EXISTS {procedure}",
                body,
                f"CALL {procedure}()",
                f"DROP PROCEDURE {procedure}",
            ),
            transactional=False,
            lock="row locks",
            blocking_seconds=0.0,
            duration_seconds=seconds,
            duration_p90_seconds=seconds * estimates.SPREAD,
            disk_bytes=int(rows * 8 * 2),
            basis=f"{rows:,.0f} rows, {ROWS_PER_SECOND:,} a second (default calibration), half of the time asleep",
            precondition=column_is(key, name, "lower(COLUMN_DEFAULT) LIKE '%uuid_short%'"),
            verify=no_nulls(key, (name,)),
            notes=(
                f"{BATCH_ROWS:,} rows at a time, each batch in a transaction of its own.",
                "It can be stopped at any moment (KILL) and run again. Clients wait for a row while its batch runs.",
                _BY_HAND,
            ),
        ),
    )
