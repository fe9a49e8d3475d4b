"""The planner's working record: operations with the findings that asked for them, what must come first, conflicts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import TypeVar

import msgspec

from auditor.model.catalog import Key
from auditor.model.facts import Facts
from auditor.model.finding import Finding
from auditor.model.operation import Operation
from auditor.model.plan import Conflict
from auditor.model.vocabulary import Severity

Kind = TypeVar("Kind", bound=Operation)

UNGRADED = len(Severity)
"""The rank of an operation that no open finding asks for: after the least grave."""

FEW_PAIRS = 100
"""Up to here an edge for each pair costs less than a barrier."""


@dataclass
class Proposal:
    """An operation, the fingerprints of the findings that it resolves and the rank of the gravest (0: critical).

    ``wished``: the team asks for it, or for what it follows from.
    """

    operation: Operation
    findings: set[str] = field(default_factory=set)
    rank: int = UNGRADED
    wished: bool = False


@dataclass(frozen=True, order=True)
class Edge:
    """``later`` waits for ``earlier``: for all of its steps (``wholly``) or until its effect is there.

    With ``clearing`` only what ``later`` clears away at its end waits, not its beginning. A ``firm`` edge is a matter
    of correctness; the others make a plan better and yield when they form a cycle.
    """

    later: str
    earlier: str
    wholly: bool = False
    firm: bool = True
    reason: str = ""
    clearing: bool = False


@dataclass(frozen=True, eq=False)
class Barrier:
    """Every one of ``later`` waits for every one of ``earlier``: see Edge, of which this stands for one per pair.

    A table with a thousand operations of two kinds would have a million edges.
    """

    later: frozenset[str]
    earlier: frozenset[str]
    wholly: bool
    firm: bool
    reason: str

    def edge(self, later: str, earlier: str) -> Edge:
        """The edge that it stands for."""
        return Edge(later, earlier, self.wholly, self.firm, self.reason)


class Agenda:
    """What the planner's rules read and change. Iteration is by identity, so the order of the input does not matter."""

    def __init__(self, facts: Facts, proposals: Iterable[Proposal]) -> None:
        self.facts = facts
        self.proposals = {one.operation.id: one for one in sorted(proposals, key=lambda one: one.operation.id)}
        self.edges: dict[tuple[str, str], Edge] = {}
        self.barriers: list[Barrier] = []
        """What waits beside what the edges say; a pair may be in both."""
        self._waiting: dict[str, list[Barrier]] = defaultdict(list)
        self.conflicts: list[Conflict] = []
        self.carried: dict[str, str] = {}
        """Operations whose steps are those of another one, by identity."""

    # --- reading -------------------------------------------------------------------------------------------------

    def every(self, *kinds: type[Kind]) -> Sequence[Kind]:
        """Return the standing operations of some kinds."""
        return [one.operation for one in self.proposals.values() if isinstance(one.operation, kinds)]

    def by_table(self, *kinds: type[Kind]) -> dict[Key, list[Kind]]:
        """Return the standing operations of some kinds by the table that they work on."""
        found: dict[Key, list[Kind]] = defaultdict(list)
        for operation in self.every(*kinds):
            if operation.table_key is not None:
                found[operation.table_key].append(operation)
        return found

    def stands(self, operation: Operation) -> bool:
        """Whether an operation is still part of the plan."""
        return operation.id in self.proposals

    def rank(self, operation: Operation) -> int:
        """The gravity of an operation's findings, 0 for the gravest."""
        return self.proposals[operation.id].rank

    # --- deciding ------------------------------------------------------------------------------------------------

    def add(self, operation: Operation, cause: Operation) -> None:
        """Add an operation that follows from another one, for the sake of the same findings."""
        origin = self.proposals[cause.id]
        self.proposals.setdefault(operation.id, Proposal(operation, set(origin.findings), origin.rank, origin.wished))

    def replace(self, operation: Operation) -> None:
        """Put an operation in the place of the one with the same identity."""
        self.proposals[operation.id].operation = operation

    def omit(self, loser: Operation, winner: Operation | None, decision: str, reason: str) -> None:
        """Take an operation out and say why. ``winner`` does its work, so it inherits the findings."""
        proposal = self.proposals.pop(loser.id, None)
        if proposal is not None and winner is not None and winner.id in self.proposals:
            heir = self.proposals[winner.id]
            heir.findings |= proposal.findings
            heir.rank = min(heir.rank, proposal.rank)
            heir.wished |= proposal.wished
        others = () if winner is None else (winner.id,)
        self.conflict((loser.id, *others), decision, reason)

    def carry(self, carrier: Operation, riders: Sequence[Operation], decision: str, reason: str) -> None:
        """Let the steps of ``carrier`` do the work of ``riders``, which stay part of the plan."""
        heir = self.proposals[carrier.id]
        for rider in riders:
            self.carried[rider.id] = carrier.id
            heir.findings |= self.proposals[rider.id].findings
            heir.rank = min(heir.rank, self.proposals[rider.id].rank)
            heir.wished |= self.proposals[rider.id].wished
        self.conflict((carrier.id, *(rider.id for rider in riders)), decision, reason)

    def conflict(self, operations: Iterable[str], decision: str, reason: str) -> None:
        """Record a decision between operations."""
        self.conflicts.append(Conflict(operations=tuple(operations), decision=decision, reason=reason))

    def require(
        self,
        later: Operation,
        earlier: Operation,
        reason: str,
        *,
        wholly: bool = False,
        firm: bool = True,
        clearing: bool = False,
    ) -> None:
        """Let ``later`` wait for ``earlier``: see Edge."""
        first, second = self._carrier(earlier), self._carrier(later)
        if first == second:
            return
        for barrier in self._waiting.get(second, ()):
            if first in barrier.earlier:
                self._join(barrier.edge(second, first))
        self._join(Edge(second, first, wholly, firm, reason, clearing))

    def require_all(
        self,
        later: Sequence[Operation],
        earlier: Sequence[Operation],
        reason: str,
        *,
        wholly: bool = False,
        firm: bool = True,
    ) -> None:
        """Let every one of ``later`` wait for every other one of ``earlier``: see Edge."""
        waiting, others = frozenset(map(self._carrier, later)), frozenset(map(self._carrier, earlier))
        if len(waiting) * len(others) <= FEW_PAIRS or waiting & others:
            for one, other in product(later, earlier):
                self.require(one, other, reason, wholly=wholly, firm=firm)
            return
        barrier = Barrier(waiting, others, wholly, firm, reason)
        self.barriers.append(barrier)
        for identity in barrier.later:
            self._waiting[identity].append(barrier)

    def spell_out(self) -> None:
        """Put edges in the place of the barriers."""
        for barrier in self.barriers:
            for later, earlier in product(barrier.later, barrier.earlier):
                self._join(barrier.edge(later, earlier))
        self.barriers = []

    def _carrier(self, operation: Operation) -> str:
        return self.carried.get(operation.id, operation.id)

    def _join(self, edge: Edge) -> None:
        """Add an edge, or unite it with the one that is there; what was said first of the reason stands."""
        known = self.edges.get((edge.later, edge.earlier))
        if known is not None:
            edge = Edge(
                edge.later,
                edge.earlier,
                edge.wholly or known.wholly,
                edge.firm or known.firm,
                known.reason,
                edge.clearing and known.clearing,
            )
        self.edges[edge.later, edge.earlier] = edge


def propose(
    operations: Iterable[Operation], findings: Iterable[Finding], wishes: Iterable[Operation] = ()
) -> dict[str, list[Proposal]]:
    """Join every operation with its findings, by identity. Several of one identity differ in their content.

    Where they do, what the team asks for comes first.
    """
    asked: dict[str, set[str]] = defaultdict(set)
    rank: dict[str, int] = defaultdict(lambda: UNGRADED)
    for finding in findings:
        for identity in finding.operations:
            asked[identity].add(finding.fingerprint)
            rank[identity] = min(rank[identity], finding.severity.rank)
    found: dict[str, list[Proposal]] = defaultdict(list)
    wished = {msgspec.json.encode(operation): operation for operation in wishes}
    distinct = wished | {msgspec.json.encode(operation): operation for operation in operations}
    for encoded in sorted(distinct, key=lambda one: (one not in wished, one)):
        operation = distinct[encoded]
        proposal = Proposal(operation, set(asked[operation.id]), rank[operation.id], encoded in wished)
        found[operation.id].append(proposal)
    return found
