"""Unites proposals of the same identity: the same change, asked for by several checks with different details."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import asdict, replace

from auditor.model.operation import (
    AddIndex,
    AlterRole,
    ChangeCharacterSet,
    CreateExtension,
    DropIndex,
    ExpireKeys,
    MoveKeys,
    MoveToCluster,
    Operation,
    RefreshCollation,
    RestrictAccounts,
    Revoke,
    SetTableOptions,
    TrimStream,
    VacuumTable,
)
from auditor.model.plan import Conflict
from auditor.planning.agenda import Proposal


def merge_all(proposals: Mapping[str, Sequence[Proposal]]) -> tuple[list[Proposal], list[Conflict]]:
    """Unite each group of one identity into one proposal; say which details gave way."""
    merged: list[Proposal] = []
    conflicts: list[Conflict] = []
    for identity, group in sorted(proposals.items()):
        first, *rest = group
        operation = first.operation
        for other in rest:
            united = merge(operation, other.operation)
            lost = _lost(united, operation, other.operation)
            if lost:
                conflicts.append(
                    Conflict(
                        operations=(identity,),
                        decision=f"One change with {', '.join(f'{name} {value}' for name, value in lost)}",
                        reason="Findings ask for the same change with different details; it can be made only once.",
                    )
                )
            operation = united
        merged.append(Proposal(operation, set(first.findings), first.rank, first.wished))
    return merged, conflicts


def merge(one: Operation, other: Operation) -> Operation:
    """Unite two operations of the same identity. Where their details exclude each other, the first one's stand."""
    match one, other:
        case SetTableOptions(), SetTableOptions():
            return replace(one, options={**other.options, **one.options})
        case AddIndex(), AddIndex():
            include = tuple(dict.fromkeys((*one.include, *other.include)))
            replaces = one.replaces or other.replaces
            return replace(one, include=include, unique=one.unique or other.unique, replaces=replaces)
        case DropIndex(), DropIndex():
            # An index that another one covers can go whether or not it is used.
            days = max(one.observe_days, other.observe_days)
            return replace(one, covered_by=one.covered_by or other.covered_by, observe_days=days)
        case VacuumTable(), VacuumTable():
            return replace(one, freeze=one.freeze or other.freeze)
        case CreateExtension(), CreateExtension():
            return replace(one, preload=one.preload or other.preload)
        case AlterRole(), AlterRole():
            return replace(one, attributes={**other.attributes, **one.attributes})
        case Revoke(), Revoke():
            return replace(one, privileges=tuple(sorted({*one.privileges, *other.privileges})))
        case ChangeCharacterSet(), ChangeCharacterSet():
            columns = tuple(sorted({*one.columns, *other.columns}))
            return replace(one, columns=columns, collation=one.collation or other.collation)
        case RefreshCollation(), RefreshCollation():
            return replace(one, indexes=tuple(sorted({*one.indexes, *other.indexes})))
    return _of_keys(one, other) or _filled(one, other)


def _of_keys(one: Operation, other: Operation) -> Operation | None:
    """Unite two operations on keys, None if they are others."""
    match one, other:
        case ExpireKeys(), ExpireKeys():
            # Who asks for the longer life needs the keys for so long.
            return max(one, other, key=lambda each: each.seconds)
        case TrimStream(), TrimStream():
            return max(one, other, key=lambda each: each.entries)
        case MoveKeys(), MoveKeys():
            return replace(one, patterns=tuple(sorted({*one.patterns, *other.patterns})))
        case MoveToCluster(), MoveToCluster():
            tagged = tuple(sorted({*one.tagged, *other.tagged}))
            return replace(one, shards=max(one.shards, other.shards), tagged=tagged)
        case RestrictAccounts(), RestrictAccounts():
            commands = tuple(sorted({*one.commands, *other.commands}))
            # Without patterns it is every key.
            patterns = tuple(sorted({*one.patterns, *other.patterns})) if one.patterns and other.patterns else ()
            return replace(one, commands=commands, patterns=patterns)
    return None


def _filled(one: Operation, other: Operation) -> Operation:
    """Fill in what one of them leaves open from the other."""
    given = {name: getattr(other, name) for name, value in asdict(one).items() if value is None or value in ((), "")}
    return replace(one, **{name: value for name, value in given.items() if value})


def _lost(united: Operation, *sources: Operation) -> list[tuple[str, object]]:
    """Return the details of the united operation that contradict one of its sources: two values, one of which won."""
    result: list[tuple[str, object]] = []
    for name, value in asdict(united).items():
        for source in sources:
            theirs = getattr(source, name)
            if theirs is None:
                contrary = False
            elif isinstance(value, dict):
                contrary = any(value[key] != theirs[key] for key in theirs)
            elif isinstance(value, tuple):
                contrary = not set(theirs) <= set(value)
            else:
                contrary = theirs != value and theirs not in (False, 0)
            if contrary and (name, value) not in result:
                result.append((name, value))
    return result
