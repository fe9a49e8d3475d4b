"""The entity-relationship diagram as SVG, coloured by the classes of the page's style sheet."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from markupsafe import Markup, escape

from auditor.model.report import Diagram
from auditor.rendering.diagram import CHARACTER, Box, Edge, Point, advance, lay_out
from auditor.text import visible

_LOOP = 4
"""Points of a reference from a table to itself."""


def draw(diagram: Diagram) -> Markup:
    """Draw the diagram. Every name is made visible and escaped."""
    layout = lay_out(diagram)
    names = f"{len(diagram.relations)} tables and {len(diagram.references)} references"
    drawn = [
        _edges([edge for edge in layout.edges if not edge.reference.nullable], "edge"),
        _edges([edge for edge in layout.edges if edge.reference.nullable], "edge maybe"),
        *(_box(box) for box in layout.boxes),
    ]
    width, height = round(layout.width) + 2, round(layout.height) + 2
    return Markup(
        '<svg class="erd" width="{0}" height="{1}" viewBox="-1 -1 {0} {1}" role="img">'
        "<title>Entity-relationship diagram</title><desc>{2}; the list below holds the same references.</desc>"
        '<marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
        '<path class="arrow" d="M0 0l8 4-8 4z"/></marker>{3}</svg>'
    ).format(width, height, names, Markup("").join(drawn))


def _box(box: Box) -> Markup:
    """Write a table's lines as text in columns of the monospaced font: far less than an element for every word."""
    marks = max((len(line[0]) for line in box.lines), default=0)
    indent = marks + 1 if marks else 0
    texts = max((advance(name) + advance(kind) for _, name, kind in box.lines), default=0.0)
    lines = Markup("\n").join(_line(line, indent, texts) for line in box.lines)
    return Markup(
        '<foreignObject x="{}" y="{}" width="{}" height="{}"><p><b>{}</b>{}</p></foreignObject>'
    ).format(_n(box.x), _n(box.y), _n(box.width), _n(box.height), box.title, lines)  # fmt: skip


def _line(line: tuple[str, str, str], indent: int, texts: float) -> Markup:
    marks, name, kind = line
    gap = 2 + round((texts - advance(name) - advance(kind)) / CHARACTER)
    written = visible(marks).ljust(indent) + name
    return Markup("{}{}<i>{}</i>").format(written, " " * gap, kind) if kind else escape(written)


def _edges(edges: Sequence[Edge], style: str) -> Markup:
    paths = Markup("").join(Markup('<path d="{}"/>').format(_path(edge.points)) for edge in edges)
    return Markup('<g class="{}">{}</g>').format(style, paths)


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
    return f"{value:.0f}"
