"""One change of a table by the way that keeps clients working: the server's own, or a tool where writers would wait."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from auditor.connector import Draft
from auditor.model.catalog import Key, Table
from auditor.model.facts import Facts
from auditor.model.vocabulary import Phase
from auditor_connectors.mysql.recipes import estimates
from auditor_connectors.mysql.recipes.accepted import Change, Way, way
from auditor_connectors.mysql.recipes.queries import all_of, is_quiet, saw_old_transactions
from auditor_connectors.mysql.recipes.sql import qualified
from auditor_connectors.mysql.recipes.steps import change, runbook
from auditor_connectors.mysql.recipes.tools import by_tool, choose

_NO_TOOL = (
    "No tool can copy this table beside itself (no key tells every row apart, it refers to itself, or its name is no "
    "plain word): do it in a quiet hour, or let the application hold back its writes."
)


class Alteration(NamedTuple):
    """What follows ALTER TABLE and the table's name, and what kind of change it is."""

    key: Key
    kind: Change
    clauses: str


def statement(facts: Facts, key: Key, kind: Change, clauses: str) -> str:
    """Write ALTER TABLE with the way in which it is meant to be done."""
    found = way(facts, kind, facts.table(key))
    if found is None:
        return f"ALTER TABLE {qualified(key)} {clauses}"
    # Nothing may follow the partitions.
    written = f"{found.clause} {clauses}" if kind == "partition" else f"{clauses}, {found.clause}"
    return f"ALTER TABLE {qualified(key)} {written}"


def alter(
    facts: Facts,
    phase: Phase,
    title: str,
    wanted: Alteration,
    *,
    verify: str | None,
    precondition: str | None = None,
    rollback: Iterable[str] = (),
    before: Iterable[str] = (),
    after: Iterable[str] = (),
    index_bytes: int | None = None,
    without_keys: Iterable[str] = (),
    reversible: bool = True,
    point_of_no_return: bool = False,
    observe_days: int = 0,
    notes: Iterable[str] = (),
) -> Iterator[Draft]:
    """Draft an alteration. ``without_keys``: foreign keys that are dropped before.

    Where writers would wait for longer than anybody should, a tool does it; where none can, the step says how long.
    """
    key, kind, clauses = wanted
    table = facts.table(key)
    found = way(facts, kind, table)
    if found is None:
        yield runbook(phase, title, notes=(f"This version of the server has no statement for it: {kind}.", *notes))
        return
    takes = estimates.of_way(facts, table, found, index_bytes=index_bytes)
    told = tuple(notes)
    if found.blocks_writes and table is not None and (takes.seconds or float("inf")) > estimates.SMALL_SECONDS:
        tool = choose(facts, table, without_keys)
        if tool is not None:
            yield from by_tool(
                facts, phase, title, table=table, clauses=clauses, tool=tool, verify=verify, precondition=precondition,
                notes=(_why(found, takes), *told), without_keys=without_keys,
            )  # fmt: skip
            return
        told = (*told, _NO_TOOL)
    long = not found.is_instant and takes.disk is not None
    quiet = is_quiet(facts, key) if long or saw_old_transactions(facts) else None
    yield change(
        facts,
        phase,
        title,
        statement(facts, key, kind, clauses),
        found,
        takes=takes,
        before=before,
        after=after,
        verify=verify,
        precondition=all_of(precondition, quiet, row_versions(facts, table, found, kind)),
        rollback=rollback,
        reversible=reversible,
        point_of_no_return=point_of_no_return,
        observe_days=observe_days,
        notes=told,
    )


def _why(found: Way, takes: estimates.Estimate) -> str:
    least = "an unknown time" if takes.seconds is None else f"about {takes.seconds:,.0f} s"
    return f"The server takes {found.clause} at best, so that writes would wait for {least}."


# Manual, "Online DDL Operations", of 8.0.29 and later: each INSTANT ADD or DROP COLUMN makes a version of the row.
_VERSIONS_SINCE, _MORE_VERSIONS_SINCE = 80029, 90100
_VERSIONS, _MORE_VERSIONS = 64, 255


def row_versions(facts: Facts, table: Table | None, found: Way, kind: Change) -> str | None:
    """Write the query that is true while a table has a row version left for an INSTANT change of its columns.

    The dictionary writes other names than plain ones in a spelling of its own: for those the server's refusal tells.
    """
    counts = facts.target.engine == "mysql" and facts.version >= _VERSIONS_SINCE
    if table is None or not counts or not found.is_instant or kind not in ("add-column", "drop-column"):
        return None
    if table.partition_strategy is not None or not (f"{table.schema}{table.name}".replace("_", "").isalnum()
                                                    and f"{table.schema}{table.name}".isascii()):  # fmt: skip
        return None
    most = _MORE_VERSIONS if facts.version >= _MORE_VERSIONS_SINCE else _VERSIONS
    return (
        f"SELECT NOT EXISTS (SELECT 1 FROM information_schema.INNODB_TABLES WHERE NAME = '{table.schema}/{table.name}' "
        f"AND TOTAL_ROW_VERSIONS >= {most})"
    )
