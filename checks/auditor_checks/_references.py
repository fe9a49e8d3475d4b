"""How tables refer to each other: which index serves a reference, and the graph of references."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from auditor.model.catalog import Constraint, Index, Key
from auditor.model.facts import Facts


def serves(index: Index, columns: tuple[str, ...]) -> bool:
    """Whether the index finds the referring rows of a foreign key: it is usable and starts with its columns.

    The order of the columns does not matter. A partial index serves if it leaves out only rows whose key is null.
    """
    leading = [part.column for part in index.parts[: len(columns)]]
    if not index.usable or index.method not in ("btree", "hash") or set(leading) != set(columns):
        return False
    return index.predicate is None or _only_not_null(index.predicate, columns)


def _only_not_null(predicate: str, columns: tuple[str, ...]) -> bool:
    """Whether a predicate keeps every row that the key checks: it may leave out rows where a key column is null."""
    terms = re.split(r"\s+AND\s+", predicate.replace("(", " ").replace(")", " ").strip(), flags=re.IGNORECASE)
    allowed = {f"{name} IS NOT NULL" for column in columns for name in (column, '"' + column.replace('"', '""') + '"')}
    return all(" ".join(term.split()) in allowed for term in terms)


def is_served(key: Constraint, facts: Facts) -> bool:
    """Whether some index of the referring table, or one of each of its partitions, serves the foreign key."""
    if any(serves(index, key.columns) for index in facts.indexes_of(key.table_key)):
        return True
    table = facts.table(key.table_key)
    leaves = facts.leaves(table) if table is not None and table.kind == "partitioned" else ()
    return bool(leaves) and all(any(serves(i, key.columns) for i in facts.indexes_of(leaf.key)) for leaf in leaves)


def edges(keys: Iterable[Constraint]) -> Mapping[Key, Sequence[Constraint]]:
    """Foreign keys by the table that they refer to, without those of a table to itself."""
    found: dict[Key, list[Constraint]] = {}
    for key in keys:
        if key.referenced_key is not None and key.referenced_key != key.table_key:
            found.setdefault(key.referenced_key, []).append(key)
    return found


def components(graph: Mapping[Key, Sequence[Constraint]]) -> list[tuple[Key, ...]]:
    """The groups of tables that can be reached from each other, each sorted; tables that are in no circle are alone.

    Tarjan's algorithm (SIAM Journal on Computing 1, 1972), without recursion: schemas may be deeper than the stack.
    """
    numbers: dict[Key, int] = {}
    lowest: dict[Key, int] = {}
    stack: list[Key] = []
    found: list[tuple[Key, ...]] = []
    for start in sorted({*graph, *(key.table_key for keys in graph.values() for key in keys)}):
        if start in numbers:
            continue
        work = [(start, iter(graph.get(start, ())))]
        numbers[start] = lowest[start] = len(numbers)
        stack.append(start)
        while work:
            node, keys = work[-1]
            for key in keys:
                child = key.table_key
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
                    group = []
                    while not group or group[-1] != node:
                        group.append(stack.pop())
                        del lowest[group[-1]]
                    found.append(tuple(sorted(group)))
    return sorted(found)
