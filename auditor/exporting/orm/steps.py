"""The steps of one operation, as those look at them who read what they mean for models."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from auditor.exporting.orm.engine import Made
from auditor.exporting.worklist import Entry
from auditor.model.catalog import Key
from auditor.model.plan import ColumnShape, ReferenceShape, TableShape


class Steps(Struct, frozen=True, kw_only=True):
    """The steps of one operation, what their statements make, and the tables as they were planned for."""

    entries: tuple[Entry, ...]
    made: tuple[Made, ...]
    shapes: Mapping[Key, TableShape]

    def at(self, kind: str) -> Entry | None:
        """The last step that is a deploy point of a kind."""
        found = [one for one in self.entries if one.step.deploy is not None and one.step.deploy.kind == kind]
        return found[-1] if found else None

    def name(self, table: Key, *kinds: str) -> str | None:
        """The name of what is made of the first kind of which anything is made on a table."""
        for kind in kinds:
            if found := [one.name for one in self.made if one.kind == kind and one.table == table]:
                return found[-1]
        return None

    @property
    def last(self) -> int:
        """The number of the last step that has statements."""
        return next(entry.number for entry in reversed(self.entries) if entry.step.statements)

    def shape(self, table: Key, column: str) -> ColumnShape | None:
        """A column as it was planned for."""
        found = self.shapes.get(table)
        return next((one for one in found.columns if one.name == column), None) if found is not None else None

    def reference(self, table: Key, name: str) -> ReferenceShape | None:
        """A foreign key as it was planned for."""
        found = self.shapes.get(table)
        return next((one for one in found.references if one.name == name), None) if found is not None else None
