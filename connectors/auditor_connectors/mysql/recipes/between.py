"""Foreign keys that are dropped while the columns at their ends change, and declared again when both have."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from auditor.connector import Draft
from auditor.model.catalog import Constraint
from auditor.model.facts import Facts
from auditor.model.vocabulary import Phase
from auditor_connectors.mysql.quoting import ident
from auditor_connectors.mysql.recipes.altering import Alteration, alter
from auditor_connectors.mysql.recipes.queries import any_of, constraint_is, not_
from auditor_connectors.mysql.recipes.references import restored

_MEANWHILE = (
    "From here until it is declared again the server neither refuses an orphan nor follows {rules}: the application "
    "must not rely on it, or must do it itself."
)


def keys_at(facts: Facts, columns: Collection[tuple[str, str, str]]) -> list[Constraint]:
    """The foreign keys that hold one of the columns (schema, table, column) at either end."""
    found = [
        key
        for key in facts.foreign_keys
        if key.referenced_key is not None
        and not {
            *((*key.table_key, column) for column in key.columns),
            *((*key.referenced_key, column) for column in key.referenced_columns),
        }.isdisjoint(columns)
    ]
    return sorted(found, key=lambda key: (key.schema, key.table, key.name))


def drop_between(facts: Facts, key: Constraint, until: str, still: str | None) -> Iterator[Draft]:
    """Draft the drop of a key. ``until`` says in the title when it comes again.

    ``still`` is the query that is true while the referring column is as it is now: the step is done once the key is
    gone, or is there again between columns that have changed.
    """
    rules = ", ".join(
        f"ON {event} {rule.upper()}"
        for event, rule in (("DELETE", key.on_delete), ("UPDATE", key.on_update))
        if rule not in ("no action", "restrict")
    )
    gone = constraint_is(key.table_key, key.name, absent=True)
    yield from alter(
        facts,
        Phase.SWITCH,
        f"Drop the foreign key {'.'.join(key.table_key)}.{key.name} {until}",
        Alteration(key.table_key, "drop-reference", f"DROP FOREIGN KEY {ident(key.name)}"),
        verify=gone if still is None else any_of(gone, not_(still)),
        rollback=restored(facts, key),
        notes=(_MEANWHILE.format(rules=rules or "its rule"),),
    )
