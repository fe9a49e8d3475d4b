"""Fields that hold keys of other collections: references that no engine declares, found by looking values up."""

from __future__ import annotations

from typing import NamedTuple

from auditor.model.catalog import Column, Table
from auditor.model.documents import Link
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Subject
from auditor.model.units import Unit
from auditor_checks._documents import documents_of


class Linked(NamedTuple):
    """A reference with the collection that refers."""

    table: Table
    link: Link

    @property
    def path(self) -> str:
        """The field that refers, as a report shows it."""
        return self.table.column_path(self.link.field)

    @property
    def target(self) -> str:
        """The collection that it refers to, as a report shows it."""
        return f"{self.link.database}.{self.link.collection}"

    @property
    def column(self) -> Column | None:
        """The field that refers."""
        return self.table.column(self.link.field)


def links(facts: Facts) -> list[Linked]:
    """Every reference that the look-ups confirmed."""
    return [Linked(table, link) for table in facts.tables for link in documents_of(table).links]


def subject(item: Linked) -> Subject:
    """The field that refers."""
    return Subject(kind="field", name=item.path)


def looked_up(item: Linked) -> tuple[Evidence, ...]:
    """What the look-ups gave."""
    found = item.link.found or item.link.cast_found
    return (
        Evidence(name="refers to", value=item.target, probe="references"),
        Evidence(name="keys looked up", value=item.link.tried, unit="keys", probe="references"),
        Evidence(name="of these found", value=found, unit="keys", probe="references"),
    )


LINKS = Unit(
    plural="references between collections", items=links, subject=subject,
    weight=lambda facts, item: facts.exposure(item.table),
)  # fmt: skip
