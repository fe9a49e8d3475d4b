"""Which index makes another one superfluous: the one place where two indexes are compared."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from msgspec.structs import replace

from auditor.model.catalog import Index, Key
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Subject
from auditor.model.operation import AnyOperation, DropConstraint, DropIndex
from auditor.model.units import table_subject
from auditor_checks._words import SIZES


class Kind(StrEnum):
    """How an index is covered by another one, the closest first. Each kind is one check's business."""

    DUPLICATE = "duplicate"
    SHADOWED = "shadowed"
    PREFIX = "prefix"
    INCLUDE = "include"


class Redundancy(NamedTuple):
    """That an index can go: ``near`` is the index that shows it, ``keeper`` the one that stays in its place."""

    kind: Kind
    near: Index
    keeper: Index


def redundancy(index: Index, facts: Facts) -> Redundancy | None:
    """Say whether another index of the table does all that this one does; None when it must stay.

    Of equal indexes exactly one is never redundant. The keeper is never redundant itself, so that dropping every
    redundant index of a table loses nothing. Six checks ask, so the answer is kept for as long as the facts.
    """
    known: dict[Key, Redundancy | None] = facts.once(redundancy, dict)
    key = index.key
    if key not in known:
        known[key] = _find(index, facts)
    return known[key]


def _find(index: Index, facts: Facts) -> Redundancy | None:
    found = _coverers(index, facts)
    if not found:
        return None
    kind, near = min(found, key=lambda pair: (list(Kind).index(pair[0]), pair[1].bytes or 0, pair[1].name))
    keepers = [other for _, other in found if not _coverers(other, facts)]
    keeper = near if near in keepers else min(keepers, key=lambda other: (other.bytes or 0, other.name))
    return Redundancy(kind, near, keeper)


def evidence(index: Index, found: Redundancy, facts: Facts) -> tuple[Evidence, ...]:
    """The sizes and scans of both indexes."""
    return (
        Evidence(
            name="size of the redundant one",
            value=facts.index_bytes(index),
            unit="bytes",
            probe=SIZES,
        ),
        Evidence(name="scans of the redundant one", value=facts.index_scans(index), unit="scans", probe="index-usage"),
        Evidence(
            name="size of the one that stays",
            value=facts.index_bytes(found.keeper),
            unit="bytes",
            probe=SIZES,
        ),
        Evidence(
            name="scans of the one that stays", value=facts.index_scans(found.keeper), unit="scans", probe="index-usage"
        ),
    )


def related(index: Index, found: Redundancy, facts: Facts) -> tuple[Subject, ...]:
    """The other indexes and the table."""
    others, table = {found.near.path: None, found.keeper.path: None}, facts.table(index.table_key)
    indexes = tuple(Subject(kind="index", name=path) for path in others)
    return indexes if table is None else (*indexes, table_subject(table))


def drop(index: Index, found: Redundancy, observe_days: int = 0) -> tuple[AnyOperation, ...]:
    """The operation that removes the index, by its constraint where it has one."""
    if index.constraint is not None:
        return (DropConstraint(schema=index.schema, table=index.table, name=index.constraint),)
    return (
        DropIndex(
            schema=index.schema, table=index.table, name=index.name,
            covered_by=found.keeper.name, observe_days=observe_days,
        ),
    )  # fmt: skip


def is_referenced(index: Index, facts: Facts) -> bool:
    """Whether a foreign key refers to the key that this index enforces."""
    return any(
        key.index == index.name and key.referenced_schema == index.schema for key in facts.referencing(index.table_key)
    )


def is_protected(index: Index, facts: Facts) -> bool:
    """Whether the index is there for more than searching and no other index may take its place unasked."""
    return (
        index.primary
        or index.exclusion
        or index.expire_seconds is not None
        or index.replica_identity
        or index.parent_name is not None
        or is_referenced(index, facts)
    )


def _coverers(index: Index, facts: Facts) -> list[tuple[Kind, Index]]:
    """The indexes that cover this one, without those that are equal and rank below it."""
    others = facts.indexes_of(index.table_key)
    if len(others) < 2 or not index.usable or is_protected(index, facts):
        return []
    found = []
    for other in others:
        kind = _kind(index, other, facts) if other is not index and other.usable else None
        if kind is None or (kind is Kind.DUPLICATE and _precedence(other, facts) > _precedence(index, facts)):
            continue
        if index.constraint is not None and kind is not Kind.DUPLICATE:
            continue  # a constraint goes only where an equal one stays
        found.append((kind, other))
    return found


def _kind(index: Index, other: Index, facts: Facts) -> Kind | None:
    if index.method != other.method or index.predicate != other.predicate or index.sparse != other.sparse:
        return None
    if facts.capabilities.mirrored_indexes:
        index, other = _upright(index), _upright(other)
    if index.parts[:1] != other.parts[:1]:
        return None
    if index.method != "btree" and index.options != other.options:
        return None
    payload = set(index.include)
    if index.parts == other.parts:
        return _same_key(index, other, payload)
    longer = len(index.parts) < len(other.parts) and other.parts[: len(index.parts)] == index.parts
    if index.method != "btree" or index.unique or not longer:
        return None
    if not payload:
        return Kind.PREFIX
    return Kind.INCLUDE if payload <= {*other.columns, *other.include} else None


def _upright(index: Index) -> Index:
    """The index that begins upwards and gives the same orders, read from its other end."""
    if index.method != "btree" or not index.parts or not index.parts[0].descending:
        return index
    return replace(index, parts=tuple(replace(part, descending=not part.descending) for part in index.parts))


def _same_key(index: Index, other: Index, payload: set[str]) -> Kind | None:
    if not index.unique and other.unique:
        return Kind.SHADOWED if payload <= set(other.include) else None
    if (index.unique, index.nulls_not_distinct, index.deferrable) != (
        other.unique,
        other.nulls_not_distinct,
        other.deferrable,
    ):
        return None
    if payload == set(other.include):
        return Kind.DUPLICATE
    return Kind.INCLUDE if payload < set(other.include) else None


def _precedence(index: Index, facts: Facts) -> tuple[bool, bool, bool, bool, bool, bool, bool, int, int, str]:
    """Order equal indexes, the one that stays first: by what would be lost with it, then by its use and its name."""
    return (
        index.parent_name is None,
        not index.primary,
        not is_referenced(index, facts),
        not index.replica_identity,
        not index.exclusion,
        index.constraint is None,
        not index.clustered,
        -(facts.index_scans(index) or 0),
        len(index.name),
        index.name,
    )
