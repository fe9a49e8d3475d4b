"""The diagram's layout: nothing overlaps, references end at their tables, and the same diagram is drawn the same."""

from __future__ import annotations

import time

from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.model.report import Diagram, Reference, Relation
from auditor.rendering.diagram import Box, lay_out
from auditor.rendering.diagram_svg import draw
from tests.sample_audit import hostile_audit, shop_diagram


@st.composite
def diagrams(draw_from: st.DrawFn) -> Diagram:
    size = draw_from(st.integers(1, 25))
    ends = st.integers(0, size - 1)
    edges = draw_from(st.lists(st.tuples(ends, ends), max_size=50))
    widths = draw_from(st.lists(st.integers(0, 20), min_size=size, max_size=size))
    return Diagram(
        relations=tuple(
            Relation(schema="s", name=f"table_{n}", columns=tuple((f"c{c}", "int", "") for c in range(width)))
            for n, width in enumerate(widths)
        ),
        references=tuple(
            Reference(source=a, target=b, columns=("c0",), nullable=n % 2 == 0, unique=False)
            for n, (a, b) in enumerate(edges)
        ),
    )


def overlap(one: Box, two: Box) -> bool:
    return (
        one.x < two.x + two.width - 0.01 and two.x < one.x + one.width - 0.01
        and one.y < two.y + two.height - 0.01 and two.y < one.y + one.height - 0.01
    )  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(diagram=diagrams())
def test_a_layout_is_sound(diagram: Diagram) -> None:
    layout = lay_out(diagram)
    boxes = layout.boxes
    assert not [(a, b) for a in range(len(boxes)) for b in range(a) if overlap(boxes[a], boxes[b])]
    assert all(box.x >= -0.01 and box.y >= -0.01 for box in boxes)
    assert all(box.x + box.width <= layout.width and box.y + box.height <= layout.height + 0.01 for box in boxes)
    assert len(layout.edges) == len(diagram.references)
    for edge in layout.edges:
        source, target = boxes[edge.reference.source], boxes[edge.reference.target]
        assert edge.points[0][0] in (source.x, source.x + source.width)
        assert source.y <= edge.points[0][1] <= source.y + source.height
        assert edge.points[-1][0] in (target.x, target.x + target.width)
        assert target.y <= edge.points[-1][1] <= target.y + target.height


def test_a_table_stands_right_of_what_it_refers_to() -> None:
    layout = lay_out(shop_diagram())
    for edge in layout.edges:
        source, target = layout.boxes[edge.reference.source], layout.boxes[edge.reference.target]
        if source.title in ("orders", "order_lines", "payments", "products"):
            assert source.x > target.x, (source.title, target.title)


def test_drawing_is_deterministic_and_escapes_names() -> None:
    diagram = hostile_audit().diagram
    assert diagram is not None
    assert draw(diagram) == draw(diagram)
    assert "<script>" not in draw(diagram)


def test_a_large_diagram_is_drawn_quickly_and_small() -> None:
    relations = tuple(
        Relation(schema="app", name=f"entity_{n}", columns=tuple((f"column_{c}", "bigint", "") for c in range(9)))
        for n in range(150)
    )
    references = tuple(
        Reference(source=n, target=(n * n + 7 * n) % max(1, n), columns=("column_1",), nullable=False, unique=False)
        for n in range(2, 150)
    )
    began = time.perf_counter()
    drawing = draw(Diagram(relations=relations, references=references))
    assert time.perf_counter() - began < 2.0
    assert len(drawing) < 250_000
