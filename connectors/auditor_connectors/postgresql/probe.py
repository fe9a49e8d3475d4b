"""What a probe is: one bounded, set-based read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

Row = dict[str, Any]
Raw = Mapping[str, list[Any]]
"""The rows of every probe that was ``ok``, by its name. A probe that was not ``ok`` has no entry.

Rows are mappings (``Row``), those of a probe with ``many`` named tuples.
"""

MARK = "/* auditor */"
"""The comment that ends every statement of a session, so that the statement statistics can leave out our own.

It ends them because version 18 drops a comment that comes first from the texts that it keeps.
"""


def marked(sql: str) -> str:
    """Return a statement with the mark of the connector."""
    return f"{sql.strip()} {MARK}"


class Probe(Struct, frozen=True, kw_only=True):
    """One bounded read of catalogs and statistics views.

    ``sql`` is one statement, or a mapping from the lowest ``server_version_num`` that a text is for to that text.
    ``%(locked)s`` in it is the list of relations that somebody holds under ACCESS EXCLUSIVE: they must be left out
    of whatever would wait for that lock. ``%(limit)s`` is the limit on statements. ``privilege`` says in words what
    the role needs; ``grant`` is the exact statement that gives it (``{role}`` and ``{database}`` are filled in,
    quoted), None when no grant would help. ``since`` is the first ``server_version_num`` that has it. ``extension``
    is the extension whose view it reads: it is looked up in the schema where that extension lives (``{schema}`` in
    the text, quoted), and the probe is unsupported where it is not installed. ``timeout`` in seconds overrides the
    session's statement timeout. ``bare`` probes run where no parameter of the session hides the server's.
    ``many`` says that there are as many rows as tables or more: they come as named tuples, which take a third of the
    memory. ``direct`` is the text for a session that may read pg_statistic itself rather than through its view.
    ``derived_from`` names the probes from whose rows this one is worked out: it has no statement. ``candidates`` says
    that ``%(candidates)s`` in the text lists the tables whose bloat is worth measuring.
    """

    name: str
    purpose: str
    sql: str | Mapping[int, str] = {}
    privilege: str = "CONNECT"
    grant: str | None = None
    since: int = 0
    until: int | None = None
    extension: str | None = None
    timeout: float | None = None
    bare: bool = False
    many: bool = False
    direct: str | None = None
    derived_from: tuple[str, ...] = ()
    candidates: bool = False
    missing: str | None = None  # why it is unsupported where it is, and what would change that

    def text(self, version: int, *, direct: bool = False) -> str | None:
        """Return the statement for a server version, None where there is none."""
        if version < self.since or (self.until is not None and version >= self.until):
            return None
        if direct and self.direct is not None:
            return self.direct
        if isinstance(self.sql, str):
            return self.sql
        fitting = [number for number in self.sql if number <= version]
        return self.sql[max(fitting)] if fitting else None
