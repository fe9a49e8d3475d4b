"""Statements as Python, for the migrations that are programs."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from auditor.exporting.parts import Part


def written_parts(parts: Sequence[Part], indent: str = "") -> str:
    """Write parts as a list of (outside of a transaction, statements); neighbours that need none share one block."""
    lines = ["["]
    for outside, group in itertools.groupby(parts, lambda part: not part.transactional):
        found = [part.statements for part in group]
        for together in [list(itertools.chain(*found))] if outside else found:
            statements = (f"{indent}        {written(one, f'{indent}        ')}," for one in together)
            lines += [f"{indent}    ({outside}, [", *statements, f"{indent}    ]),"]
    return "\n".join([*lines, f"{indent}]"]) if parts else "[]"


def written(text: str | None, indent: str) -> str:
    """Write a text as Python, line by line."""
    if text is None or "\n" not in text:
        return repr(text)
    lines = [f"{indent}    {line!r}" for line in text.splitlines(keepends=True)]
    return "\n".join(["(", *lines, f"{indent})"])


def docstring(text: str) -> str:
    """Write a text of one line as a docstring."""
    quiet = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"""{quiet}"""'
