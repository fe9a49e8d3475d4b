"""Columns that refer to another table by their name and type: the one place where such references are guessed."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from auditor.model.catalog import Column, Table
from auditor.model.facts import Facts
from auditor_checks._hidden import values_probe
from auditor_checks._names import singulars, words
from auditor_checks.integrity._keys import is_pattern

_OUTSIDE = {
    "external", "ext", "remote", "foreign", "legacy", "old", "original", "source", "upstream", "provider", "vendor",
    "third", "stripe", "paypal", "google", "facebook", "github", "gitlab", "apple", "twitter", "slack", "salesforce",
    "shopify", "correlation", "trace", "tracking",
}  # fmt: skip
"""Words of identifiers that other systems issue."""

_RECORDS = {
    "log", "logs", "audit", "audits", "history", "histories", "archive", "archives", "archived", "backup", "backups",
    "bak", "staging", "stage", "import", "imports", "export", "exports", "tmp", "temp", "snapshot", "snapshots", "old",
    "changelog", "versions", "revisions", "dump",
}  # fmt: skip
"""Last words of tables that keep what referred to rows that may be gone."""


class Implied(NamedTuple):
    """A column that seems to refer to the primary key of ``target``.

    ``exact`` says that the whole name is that of the target; otherwise words stand before it ("billing_customer_id").
    ``joins`` counts the statements that compare the two columns; ``contained`` whether the column has no more distinct
    values than the target has rows, None where that is not known; ``probe`` brought that.
    """

    table: Table
    column: Column
    target: Table
    key: Column
    exact: bool
    joins: int
    contained: bool | None
    probe: str

    @property
    def path(self) -> str:
        """The column's name as a report shows it."""
        return self.table.column_path(self.column.name)

    @property
    def obstacle(self) -> str | None:
        """What of the column has to become as it is at the key before a foreign key can be declared: type or collation.

        MySQL and MariaDB want integers of one width and sign and texts of one character set and collation:
        https://dev.mysql.com/doc/refman/8.4/en/create-table-foreign-keys.html
        """
        own, key = self.column, self.key
        if self.table.engine is None:
            return None
        if own.family == "integer" and (own.bits, own.unsigned) != (key.bits, key.unsigned):
            return "type"
        return "collation" if own.collation != key.collation else None


def records_what_is_gone(table: Table) -> bool:
    """Whether the table's name says that it keeps traces: then its values refer to nothing and repeat by nature."""
    name = words(table.name)
    return not name or name[0] in _RECORDS or name[-1] in _RECORDS


def implied_references(facts: Facts) -> list[Implied]:
    """Every undeclared reference that a column's name and type suggest, unless its statistics contradict."""
    targets, joins = _targets(facts), _Joins(facts)
    found = []
    for table in facts.tables:
        if records_what_is_gone(table) or is_pattern(table, facts) or not _keeps_references(table):
            continue
        declared = {
            name
            for part in (table, *(facts.leaves(table) if table.kind == "partitioned" else ()))
            for key in facts.constraints_of(part.key, "foreign-key")
            for name in key.columns
        }
        for column in table.columns:
            match = _target(table, column, targets) if column.name not in declared else None
            if match is None or _polymorphic(table, column.name) or not _OUTSIDE.isdisjoint(words(column.name)):
                continue
            target, key, exact = match
            if _kept_by_triggers(table, target, facts):
                continue
            distinct, probe = _distinct(table, column, facts)
            contained = None if distinct is None else distinct <= facts.rows(target) * 1.2 + 1
            if contained is not False:
                uses = joins.count(table, column, target, key)
                found.append(Implied(table, column, target, key, exact, uses, contained, probe))
    return found


def _kept_by_triggers(table: Table, target: Table, facts: Facts) -> bool:
    """Whether triggers of the other table take rows out of this one: then it is a copy of what stands there."""
    return any(
        trigger.table_key == target.key and "delete" in trigger.events and table.key in trigger.writes
        for trigger in facts.triggers
    )


def _keeps_references(table: Table) -> bool:
    """Whether a foreign key can be declared from and to the table.

    Of MySQL's and MariaDB's storage engines only InnoDB (and NDB) keeps them, and only of tables without partitions:
    https://dev.mysql.com/doc/refman/8.4/en/create-table-foreign-keys.html
    """
    if table.engine is None:
        return True
    return table.engine.lower() in ("innodb", "ndbcluster") and table.partition_strategy is None


Targets = Mapping[str, Sequence[tuple[Table, Column, tuple[str, ...]]]]
"""Tables with a primary key of one column, and the first words of their name, by the singulars of its last word."""


def _targets(facts: Facts) -> Targets:
    found: dict[str, list[tuple[Table, Column, tuple[str, ...]]]] = defaultdict(list)
    for table in facts.tables:
        key, name = facts.primary_key(table.key), words(table.name)
        column = table.column(key.columns[0]) if key is not None and len(key.columns) == 1 else None
        if column is not None and not records_what_is_gone(table) and _keeps_references(table):
            for last in singulars(name[-1]):
                found[last].append((table, column, name[:-1]))
    return found


_KEY_FAMILIES = frozenset({"integer", "uuid", "text", "char", "decimal"})


def _target(table: Table, column: Column, targets: Targets) -> tuple[Table, Column, bool] | None:
    """The one table that a column's name points to, its key, and whether the whole name says so; None if not clear."""
    name = _key_words(column.name)
    if len(name) < 2 or column.family not in _KEY_FAMILIES:
        return None
    fits = []
    for cut in range(1, min(len(name), 3)):
        stem, tail = name[:-cut], name[-cut:]
        for target, key, before in targets.get(stem[-1], ()):
            if not _same_type(column, key):
                continue
            short = before if target.key == table.key else _without_prefix(before, table)
            for full in {(*before, stem[-1]), (*short, stem[-1])}:
                if stem[-len(full) :] == full and _key_words(key.name) in (tail, (*full, *tail)):
                    fits.append((len(stem) == len(full), target.schema == table.schema, target, key))
    if not fits:
        return None
    rank = max((exact, near) for exact, near, _, _ in fits)
    best = [(target, key) for exact, near, target, key in fits if (exact, near) == rank]
    target, key = best[0]
    if len({other.key for other, _ in best}) > 1 or (rank[0] and target.key == table.key):
        return None  # two tables could be meant, or it is a name for the table's own rows
    return target, key, rank[0]


def _without_prefix(before: tuple[str, ...], table: Table) -> tuple[str, ...]:
    """The first words of a target's name without those that the referring table's name begins with too.

    Frameworks and old conventions set the module before each table's name: ward_visit.patient_id means ward_patient.
    """
    own = words(table.name)
    shared = next((n for n, (one, other) in enumerate(zip(before, own, strict=False)) if one != other), None)
    return before[min(len(before), len(own)) if shared is None else shared :]


def _key_words(name: str) -> tuple[str, ...]:
    """The words of a key's name; "id_customer" is read as "customer_id"."""
    found = words(name)
    return (*found[1:], "id") if len(found) > 1 and found[0] == "id" else found


def _same_type(column: Column, key: Column) -> bool:
    """Whether values of both can be equal without conversion; blank-padded text is of a kind of its own."""
    return column.family == key.family and column.family in _KEY_FAMILIES


_TABLE_WORDS = {"type", "kind", "class", "table", "model", "entity"}


def _polymorphic(table: Table, name: str) -> bool:
    """Whether a sibling says to which table the value belongs ("owner_type" beside "owner_id")."""
    stem = words(name)[:-1]
    wanted = {(*stem, word) for word in _TABLE_WORDS}
    return bool(stem) and any(words(column.name) in wanted for column in table.columns)


def names_a_table(table: Table, name: str) -> bool:
    """Whether a column says to which table its sibling refers ("owner_type" beside "owner_id")."""
    found = words(name)
    if len(found) < 2 or found[-1] not in _TABLE_WORDS:
        return False
    return any(words(column.name) == (*found[:-1], "id") for column in table.columns)


def _distinct(table: Table, column: Column, facts: Facts) -> tuple[float | None, str]:
    """How many values a column has by its statistics, or by those of an index that it leads; and the probe of that."""
    statistics, rows = column.statistics, facts.rows(table)
    if statistics is None or (statistics.distinct is None and statistics.distinct_ratio is None):
        leading = [
            index.distinct
            for index in facts.indexes_of(table.key)
            if index.distinct is not None and index.columns[:1] == (column.name,) and index.parts[0].length is None
        ]
        return (min(leading) if leading and rows else None), "index-sizes"
    if statistics.null_fraction == 1.0 or not rows:
        return None, values_probe(facts)
    distinct = statistics.distinct
    if distinct is None and statistics.distinct_ratio is not None:
        distinct = statistics.distinct_ratio * rows
    return distinct, values_probe(facts)


class _Joins:
    """The statements that compare two columns, found through the words that occur in them."""

    def __init__(self, facts: Facts) -> None:
        self._texts = [statement.text.lower() for statement in facts.statements]
        self._by_word: dict[str, set[int]] = defaultdict(set)
        for number, text in enumerate(self._texts):
            for word in set(re.findall(r"\w+", text)):
                self._by_word[word].add(number)

    def count(self, table: Table, column: Column, target: Table, key: Column) -> int:
        """Count the statements that name both tables and compare the columns."""
        needed = [table.name.lower(), column.name.lower(), target.name.lower(), key.name.lower()]
        both = set.intersection(*(self._by_word.get(word, set()) for word in needed))
        own, other = (rf'(?<!\w)(?:["`]?\w+["`]?\.)*["`]?{re.escape(name)}["`]?' for name in (needed[1], needed[3]))
        pattern = re.compile(rf"{own}\s*=\s*{other}(?!\w)|{other}\s*=\s*{own}(?!\w)|\busing\s*\(\s*{own}\s*\)")
        return sum(1 for number in both if pattern.search(self._texts[number]))
