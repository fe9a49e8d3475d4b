"""How tables refer to each other: which index serves a reference, and the graph of references."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from auditor.model.catalog import Constraint, Index, Key, Table
from auditor.model.facts import Facts
from auditor.model.finding import Subject
from auditor.model.units import Unit


def serves(index: Index, columns: tuple[str, ...]) -> bool:
    """Whether the index finds the referring rows of a foreign key: it is usable and starts with its columns.

    The order of the columns does not matter. A partial index serves if it leaves out only rows whose key is null.
    """
    leading = [part.column if part.length is None else None for part in index.parts[: len(columns)]]
    if not index.complete or index.method not in ("btree", "hash") or set(leading) != set(columns):
        return False
    return index.predicate is None or _only_not_null(index.predicate, columns)


def _only_not_null(predicate: str, columns: tuple[str, ...]) -> bool:
    """Whether a predicate keeps every row that the key checks: it may leave out rows where a key column is null."""
    terms = re.split(r"\s+AND\s+", predicate.replace("(", " ").replace(")", " ").strip(), flags=re.IGNORECASE)
    allowed = {f"{name} IS NOT NULL" for column in columns for name in (column, '"' + column.replace('"', '""') + '"')}
    return all(" ".join(term.split()) in allowed for term in terms)


def is_served(key: Constraint, facts: Facts) -> bool:
    """Whether some index of the referring table, or one of each of its partitions, serves the foreign key."""
    table = referrer(key, facts)
    if table is None:
        return False
    if any(serves(index, key.columns) for index in facts.indexes_of(table.key)):
        return True
    leaves = facts.leaves(table) if table.kind == "partitioned" else ()
    return bool(leaves) and all(any(serves(i, key.columns) for i in facts.indexes_of(leaf.key)) for leaf in leaves)


def referrer(key: Constraint, facts: Facts) -> Table | None:
    """The table that refers: the whole table where the foreign key was declared at a partition."""
    table = facts.table(key.table_key)
    return None if table is None else facts.root(table)


def distinct_references(facts: Facts) -> list[Constraint]:
    """Foreign keys, each once: of those that the partitions of a table declare each for itself, the first."""
    found, seen = [], set()
    for key in facts.foreign_keys:
        table = referrer(key, facts)
        if table is not None and table.key != key.table_key:
            mark = (table.key, key.columns, key.referenced_key, key.referenced_columns)
            if mark in seen:
                continue
            seen.add(mark)
        found.append(key)
    return found


REFERENCES = Unit(
    plural="foreign keys", items=distinct_references, subject=lambda key: Subject(kind="constraint", name=key.path),
    weight=lambda facts, key: facts.exposure(referrer(key, facts)),
)  # fmt: skip


class Edge(NamedTuple):
    """A foreign key in the graph of references, which leads from the referenced table to ``child``."""

    child: Key
    key: Constraint


Graph = Mapping[Key, Sequence[Edge]]


def edges(keys: Iterable[Constraint], facts: Facts) -> Graph:
    """The graph of references by referenced table, without those of a table to itself."""
    found: dict[Key, list[Edge]] = {}
    for key in keys:
        child, parent = referrer(key, facts), facts.table(key.referenced_key)
        if child is not None and parent is not None and (whole := facts.root(parent)).key != child.key:
            found.setdefault(whole.key, []).append(Edge(child.key, key))
    return found


def components(graph: Graph) -> list[tuple[Key, ...]]:
    """The groups of tables that can be reached from each other, each sorted; tables that are in no circle are alone.

    Tarjan's algorithm (SIAM Journal on Computing 1, 1972), without recursion: schemas may be deeper than the stack.
    """
    numbers: dict[Key, int] = {}
    lowest: dict[Key, int] = {}
    stack: list[Key] = []
    found: list[tuple[Key, ...]] = []
    for start in sorted({*graph, *(edge.child for out in graph.values() for edge in out)}):
        if start in numbers:
            continue
        work = [(start, iter(graph.get(start, ())))]
        numbers[start] = lowest[start] = len(numbers)
        stack.append(start)
        while work:
            node, out = work[-1]
            for child, _ in out:
                if child not in numbers:
                    numbers[child] = lowest[child] = len(numbers)
                    stack.append(child)
                    work.append((child, iter(graph.get(child, ()))))
                    break
                if child in lowest:
                    lowest[node] = min(lowest[node], lowest[child])
            else:
                work.pop()
                if work:
                    lowest[work[-1][0]] = min(lowest[work[-1][0]], lowest[node])
                if lowest[node] == numbers[node]:
                    group: list[Key] = []
                    while not group or group[-1] != node:
                        group.append(stack.pop())
                        del lowest[group[-1]]
                    found.append(tuple(sorted(group)))
    return sorted(found)
