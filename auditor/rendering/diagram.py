"""The layout of an entity-relationship diagram: a layered drawing, computed here so that a report needs no program.

The method is Sugiyama's: break cycles, rank each table by its depth of references, route long references through
placeholders, order each rank by barycentres, then pull every table towards its neighbours. Ranks run from left (tables
that refer to nothing) to right, because a page is endless downwards and a schema is seldom deep. Connected parts are
laid out one by one and packed on shelves, so that tables without references line up in a grid. The same diagram always
gives the same drawing.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from auditor.model.report import Diagram, Reference, Relation
from auditor.text import visible

CHARACTER, LINE, HEAD, PAD = 6.7, 16.0, 22.0, 8.0
"""Pixels: the advance of the monospaced 11-pixel font, the height of a row and of a head, the padding of a box."""

RANK_GAP, BOX_GAP, PART_GAP = 56.0, 20.0, 32.0
"""Pixels between ranks, between boxes of a rank and between parts."""

SHELF = 880.0
"""Pixels that a row of parts may fill before the next row begins: about the width of a page on a screen."""

COLUMNS, NAME, TYPE = 10, 30, 16
"""The most columns of a box (keys first), characters of a name and of a type; the rest is cut or counted."""

KEYS_ONLY = 60
"""From so many tables on, boxes show only columns that are part of a key."""

SWEEPS = 8
"""Passes of ordering and of placing: more change nothing that an eye would see."""

Point = tuple[float, float]


@dataclass
class Box:
    """A table as drawn: the position and size of its box, and its lines as (marks, name, type)."""

    title: str
    lines: list[tuple[str, str, str]]
    rows: dict[str, int]
    width: float
    height: float
    x: float = 0.0
    y: float = 0.0

    def row(self, columns: Sequence[str]) -> float:
        """The height at which a reference over these columns leaves the box."""
        line = next((self.rows[column] for column in columns if column in self.rows), None)
        return self.y + (HEAD / 2 if line is None else HEAD + LINE * (line + 0.5))


@dataclass
class Edge:
    """A reference as drawn: points from the referencing to the referenced box; two points of a pair span a rank."""

    reference: Reference
    points: list[Point]


@dataclass
class Layout:
    """A drawing."""

    boxes: list[Box]
    edges: list[Edge]
    width: float
    height: float


@dataclass
class _Part:
    """A connected part while it is laid out: nodes of tables (≥ 0) and placeholders (< 0), by rank."""

    layers: list[list[int]] = field(default_factory=list)
    links: list[tuple[int, int]] = field(default_factory=list)
    routes: dict[tuple[int, int], list[int]] = field(default_factory=dict)
    centre: dict[int, float] = field(default_factory=dict)


def lay_out(diagram: Diagram) -> Layout:
    """Place the tables and route the references."""
    several = len({relation.schema for relation in diagram.relations}) > 1
    keys_only = len(diagram.relations) >= KEYS_ONLY
    boxes = [_box(relation, several=several, keys_only=keys_only) for relation in diagram.relations]
    edges: list[Edge] = []
    parts = []
    for nodes in _components(diagram):
        part = _layer(nodes, diagram.references)
        _order(part)
        size = _place(part, boxes)
        parts.append((size, nodes, part))
    parts.sort(key=lambda item: (-len(item[1]), item[1][0]))
    width, height = _shelve(parts, boxes, diagram.references, edges)
    edges.sort(key=lambda edge: (edge.reference.source, edge.reference.target, edge.reference.columns))
    return Layout(boxes, edges, width, height)


def _cut(text: str, limit: int) -> str:
    text = visible(text)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def advance(text: str) -> float:
    """The width of a text in the monospaced font, where East Asian characters take two places."""
    return CHARACTER * sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _box(relation: Relation, *, several: bool, keys_only: bool) -> Box:
    title = _cut(f"{relation.schema}.{relation.name}" if several else relation.name, NAME + 8)
    columns = [column for column in relation.columns if column[2] or not keys_only]
    keys_first = sorted(columns, key=lambda column: not column[2])[:COLUMNS]
    shown = [column for column in columns if column in keys_first]
    lines = [(marks, _cut(name, NAME), _cut(kind, TYPE)) for name, kind, marks in shown]
    rows = {column[0]: number for number, column in enumerate(shown)}
    if len(relation.columns) > len(shown):
        lines.append(("", f"and {len(relation.columns) - len(shown)} more", ""))
    marks_width = max((advance(line[0]) for line in lines), default=0.0)
    names_width = max((advance(line[1]) + advance(line[2]) for line in lines), default=0.0)
    width = max(advance(title) * 1.05, marks_width + names_width + 3 * PAD, 90.0) + 2 * PAD
    return Box(title, lines, rows, round(width), HEAD + LINE * len(lines) + (4 if lines else 0))


def _components(diagram: Diagram) -> list[list[int]]:
    """The connected parts, each sorted, in the order of their first tables."""
    near: dict[int, set[int]] = defaultdict(set)
    for reference in diagram.references:
        near[reference.source].add(reference.target)
        near[reference.target].add(reference.source)
    seen: set[int] = set()
    parts = []
    for start in range(len(diagram.relations)):
        if start in seen:
            continue
        seen.add(start)
        part, stack = [], [start]
        while stack:
            node = stack.pop()
            part.append(node)
            fresh = sorted(near[node] - seen)
            seen.update(fresh)
            stack.extend(fresh)
        parts.append(sorted(part))
    return parts


def _acyclic(nodes: Sequence[int], targets: Mapping[int, Sequence[int]]) -> list[tuple[int, int]]:
    """Links as (left, right), the referenced table left; a link that would close a cycle is turned around."""
    state: dict[int, int] = {}
    links = []
    for root in nodes:
        if root in state:
            continue
        state[root] = 1
        stack = [(root, iter(targets.get(root, ())))]
        while stack:
            node, rest = stack[-1]
            target = next(rest, None)
            if target is None:
                state[node] = 2
                stack.pop()
            elif state.get(target) == 1:
                links.append((node, target))
            else:
                links.append((target, node))
                if target not in state:
                    state[target] = 1
                    stack.append((target, iter(targets.get(target, ()))))
    return links


def _layer(nodes: Sequence[int], references: Sequence[Reference]) -> _Part:
    """Rank the nodes of a part, and put placeholders where a link passes a rank."""
    inside = set(nodes)
    targets: dict[int, list[int]] = defaultdict(list)
    for reference in references:
        known = targets[reference.source]
        if reference.source in inside and reference.target not in (reference.source, *known):
            known.append(reference.target)
    links = _acyclic(nodes, targets)
    ranks = _ranks(nodes, links)
    part = _Part(layers=[[] for _ in range(max(ranks.values()) + 1)])
    for node in nodes:
        part.layers[ranks[node]].append(node)
    placeholder = 0
    for left, right in links:
        chain = [left]
        for rank in range(ranks[left] + 1, ranks[right]):
            placeholder -= 1
            part.layers[rank].append(placeholder)
            chain.append(placeholder)
        chain.append(right)
        part.links.extend(pairwise(chain))
        part.routes[left, right] = chain
    return part


def _ranks(nodes: Sequence[int], links: Sequence[tuple[int, int]]) -> dict[int, int]:
    """The longest way to each node from one that refers to nothing; sources then move as near as they can."""
    after: dict[int, list[int]] = defaultdict(list)
    waiting = dict.fromkeys(nodes, 0)
    for left, right in links:
        after[left].append(right)
        waiting[right] += 1
    ranks = dict.fromkeys(nodes, 0)
    ready = [node for node in nodes if not waiting[node]]
    order = []
    while ready:
        node = ready.pop(0)
        order.append(node)
        for other in after[node]:
            ranks[other] = max(ranks[other], ranks[node] + 1)
            waiting[other] -= 1
            if not waiting[other]:
                ready.append(other)
    referring = {right for _, right in links}
    for node in reversed(order):
        if after[node] and node not in referring:
            ranks[node] = min(ranks[other] for other in after[node]) - 1
    return ranks


def _neighbours(links: Iterable[tuple[int, int]]) -> tuple[Mapping[int, list[int]], Mapping[int, list[int]]]:
    left: dict[int, list[int]] = defaultdict(list)
    right: dict[int, list[int]] = defaultdict(list)
    for a, b in links:
        left[b].append(a)
        right[a].append(b)
    return left, right


def _order(part: _Part) -> None:
    """Order each rank by the mean position of its neighbours, to and fro."""
    left, right = _neighbours(part.links)
    for sweep in range(SWEEPS):
        forth = sweep % 2 == 0
        layers = part.layers[1:] if forth else part.layers[-2::-1]
        beside = left if forth else right
        position = {node: place for layer in part.layers for place, node in enumerate(layer)}
        for layer in layers:
            means = {
                node: sum(position[other] for other in beside[node]) / len(beside[node])
                if beside.get(node)
                else float(position[node])
                for node in layer
            }
            layer.sort(key=lambda node: (means[node], position[node]))
            position.update({node: place for place, node in enumerate(layer)})


def _place(part: _Part, boxes: Sequence[Box]) -> Point:
    """Give every node of the part its position; return the part's size."""
    heights = {node: boxes[node].height if node >= 0 else LINE / 2 for layer in part.layers for node in layer}
    left, right = _neighbours(part.links)
    for layer in part.layers:
        _settle(layer, dict.fromkeys(layer, 0.0), heights, part.centre)
    for sweep in range(SWEEPS):
        for layer in part.layers if sweep % 2 == 0 else reversed(part.layers):
            beside = left if sweep % 2 == 0 else right
            wanted = {
                node: sum(part.centre[other] for other in beside[node]) / len(beside[node])
                if beside.get(node)
                else part.centre[node]
                for node in layer
            }
            _settle(layer, wanted, heights, part.centre)
    top = min(part.centre[node] - heights[node] / 2 for node in heights)
    x = 0.0
    for layer in part.layers:
        width = max((boxes[node].width for node in layer if node >= 0), default=0.0)
        for node in layer:
            part.centre[node] -= top
            if node >= 0:
                boxes[node].x, boxes[node].y = x, part.centre[node] - boxes[node].height / 2
        x += width + RANK_GAP
    bottom = max(part.centre[node] + heights[node] / 2 for node in heights)
    return x - RANK_GAP, bottom


def _settle(
    layer: Sequence[int], wanted: Mapping[int, float], heights: Mapping[int, float], centre: dict[int, float]
) -> None:
    """Put the nodes of a rank as near to where they want to be as their order and the gaps allow.

    Nodes that would overlap form a block that moves to the mean of what its members want (pool adjacent violators).
    """
    blocks: list[list[float]] = []  # sum of wanted starts, count, total extent
    members: list[list[int]] = []
    for node in layer:
        extent = heights[node] + BOX_GAP
        blocks.append([wanted[node] - heights[node] / 2, 1.0, extent])
        members.append([node])
        while len(blocks) > 1 and blocks[-2][0] / blocks[-2][1] + blocks[-2][2] > blocks[-1][0] / blocks[-1][1]:
            start, number, length = blocks.pop()
            blocks[-1][0] += start - number * blocks[-1][2]
            blocks[-1][1] += number
            blocks[-1][2] += length
            members[-2].extend(members.pop())
    for (total, number, _), nodes in zip(blocks, members, strict=True):
        y = total / number
        for node in nodes:
            centre[node] = y + heights[node] / 2
            y += heights[node] + BOX_GAP


def _shelve(
    parts: Sequence[tuple[Point, list[int], _Part]], boxes: Sequence[Box], references: Sequence[Reference],
    edges: list[Edge],
) -> Point:  # fmt: skip
    """Pack the parts in rows, move their boxes there and route their references; return the drawing's size."""
    limit = max([SHELF, *(size[0] for size, _, _ in parts)])
    of_part = {node: number for number, (_, nodes, _) in enumerate(parts) for node in nodes}
    inside: dict[int, list[Reference]] = defaultdict(list)
    for reference in references:
        inside[of_part[reference.source]].append(reference)
    x = y = shelf = widest = 0.0
    for number, ((width, height), nodes, part) in enumerate(parts):
        if x and x + width > limit:
            x, y, shelf = 0.0, y + shelf + PART_GAP, 0.0
        for node in nodes:
            boxes[node].x += x
            boxes[node].y += y
        edges.extend(_route(reference, part, boxes, y) for reference in inside[number])
        x += width + PART_GAP
        shelf, widest = max(shelf, height), max(widest, x - PART_GAP)
    return widest + 24.0, y + shelf


def _route(reference: Reference, part: _Part, boxes: Sequence[Box], shift: float) -> Edge:
    """The points of a reference, from the table that refers to the one referred to."""
    source, target = boxes[reference.source], boxes[reference.target]
    start, end = source.row(reference.columns), target.y + HEAD / 2
    if source is target:
        x = source.x + source.width
        return Edge(reference, [(x, start), (x + 20.0, start), (x + 20.0, end), (x, end)])
    forward = part.routes.get((reference.target, reference.source))
    chain = forward or part.routes[reference.source, reference.target][::-1]
    points: list[Point] = []
    for node in reversed(chain):
        if node >= 0:
            continue
        layer = next(layer for layer in part.layers if node in layer)
        spans = [boxes[other] for other in layer if other >= 0]
        near, far = min(box.x for box in spans), max(box.x + box.width for box in spans)
        ends = ((far, near) if forward else (near, far)) if spans else (0.0, 0.0)
        points.extend((x, part.centre[node] + shift) for x in ends)
    if forward:
        return Edge(reference, [(source.x, start), *points, (target.x + target.width, end)])
    return Edge(reference, [(source.x + source.width, start), *points, (target.x, end)])
