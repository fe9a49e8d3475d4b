"""Parts of a step: what migration tools run as one, and what they must run by itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from msgspec import Struct

from auditor.exporting.worklist import Entry
from auditor.rendering.words import script

_SETTING = re.compile(r"(RE)?SET\s", re.IGNORECASE)


class Part(Struct, frozen=True, kw_only=True):
    """Statements that run together."""

    statements: tuple[str, ...]
    transactional: bool = False

    @property
    def setting(self) -> bool:
        """Whether it changes settings of the session and nothing else."""
        return not self.transactional and all(_SETTING.match(one) for one in self.statements)

    @property
    def text(self) -> str:
        """The statements, each with its end."""
        return script(self.statements)


def forward(entry: Entry) -> Sequence[Part]:
    """The parts of a step: all of it, or its statements one by one where it may not stand in a transaction."""
    step = entry.step
    if step.transactional and step.statements:
        return (Part(statements=step.statements, transactional=True),)
    return split(step.statements)


def backward(entry: Entry) -> Sequence[Part]:
    """The parts of the way back, in the order in which they run."""
    return split(entry.step.rollback)


def split(statements: Iterable[str]) -> Sequence[Part]:
    """Part statements that run one by one; what stands between BEGIN and COMMIT is one part, without these two."""
    parts: list[Part] = []
    together: list[str] | None = None
    for statement in statements:
        if statement == "BEGIN":
            together = []
        elif statement == "COMMIT" and together is not None:
            parts.append(Part(statements=tuple(together), transactional=True))
            together = None
        elif together is not None:
            together.append(statement)
        else:
            parts.append(Part(statements=(statement,)))
    return tuple(parts)
