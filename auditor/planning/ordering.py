"""Breaks cycles among operations, and sorts steps so that each stands after what it depends on."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import TypeVar

from auditor.planning.agenda import Agenda, Barrier, Edge

Node = TypeVar("Node", bound=Hashable)


def break_cycles(agenda: Agenda) -> None:
    """Take out one edge of every cycle, one that only makes the plan better if there is one, and say so."""
    standing = agenda.proposals.keys()
    agenda.edges = {key: one for key, one in agenda.edges.items() if standing >= {one.later, one.earlier}}
    agenda.barriers = [
        replace(one, later=one.later & standing, earlier=one.earlier & standing) for one in agenda.barriers
    ]
    if agenda.barriers and _is_circular(agenda):
        agenda.spell_out()  # so that a single wait can be given up
    while cycle := _find_cycle(agenda):
        edge = min(cycle, key=lambda one: (one.firm, one.later, one.earlier))
        del agenda.edges[edge.later, edge.earlier]
        names = tuple(sorted({one.later for one in cycle}))
        agenda.conflict(
            names,
            f"{edge.later} does not wait for {edge.earlier}",
            f"These changes wait for each other in a circle; this wait ({edge.reason}) is the one given up.",
        )


def _is_circular(agenda: Agenda) -> bool:
    """Whether operations wait for each other in a circle, over edges or barriers."""
    after: dict[str | Barrier, set[str | Barrier]] = defaultdict(set)
    for edge in agenda.edges.values():
        after[edge.later].add(edge.earlier)
    for barrier in agenda.barriers:
        after[barrier].update(barrier.earlier)
        for later in barrier.later:
            after[later].add(barrier)
    every: list[str | Barrier] = [*agenda.proposals, *agenda.barriers]
    try:
        sort({one: after[one] for one in every}, lambda _: 0)
    except ValueError:
        return True
    return False


def _find_cycle(agenda: Agenda) -> list[Edge]:
    """Find the edges of a cycle, from the smallest identity on; empty when there is none."""
    following: dict[str, list[Edge]] = defaultdict(list)
    waiting: dict[str, int] = defaultdict(int)
    for _, edge in sorted(agenda.edges.items()):
        following[edge.earlier].append(edge)
        waiting[edge.later] += 1
    free = [identity for identity in following if not waiting[identity]]
    while free:
        for edge in following.pop(free.pop(), ()):
            waiting[edge.later] -= 1
            if not waiting[edge.later]:
                free.append(edge.later)
    # What still waits lies on a cycle or behind one: walk backwards from it until an operation comes up again.
    stuck = {identity for identity, count in waiting.items() if count}
    if not stuck:
        return []
    incoming = {edge.later: edge for edges in following.values() for edge in edges if edge.earlier in stuck}
    path: list[Edge] = []
    position: dict[str, int] = {}
    here = min(stuck)
    while here not in position:
        position[here] = len(path)
        path.append(incoming[here])
        here = incoming[here].earlier
    return path[position[here] :]


def sort(after: Mapping[Node, AbstractSet[Node]], key: Callable[[Node], object]) -> list[Node]:
    """Sort nodes so that each comes after those it waits for, and otherwise by ``key``.

    Raises:
        ValueError: the nodes wait for each other in a circle.

    """
    following: dict[Node, list[Node]] = defaultdict(list)
    waiting = {node: len(others) for node, others in after.items()}
    for node, others in after.items():
        for other in others:
            following[other].append(node)
    heap = [(key(node), number, node) for number, node in enumerate(after) if not waiting[node]]
    heapq.heapify(heap)
    numbers = {node: number for number, node in enumerate(after)}
    result: list[Node] = []
    while heap:
        _, _, node = heapq.heappop(heap)
        result.append(node)
        for other in following[node]:
            waiting[other] -= 1
            if not waiting[other]:
                heapq.heappush(heap, (key(other), numbers[other], other))
    if len(result) < len(after):
        message = "steps wait for each other in a circle"
        raise ValueError(message)
    return result
