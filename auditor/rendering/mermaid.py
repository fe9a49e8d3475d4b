"""The entity-relationship diagram as Mermaid text, which forges draw.

The grammar of Mermaid 12 takes any entity name in quotes, one-token types, and plain column names; it refuses types of
several words, ``$`` and quotes in column names, and escaped quotes. What it would refuse is replaced.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from auditor.model.report import Diagram, Relation
from auditor.text import visible

TABLES, EDGES = 40, 300
"""Below Mermaid's own limits (50,000 characters, 500 edges) with room for long names; more cannot be read anyway."""

COLUMNS = 12
"""The most columns of an entity: keys first."""


def write_mermaid(diagram: Diagram) -> str:
    """Write the diagram: the best connected tables when there are too many, with a note of what is left out."""
    degree = Counter(end for reference in diagram.references for end in (reference.source, reference.target))
    ranked = sorted(range(len(diagram.relations)), key=lambda number: (-degree[number], number))
    shown = sorted(ranked[:TABLES])
    names = dict(zip(shown, _names([diagram.relations[number] for number in shown]), strict=True))
    inside = [r for r in diagram.references if r.source in names and r.target in names]
    lines = ["erDiagram"]
    for number in shown:
        lines += _entity(names[number], diagram.relations[number])
    for reference in inside[:EDGES]:
        one = "|o" if reference.nullable else "||"
        many = "o|" if reference.unique else "o{"
        label = _quoted(", ".join(reference.columns))
        lines.append(f"  {names[reference.target]} {one}--{many} {names[reference.source]} : {label}")
    missing = diagram.left_out + len(diagram.relations) - len(shown), len(inside) - len(inside[:EDGES])
    if any(missing):
        lines.append(f"  %% left out: {missing[0]} tables, {missing[1]} references")
    return "\n".join(lines)


def _quoted(text: str) -> str:
    """Put text in quotes; what would end them, or is no plain text, becomes an underscore."""
    return '"' + (re.sub(r'["\\`%#;<>{}\n]', "_", visible(text)).strip() or "_") + '"'


def _names(relations: Sequence[Relation]) -> list[str]:
    """Name the entities, each differently, also where replacing made two names the same."""
    taken: set[str] = set()
    names = []
    for relation in relations:
        name = base = _quoted(f"{relation.schema}.{relation.name}")
        number = 1
        while name in taken:
            number += 1
            name = f'{base[:-1]} {number}"'
        taken.add(name)
        names.append(name)
    return names


def _entity(name: str, relation: Relation) -> list[str]:
    if not relation.columns:
        return [f"  {name}"]
    keys_first = sorted(relation.columns, key=lambda column: not column[2])[:COLUMNS]
    lines = [f"  {name} {{"]
    for column, kind, marks in relation.columns:
        if (column, kind, marks) in keys_first:
            lines.append(f"    {_token(kind)} {_token(column)}{' ' + ', '.join(marks.split(',')) if marks else ''}")
    return [*lines, "  }"]


def _token(text: str) -> str:
    """Make one word of letters, digits and underscores that does not begin with a digit."""
    word = re.sub(r"[^A-Za-z0-9_]+", "_", text).strip("_") or "_"
    return word if word[0].isalpha() else f"c_{word.lstrip('_')}" if word != "_" else "c"
