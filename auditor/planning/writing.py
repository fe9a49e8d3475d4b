"""Turns the operations that stand into numbered steps, with the help of the engine's recipes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from auditor.connector import Draft, Recipe
from auditor.model.catalog import Key
from auditor.model.operation import CreateExtension, Operation
from auditor.model.plan import PlanPhase, Step
from auditor.model.vocabulary import Phase
from auditor.planning.agenda import UNGRADED, Agenda, Barrier, Edge
from auditor.planning.cutover import cutover_of
from auditor.planning.ordering import sort
from auditor.planning.phases import EXIT_CRITERIA, GOALS
from auditor.planning.waves import waves_of

RANKS = {phase: phase.rank for phase in Phase}

ASKED = "Asked for in auditor.toml."
"""Said by the steps of what the team asks for."""

UNKNOWN_SECONDS = float("inf")
"""What takes nobody knows how long comes after what is known to be short."""


@dataclass(eq=False, kw_only=True)
class Place:
    """A place in the order: what it waits for, and what it takes over from there."""

    after: set[Place] = field(default_factory=set)
    phase: Phase = Phase.PREPARE
    rank: int = UNGRADED


@dataclass(eq=False, kw_only=True)
class Gate(Place):
    """Stands between many steps and many that wait for all of them, and hands on what it takes over."""


@dataclass(eq=False, kw_only=True)
class Node(Place):
    """A step on its way: who asked for it, what it waits for, where it stands."""

    draft: Draft
    operation: str
    number: int
    """Its place among the steps of its operation."""
    findings: set[str]
    table: Key | None
    first_of_all: bool
    wished: bool
    cost: float = 0.0


def write(agenda: Agenda, recipes: Mapping[str, Recipe]) -> tuple[PlanPhase, ...]:
    """Ask the recipes for steps, join those that are done once, order all and number them by phase."""
    chains = {
        identity: _chain(agenda, identity, recipes)
        for identity in agenda.proposals
        if identity not in agenda.carried
    }  # fmt: skip
    gates = _link(agenda, chains)
    nodes = _join_once([node for chain in chains.values() for node in chain], gates)
    after = {place: place.after for place in (*gates, *nodes)}
    chronological = sort(after, lambda place: place.operation if isinstance(place, Node) else "")
    _settle_phases(chronological)
    _inherit_rank(chronological)
    _add_costs(nodes)
    places = sort(after, _priority)
    ordered = [place for place in places if isinstance(place, Node)]
    _one_at_a_time(ordered)
    _keep_direct(places)
    operations = {identity: one.operation for identity, one in agenda.proposals.items()}
    return tuple(
        replace(phase, waves=waves_of(phase.steps, operations, agenda.facts))
        for phase in _number(ordered, _closing(ordered))
    )


# --- from operations to nodes ------------------------------------------------------------------------------------


def _chain(agenda: Agenda, identity: str, recipes: Mapping[str, Recipe]) -> list[Node]:
    proposal = agenda.proposals[identity]
    operation = proposal.operation
    nodes: list[Node] = []
    for number, draft in enumerate(_drafts(agenda, operation, recipes)):
        node = Node(
            draft=draft, operation=identity, number=number, findings=set(proposal.findings), rank=proposal.rank,
            table=operation.table_key, after={nodes[-1]} if nodes else set(), phase=Phase(draft.phase),
            first_of_all=isinstance(operation, CreateExtension) and operation.preload, wished=proposal.wished,
        )  # fmt: skip
        nodes.append(node)
    return nodes


def _drafts(agenda: Agenda, operation: Operation, recipes: Mapping[str, Recipe]) -> Sequence[Draft]:
    """Ask the recipe. What goes wrong in it costs this operation's steps, not the plan, and is said."""
    recipe = recipes.get(operation.kind)
    if recipe is None:
        reason = f"The engine has no recipe for {operation.kind}: plan this change by hand."
    else:
        try:
            return list(recipe(operation, agenda.facts))
        except Exception as error:  # noqa: BLE001 -- a recipe may come from a third party
            reason = f"Its recipe failed: {type(error).__name__}: {error}"
    agenda.conflict((operation.id,), "No steps are planned", reason)
    return []


def _link(agenda: Agenda, chains: Mapping[str, Sequence[Node]]) -> list[Gate]:
    """Let the first step of an operation, or the first that clears away, wait for what its edges say.

    Returns the gates, one for each barrier.
    """
    gates = {barrier: Gate() for barrier in agenda.barriers}
    before, behind = _edges_by_later(agenda, chains), _gates_by_later(gates)

    def ends(identity: str, *, wholly: bool, seen: frozenset[str] = frozenset()) -> Iterable[Place]:
        chain = chains[identity]
        if chain:
            return [chain[-1] if wholly else _effective(chain)]
        # Without steps of its own it hands on what it waits for itself.
        found: list[Place] = [
            place
            for edge in before[identity]
            if edge.earlier not in seen
            for place in ends(edge.earlier, wholly=edge.wholly, seen=seen | {identity})
        ]
        return found + behind[identity]

    for barrier, gate in gates.items():
        for identity in barrier.earlier & chains.keys():
            gate.after.update(ends(identity, wholly=barrier.wholly))
    for identity, chain in chains.items():
        if chain:
            chain[0].after.update(behind[identity])
            for edge in before[identity]:
                first = _clearing(chain) if edge.clearing else chain[0]
                first.after.update(ends(edge.earlier, wholly=edge.wholly))
    return list(gates.values())


def _edges_by_later(agenda: Agenda, chains: Mapping[str, Sequence[Node]]) -> Mapping[str, Sequence[Edge]]:
    found: dict[str, list[Edge]] = defaultdict(list)
    for edge in agenda.edges.values():
        if edge.later in chains and edge.earlier in chains:
            found[edge.later].append(edge)
    return found


def _gates_by_later(gates: Mapping[Barrier, Gate]) -> Mapping[str, list[Gate]]:
    found: dict[str, list[Gate]] = defaultdict(list)
    for barrier, gate in gates.items():
        for identity in barrier.later:
            found[identity].append(gate)
    return found


def _effective(chain: Sequence[Node]) -> Node:
    """The step after which the effect is there: what follows only clears away."""
    lasting = [node for node in chain if RANKS[node.phase] < RANKS[Phase.CONTRACT]]
    return lasting[-1] if lasting else chain[-1]


def _clearing(chain: Sequence[Node]) -> Node:
    """The first step that clears away, or the only effect of what does nothing else."""
    return next((node for node in chain if RANKS[node.phase] >= RANKS[Phase.CONTRACT]), chain[-1])


def _join_once(nodes: Sequence[Node], gates: Sequence[Gate]) -> list[Node]:
    """Make one node of those that are done once in a phase, unless one of them waits for another."""
    groups: dict[tuple[str, Phase], list[Node]] = defaultdict(list)
    for node in nodes:
        if node.draft.once is not None:
            groups[node.draft.once, node.phase].append(node)
    joined: dict[Place, Node] = {}
    for group in groups.values():
        kept: list[Node] = []
        behind: set[Place] = set()
        for node in group:
            before = _behind(node)
            if node not in behind and before.isdisjoint(kept):
                kept.append(node)
                behind |= before
        first, *others = kept
        for other in others:
            joined[other] = first
            first.after |= other.after
            first.findings |= other.findings
            first.rank = min(first.rank, other.rank)
            first.wished |= other.wished
            first.table = first.table if first.table == other.table else None
        for place in (*gates, *nodes):
            place.after = {joined.get(one, one) for one in place.after}
    return [node for node in nodes if node not in joined]


def _behind(node: Node) -> set[Place]:
    """All that a node waits for, directly or not."""
    found: set[Place] = set()
    waiting: list[Place] = [node]
    while waiting:
        fresh = waiting.pop().after - found
        found |= fresh
        waiting += fresh
    return found


# --- order -------------------------------------------------------------------------------------------------------


def _settle_phases(chronological: Sequence[Place]) -> None:
    """Put no step into an earlier phase than one that it waits for."""
    for node in chronological:
        for one in node.after:
            if RANKS[one.phase] > RANKS[node.phase]:
                node.phase = one.phase


def _inherit_rank(chronological: Sequence[Place]) -> None:
    """A step is as urgent as the most urgent one that waits for it."""
    for node in reversed(chronological):
        for one in node.after:
            one.rank = min(one.rank, node.rank)


def _add_costs(nodes: Sequence[Node]) -> None:
    """The cost of a step is that of its operation's steps in the phase, so that they stay together."""
    total: dict[tuple[str, Phase], float] = defaultdict(float)
    for node in nodes:
        seconds = node.draft.step.duration_seconds
        total[node.operation, node.phase] += UNKNOWN_SECONDS if seconds is None else seconds
    for node in nodes:
        node.cost = total[node.operation, node.phase]


def _priority(node: Place) -> tuple[object, ...]:
    if not isinstance(node, Node):
        return ()  # it opens as soon as it can
    # What closes a way back comes as late as it can: after all that is removed but could be brought back.
    final = node.phase is Phase.CONTRACT and node.draft.step.point_of_no_return
    return (RANKS[node.phase], not node.first_of_all, final, node.rank, node.cost, node.operation, node.number)


def _one_at_a_time(ordered: Sequence[Node]) -> None:
    """Let long work on the same table follow one another: index builds and vacuums of one table exclude each other."""
    last: dict[Key, Node] = {}
    for node in ordered:
        if node.table is not None and not node.draft.step.transactional and node.draft.step.lock is not None:
            if node.table in last:
                node.after.add(last[node.table])
            last[node.table] = node


def _keep_direct(places: Sequence[Place]) -> None:
    """Leave out what a step waits for already because of another step that it waits for, and open the gates."""
    number = {place: number for number, place in enumerate(places)}
    waits: dict[Place, set[Place]] = {}  # before anything is left out: a shorter way to what is further behind
    for place in places:
        gates = {one for one in place.after if isinstance(one, Gate)}
        waits[place] = place.after = (place.after - gates).union(*(gate.after for gate in gates))
        if len(place.after) > 1:
            first, *_, last = waiting = sorted(place.after, key=number.__getitem__)
            doubtful, behind = place.after - {last}, set[Place]()
            while waiting and doubtful:
                for one in waits[waiting.pop()]:
                    # What comes before the first cannot lead to another.
                    if number[one] >= number[first] and one not in behind:
                        behind.add(one)
                        doubtful.discard(one)
                        waiting.append(one)
            place.after = place.after - behind


def _closing(ordered: Sequence[Node]) -> frozenset[Node]:
    """The step of each operation that closes its way back: the first of those that cannot be undone."""
    first: dict[str, Node] = {}
    for node in ordered:
        if node.draft.step.point_of_no_return:
            first.setdefault(node.operation, node)
    return frozenset(first.values())


# --- numbers -----------------------------------------------------------------------------------------------------


def _number(ordered: Sequence[Node], closing: frozenset[Node]) -> tuple[PlanPhase, ...]:
    by_phase: dict[Phase, list[Node]] = defaultdict(list)
    for node in ordered:
        by_phase[node.phase].append(node)
    names: dict[Place, str] = {}
    for phase, nodes in by_phase.items():
        width = max(2, len(str(len(nodes))))
        names |= {node: f"{phase.value}-{number:0{width}d}" for number, node in enumerate(nodes, start=1)}
    place: dict[Place, int] = {node: number for number, node in enumerate(ordered)}
    phases = []
    for phase in Phase:
        steps = tuple(_step(node, names, place, closes=node in closing) for node in by_phase.get(phase, ()))
        if steps:
            phases.append(PlanPhase(phase=phase, steps=steps, goal=GOALS[phase], exit_criterion=EXIT_CRITERIA[phase]))
    return tuple(phases)


def _step(node: Node, names: Mapping[Place, str], place: Mapping[Place, int], *, closes: bool) -> Step:
    return replace(
        node.draft.step,
        id=names[node],
        operation=node.operation,
        depends_on=tuple(names[one] for one in sorted(node.after, key=place.__getitem__)),
        findings=tuple(sorted(node.findings)),
        point_of_no_return=closes,
        cutover=node.draft.step.cutover or cutover_of(node.draft.step),
        notes=((ASKED,) if node.wished else ()) + node.draft.step.notes,
    )
