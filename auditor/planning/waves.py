"""Parts the steps of a phase into waves: those of one wave may run at the same time, one wave after the other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from auditor.model.catalog import Key
from auditor.model.facts import Facts
from auditor.model.operation import ChangeCharacterSet, ChangeColumnType, MaterialiseView, Operation, SetLogged
from auditor.model.plan import Step
from auditor.planning.identity import touched

AT_ONCE = 2
"""Long steps of one wave: two builds leave the disks and the replicas room for the clients."""

LONG_SECONDS = 1.0
"""From here on a step is long: it reads or writes a table rather than the catalog alone."""

DISK_SHARE = 0.1
"""The part of the database's size that the long steps of a wave may need of the disk together: what is left of a disk
is not known, but one without a tenth to spare is no place for a change."""

_ACROSS = (ChangeColumnType, ChangeCharacterSet, SetLogged)
"""Kinds of operations whose switch locks the tables at the other ends of foreign keys too."""


def waves_of(steps: Sequence[Step], operations: Mapping[str, Operation], facts: Facts) -> tuple[tuple[str, ...], ...]:
    """Part the steps of a phase, given in their order, into waves of identities.

    Each step stands after those that it depends on. No two steps of a wave work on the same table, at most ``AT_ONCE``
    are long, and together these need no more disk than ``disk_budget``. What people do, and what concerns the whole
    server, has a wave of its own.
    """
    plan = _Waves(disk_budget(steps, facts))
    tables = {name: frozenset(tables_of(operations[name], facts)) for name in {step.operation for step in steps}}
    for step in steps:
        plan.place(step, tables[step.operation] if step.lock is not None else frozenset())
    return tuple(tuple(wave) for wave in plan.waves)


def disk_budget(steps: Iterable[Step], facts: Facts) -> int:
    """Bytes that the steps of a wave may need together: a tenth of the database, or what the largest needs alone."""
    return max(int(DISK_SHARE * (facts.total_bytes or 0)), *(step.disk_bytes or 0 for step in steps), 0)


def tables_of(operation: Operation, facts: Facts) -> Iterator[Key]:
    """Name the tables on which nothing else may be done meanwhile: of a partition the whole that it belongs to.

    Of a view these are the tables that it reads, and the view itself.
    """
    if isinstance(operation, MaterialiseView):
        key = (operation.schema, operation.view)
        yield from (key, *(facts.root(table).key for table in facts.tables_behind(key)))
    for key in touched(operation):
        others: Iterable[Key | None] = ()
        if isinstance(operation, _ACROSS):
            others = (
                *(one.referenced_key for one in facts.constraints_of(key, "foreign-key")),
                *(one.table_key for one in facts.referencing(key)),
            )
        for one in (key, *others):
            table = facts.table(one)
            if table is not None:
                yield facts.root(table).key
            elif one is not None:
                yield one


class _Waves:
    """Waves in the making."""

    def __init__(self, disk: int) -> None:
        self.waves: list[list[str]] = []
        self._disk = disk
        self._place: dict[str, int] = {}
        self._free: dict[Key, int] = defaultdict(int)
        self._long: list[int] = []
        self._used: list[int] = []
        self._floor = 0
        """The first wave after the last one that somebody has for himself."""
        self._roomy = 0
        """The first wave that may still take a long step."""

    def place(self, step: Step, tables: frozenset[Key]) -> None:
        """Put a step into the first wave that takes it."""
        if tables:
            waiting = [self._place[one] + 1 for one in step.depends_on if one in self._place]
            number = max(self._floor, *(self._free[key] for key in tables), *waiting)
            if _is_long(step):
                number = self._with_room(number, step.disk_bytes or 0)
        else:
            number = len(self.waves)
            self._floor = number + 1
        while len(self.waves) <= number:
            self.waves.append([])
            self._long.append(0)
            self._used.append(0)
        self.waves[number].append(step.id)
        self._place[step.id] = number
        for key in tables:
            self._free[key] = number + 1
        if _is_long(step):
            self._long[number] += 1
            self._used[number] += step.disk_bytes or 0

    def _with_room(self, number: int, disk: int) -> int:
        while self._roomy < len(self.waves) and self._long[self._roomy] >= AT_ONCE:
            self._roomy += 1
        number = max(number, self._roomy)
        while number < len(self.waves) and (self._long[number] >= AT_ONCE or self._used[number] + disk > self._disk):
            number += 1
        return number


def _is_long(step: Step) -> bool:
    return step.duration_seconds is None or step.duration_seconds > LONG_SECONDS or bool(step.disk_bytes)
