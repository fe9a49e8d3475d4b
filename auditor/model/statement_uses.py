"""What the counted statements ask of each table: their parsed parts, matched to the catalog."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from auditor.model.catalog import Key
from auditor.model.snapshot import Capabilities
from auditor.model.uses import Parsed, TableUse
from auditor.model.workload import Statement

if TYPE_CHECKING:
    from auditor.model.facts import Facts


class StatementUse(NamedTuple):
    """A statement together with what it asks of one table, once for each appearance of the table in it."""

    statement: Statement
    parsed: Parsed
    use: TableUse


def statement_uses(facts: Facts) -> Mapping[Key, Sequence[StatementUse]]:
    """What the statements ask of each table, by the names of its columns in the catalog.

    A name without a schema is that table's only if no other has it. Where a database is what others call a schema,
    such a name means the table of the statement's own database.
    """
    names = _Names(facts)
    found: dict[Key, list[StatementUse]] = defaultdict(list)
    for statement in facts.statements:
        parsed = _taken_apart(statement, facts.capabilities)
        for use in parsed.uses if parsed is not None else ():
            key = names.table_meant(use, statement)
            if parsed is not None and key is not None:
                found[key].append(StatementUse(statement, parsed, names.as_in_catalog(use, key)))
    return found


def writers_of(facts: Facts, key: Key) -> Sequence[Statement]:
    """The statements that change the rows of a table or view. A name without a schema may be that of any."""
    schema, name = key
    found = []
    for statement in facts.statements:
        parsed = _taken_apart(statement, facts.capabilities) if name in statement.text else None
        if parsed is not None and parsed.target is not None and parsed.target in ((schema, name), (None, name)):
            found.append(statement)
    return found


def _taken_apart(statement: Statement, capabilities: Capabilities) -> Parsed | None:
    """What a statement asks: as its engine told it, else as its text says."""
    if statement.parsed is not None or capabilities.language is None:
        return statement.parsed
    from auditor.parsing import parse  # a parser is slow to import, and not every audit has statements

    return parse(statement.text, capabilities.language)


class _Names:
    """Finds what names in statements stand for."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.by_name: dict[str, list[Key]] = defaultdict(list)
        self.folded: dict[Key, list[Key]] = defaultdict(list)
        for table in facts.catalog.tables:
            self.by_name[table.name].append(table.key)
            self.folded[table.schema, table.name.lower()].append(table.key)

    def table_meant(self, use: TableUse, statement: Statement) -> Key | None:
        """The address that a name in a statement stands for; None where several could be meant."""
        capabilities = self.facts.capabilities
        schema = use.schema
        if schema is None and capabilities.database_is_schema:
            schema = statement.database
        if schema is None:
            keys = self.by_name.get(use.name, ())
            return keys[0] if len(keys) == 1 else None
        if capabilities.columns_fold and self.facts.table((schema, use.name)) is None:
            folded = self.folded.get((schema, use.name.lower()), ())
            return folded[0] if len(folded) == 1 else None
        return (schema, use.name)

    def as_in_catalog(self, use: TableUse, key: Key) -> TableUse:
        """The use with the names of columns as the catalog writes them, where the engine does not tell their case."""
        table = self.facts.table(key)
        if not self.facts.capabilities.columns_fold or table is None:
            return use
        own = {column.name.lower(): column.name for column in table.columns}

        def named(names: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(own.get(name.lower(), name) for name in names)

        return replace(
            use, name=table.name, equal=named(use.equal), ranges=named(use.ranges), below=named(use.below),
            nulls=named(use.nulls), searched=tuple((own.get(n.lower(), n), operator) for n, operator in use.searched),
            computed=named(use.computed), joined=named(use.joined), order=named(use.order),
        )  # fmt: skip
