"""What logical subscribers of a table have to be told: a column that is new here has to be there first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from auditor.connector import Draft
from auditor.model.catalog import Key
from auditor.model.facts import Facts
from auditor.model.vocabulary import Phase
from auditor_connectors.postgresql.recipes.sql import qualified
from auditor_connectors.postgresql.recipes.steps import runbook

RENAMED = (
    "The switch renames columns: disable the subscription right before it, rename them there too, and enable it again."
)


def publishing(facts: Facts, key: Key) -> list[str]:
    """Name the publications that hold a table."""
    return sorted(one.name for one in facts.server.publications if one.all_tables or key in one.tables)


def add_there_first(facts: Facts, key: Key, columns: Sequence[tuple[str, str]], *, renamed: bool) -> Iterator[Draft]:
    """Draft what is done on the subscribers before columns, each with its type, are added here.

    ``renamed``: the columns later take the names of others. Manual, "Logical Replication": columns are matched by
    their names, and the apply worker stops at one that its table lacks.
    """
    names = publishing(facts, key)
    if not names:
        return
    additions = ", ".join(f"ADD COLUMN IF NOT EXISTS {name} {kind}" for name, kind in columns)
    notes = [
        f"On each subscriber: ALTER TABLE {qualified(key)} {additions}",
        "Without it the apply worker stops at the first row. What is dropped later goes here first, and there after.",
    ]
    if renamed:
        notes.append(RENAMED)
    yield runbook(
        Phase.EXPAND,
        f"Add {', '.join(name for name, _ in columns)} to {'.'.join(key)} on every subscriber of {', '.join(names)}",
        notes=notes,
    )
