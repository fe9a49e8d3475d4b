"""The entity-relationship diagram as SVG, coloured by the classes of the page's style sheet."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from markupsafe import Markup

from auditor.model.report import Diagram
from auditor.rendering.diagram import HEAD, LINE, PAD, Box, Edge, Point, lay_out
from auditor.text import visible

_LOOP = 4
"""Points of a reference from a table to itself."""


def draw(diagram: Diagram) -> Markup:
    """Draw the diagram. Every name is made visible and escaped."""
    layout = lay_out(diagram)
    names = f"{len(diagram.relations)} tables and {len(diagram.references)} references"
    parts = [*(_edge(edge) for edge in layout.edges), *(_box(box) for box in layout.boxes)]
    width, height = round(layout.width) + 2, round(layout.height) + 2
    return Markup(
        '<svg class="erd" width="{0}" height="{1}" viewBox="-1 -1 {0} {1}" role="img">'
        "<title>Entity-relationship diagram</title><desc>{2}; the list below holds the same references.</desc>"
        '<marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
        '<path class="arrow" d="M0 0l8 4-8 4z"/></marker>{3}</svg>'
    ).format(width, height, names, Markup("").join(parts))


def _box(box: Box) -> Markup:
    x, y, width = box.x, box.y, box.width
    lines = Markup("").join(
        Markup('<text x="{}" y="{}"><tspan class="mark">{}</tspan><tspan x="{}">{}</tspan>'
               '<tspan class="type" x="{}" text-anchor="end">{}</tspan></text>').format(
            _n(x + PAD), _n(y + HEAD + LINE * number + 12), visible(marks), _n(x + PAD + _marks_width(box)), name,
            _n(x + width - PAD), kind)
        for number, (marks, name, kind) in enumerate(box.lines)
    )  # fmt: skip
    return Markup(
        '<g><rect class="box" x="{0}" y="{1}" width="{2}" height="{3}" rx="3"/>'
        '<rect class="head" x="{0}" y="{1}" width="{2}" height="{4}" rx="3"/>'
        '<text class="name" x="{5}" y="{6}">{7}</text>{8}</g>'
    ).format(_n(x), _n(y), _n(width), _n(box.height), _n(HEAD), _n(x + PAD), _n(y + 15), box.title, lines)


def _marks_width(box: Box) -> float:
    widest = max((len(marks) for marks, _, _ in box.lines), default=0)
    return widest * 6.7 + (6 if widest else 0)


def _edge(edge: Edge) -> Markup:
    style = "edge maybe" if edge.reference.nullable else "edge"
    return Markup('<path class="{}" d="{}" marker-end="url(#arrow)"/>').format(style, _path(edge.points))


def _path(points: Sequence[Point]) -> str:
    """Curve between ranks, straight through them: pairs of points after the first alternate between the two."""
    first = points[0]
    if len(points) == _LOOP and points[1][0] == points[2][0] and points[0][0] == points[3][0]:
        (x, y), (far, _), _, (_, end) = points
        return f"M{_n(x)} {_n(y)}C{_n(far)} {_n(y)} {_n(far)} {_n(end)} {_n(x)} {_n(end)}"
    parts = [f"M{_n(first[0])} {_n(first[1])}"]
    for number, ((x1, y1), (x2, y2)) in enumerate(pairwise(points)):
        middle = (x1 + x2) / 2
        curve = f"C{_n(middle)} {_n(y1)} {_n(middle)} {_n(y2)} {_n(x2)} {_n(y2)}"
        parts.append(curve if number % 2 == 0 else f"L{_n(x2)} {_n(y2)}")
    return "".join(parts)


def _n(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")
