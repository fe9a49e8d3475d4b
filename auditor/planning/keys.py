"""Rules about keys of a key-value store: what is done to keys of one pattern, and to the servers that hold them."""

from __future__ import annotations

from msgspec.structs import replace

from auditor.model.operation import (
    AddReplica,
    EnableTls,
    ExpireKeys,
    MoveKeys,
    MoveToCluster,
    Operation,
    RenameKeys,
    RestrictAccounts,
    SetSetting,
    SplitKey,
    TrimStream,
    UpgradeServer,
)
from auditor.planning.agenda import Agenda

Pattern = tuple[str, int]
"""A key pattern, with the number of its database."""

_ELSEWHERE = (MoveKeys, RenameKeys, SplitKey)
"""Kinds that make other keys of those that are there."""


def patterns_of(operation: Operation) -> frozenset[Pattern]:
    """The key patterns that an operation works on."""
    match operation:
        case ExpireKeys() | RenameKeys() | SplitKey() | TrimStream():
            return frozenset({(operation.pattern, operation.database)})
        case MoveKeys():
            return frozenset((pattern, operation.database) for pattern in operation.patterns)
    return frozenset()


def settle_keys(agenda: Agenda) -> None:
    """Make other keys of a pattern in one way only: the steps of a second would name keys that are gone."""
    for rename in agenda.every(RenameKeys):
        split = next((one for one in agenda.every(SplitKey) if patterns_of(one) == patterns_of(rename)), None)
        if split is not None:
            loser, winner = (split, rename) if _asked(agenda, rename) > _asked(agenda, split) else (rename, split)
            agenda.omit(loser, None, f"{winner.id} stands", _AGAIN.format(winner.id))
    taken: dict[Pattern, MoveKeys] = {}
    for move in agenda.every(MoveKeys):
        kept = []
        for pattern in move.patterns:
            place = (pattern, move.database)
            if place in taken:
                agenda.conflict((move.id, taken[place].id), f"{taken[place].id} moves {pattern}", "A key moves once.")
            elif _gives_way(agenda, move, place):
                kept.append(pattern)
                taken[place] = move
        if not kept:
            agenda.omit(move, None, "Nothing moves", "Other changes take all of its keys.")
        elif len(kept) < len(move.patterns):
            agenda.replace(replace(move, patterns=tuple(kept)))


_AGAIN = "{} makes other keys of them: audit again when that is done."


def _gives_way(agenda: Agenda, move: MoveKeys, place: Pattern) -> bool:
    """Whether a move keeps a pattern: what the team asks for goes first, then the smaller change."""
    for other in agenda.every(RenameKeys, SplitKey):
        if place not in patterns_of(other):
            continue
        if _asked(agenda, other) >= _asked(agenda, move):
            agenda.conflict((other.id, move.id), f"{place[0]} does not move", _AGAIN.format(other.id))
            return False
        agenda.omit(other, None, f"{move.id} stands", _AGAIN.format(move.id))
    return True


def _asked(agenda: Agenda, operation: Operation) -> bool:
    return agenda.proposals[operation.id].wished


def order_keys(agenda: Agenda) -> None:
    """Change keys where they are before they go elsewhere, and a server before its keys are spread over several."""
    for elsewhere in agenda.every(*_ELSEWHERE):
        for change in agenda.every(ExpireKeys, TrimStream):
            if patterns_of(change) & patterns_of(elsewhere):
                trimmed = isinstance(change, TrimStream)
                reason = "what is dropped need not be copied" if trimmed else "an expiry is copied with its key"
                agenda.require(elsewhere, change, reason, wholly=trimmed)
    for cluster in agenda.every(MoveToCluster):
        for earlier in agenda.every(ExpireKeys, TrimStream, UpgradeServer, *_ELSEWHERE):
            agenda.require(cluster, earlier, "what stays where it is, or goes, need not be spread", wholly=True)


def order_access(agenda: Agenda) -> None:
    """Encrypt the connections before passwords cross them."""
    agenda.require_all(
        agenda.every(RestrictAccounts),
        agenda.every(EnableTls),
        "passwords would cross the network readable",
        firm=False,
    )


def order_restarts(agenda: Agenda) -> None:
    """Have a replica before a server restarts that loads everything into memory first."""
    if not agenda.facts.keyspace.databases:
        return
    settings = [one for one in agenda.every(SetSetting) if one.restart]
    restarts = (*settings, *agenda.every(UpgradeServer))
    agenda.require_all(restarts, agenda.every(AddReplica), "a replica serves while the server restarts", firm=False)


BEFORE = (settle_keys,)
"""What decides which operations stand."""

AFTER = (order_keys, order_access, order_restarts)
"""What orders those that stand."""
