"""Recipes for whole tables: their storage engine and options, their statistics."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.connector import Draft
from auditor.model.facts import Facts
from auditor.model.operation import AnalyzeTable, RepackTable, SetTableOptions
from auditor.model.plan import Step
from auditor.model.vocabulary import Blocks, Phase
from auditor_connectors.mysql.recipes.accepted import Change
from auditor_connectors.mysql.recipes.altering import Alteration, alter, statement
from auditor_connectors.mysql.recipes.estimates import BRIEF_SECONDS, LOCK_WAIT_SECONDS, SPREAD
from auditor_connectors.mysql.recipes.queries import engine_is
from auditor_connectors.mysql.recipes.sql import literal, qualified
from auditor_connectors.mysql.recipes.steps import EXCLUSIVE, SHORT_WAIT, runbook

_SPELLING = {"innodb": "InnoDB", "myisam": "MyISAM", "aria": "Aria", "memory": "MEMORY"}
_TRY = "Try it on a copy first: a row that is wider than InnoDB takes, or a SPATIAL or FULLTEXT index, may be refused."
_NO_LONGER = (
    "From then on writers lock rows, not the table: code that relies on LOCK TABLES, on an order of rows that "
    "nobody asked for, or on an exact count(*) in no time is to be looked at."
)


def set_table_options(operation: SetTableOptions, facts: Facts) -> Iterator[Draft]:
    """Convert the table to another storage engine, or another row format."""
    key = (operation.schema, operation.table)
    table = facts.table(key)
    for option, value in sorted(operation.options.items()):
        name = option.lower()
        before = (table.engine if name == "engine" else table.options.get(name)) if table is not None else None
        if name == "engine" and value.lower() in _SPELLING:
            engine = _SPELLING[value.lower()]
            yield from alter(
                facts,
                Phase.SWITCH,
                f"Convert {'.'.join(key)} to {engine}",
                Alteration(key, "change-engine", f"ENGINE={engine}"),
                verify=engine_is(key, engine),
                rollback=(statement(facts, key, "change-engine", f"ENGINE={before}"),)
                if (before or "").lower() in _SPELLING
                else (),
                notes=(_TRY, _NO_LONGER),
            )
        elif name == "row_format" and value.lower() in ("dynamic", "compact", "redundant", "compressed"):
            yield from _rebuilt(facts, operation, f"ROW_FORMAT={value.upper()}", f"ROW_FORMAT={_before(facts, before)}")
        else:
            yield runbook(
                Phase.SWITCH,
                f"Set {option} of {'.'.join(key)} to {value}",
                notes=("It has no recipe: see the manual.",),
            )


def _before(facts: Facts, row_format: str | None) -> str:
    """The row format to go back to: the default one is not written."""
    usual = (facts.setting("innodb_default_row_format") or "dynamic").lower()
    return "DEFAULT" if row_format is None or row_format == usual else row_format


def _rebuilt(facts: Facts, operation: SetTableOptions, clauses: str, back: str) -> Iterator[Draft]:
    key = (operation.schema, operation.table)
    kind: Change = "rebuild"
    written = clauses.split("=")[1].capitalize()
    yield from alter(
        facts,
        Phase.SWITCH,
        f"Write {'.'.join(key)} anew with {clauses}",
        Alteration(key, kind, clauses),
        verify=(
            "SELECT EXISTS (SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = "
            f"{literal(key[0])} AND TABLE_NAME = {literal(key[1])} AND ROW_FORMAT = {literal(written)})"
        ),
        rollback=(statement(facts, key, kind, back.upper()),),
    )


def repack_table(operation: RepackTable, facts: Facts) -> Iterator[Draft]:
    """Write the table anew while clients write, which gives its unused space back."""
    key = (operation.schema, operation.table)
    yield from alter(
        facts,
        Phase.SWITCH,
        f"Write {'.'.join(key)} anew",
        Alteration(key, "rebuild", "FORCE"),
        verify=None,
        notes=(
            "It changes nothing that would have to be undone, and makes room for instant changes of columns again.",
        ),
    )


def analyze_table(operation: AnalyzeTable, facts: Facts) -> Iterator[Draft]:
    """Take a new sample: a few pages of each index, whatever the table's size."""
    key = (operation.schema, operation.table)
    yield Draft(
        phase=Phase.PREPARE,
        step=Step(
            id="",
            operation="",
            title=f"Sample {'.'.join(key)}",
            statements=(SHORT_WAIT, f"ANALYZE TABLE {qualified(key)}"),
            transactional=False,
            lock=EXCLUSIVE,
            blocks=Blocks.EVERYTHING,
            blocking_seconds=float(LOCK_WAIT_SECONDS),
            duration_seconds=BRIEF_SECONDS,
            duration_p90_seconds=BRIEF_SECONDS * SPREAD + LOCK_WAIT_SECONDS,
            basis="20 pages of each index are read (innodb_stats_persistent_sample_pages)",
            notes=(
                "New statements may wait for long ones that still run on the table: choose a moment without these.",
            ),
        ),
    )
