"""What all operations share: an identity that follows from their content."""

from __future__ import annotations

from typing import ClassVar

from msgspec import Struct
from msgspec.structs import force_setattr

from auditor.model.catalog import Key, dotted


class Operation(Struct, frozen=True, kw_only=True, tag_field="kind", omit_defaults=True):
    """Base of all operations. ``id`` follows from the content, so that the same change proposed twice is one change."""

    id: str = ""

    identity_fields: ClassVar[tuple[str, ...]] = ()
    planner_fields: ClassVar[tuple[str, ...]] = ()
    """Fields that nobody asks for: the planner fills them in."""

    def __post_init__(self) -> None:
        """Derive the identity from the kind and the identity fields."""
        if not self.id:
            parts = (getattr(self, field) for field in self.identity_fields)
            name = ".".join(",".join(part) if isinstance(part, tuple) else str(part) for part in parts if part)
            force_setattr(self, "id", f"{self.kind}:{name}")

    @property
    def kind(self) -> str:
        """The tag of the operation, in kebab-case."""
        return str(self.__struct_config__.tag)

    @property
    def table_key(self) -> Key | None:
        """The table that the operation works on, if it works on one."""
        table = getattr(self, "table", None)
        return (getattr(self, "schema", ""), table) if table else None

    @property
    def path(self) -> str:
        """The subject's name as a report shows it."""
        parts = (getattr(self, field, None) for field in ("schema", "table", "view", "column", "name"))
        return dotted(*(part for part in parts if isinstance(part, str) and part))
