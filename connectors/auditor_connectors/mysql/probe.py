"""What a probe is: one bounded, set-based read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

from msgspec import Struct

Row = dict[str, Any]
Raw = Mapping[str, list[Row]]
"""The rows of every probe that was ``ok``, by its name. A probe that was not ``ok`` has no entry."""

Product = Literal["mysql", "mariadb"]

MARK = "/* auditor */"
"""The comment that ends every statement of a session, so that logs and process lists tell whose it was."""

SYSTEM_SCHEMAS = ("information_schema", "mysql", "performance_schema", "sys")

_OWN = re.compile(r"\{own:([\w.]+)\}")


class Need(Struct, frozen=True, kw_only=True):
    """What an account needs so that a probe shows all there is, and not silently less.

    Global ``privileges`` are alternatives to those on the databases themselves. ``databases``: some privilege of these
    on every audited database shows all of its objects. ``tables`` lists system tables (schema, table) that are read,
    ``columns`` those of which some columns are: what else such a table holds is nobody's to see. The first of a list is
    the one to propose, on what ``proposed`` says; None where it would allow more than to read.
    """

    privileges: tuple[str, ...] = ()
    databases: tuple[str, ...] = ()
    tables: tuple[tuple[str, str], ...] = ()
    columns: tuple[tuple[str, str, tuple[str, ...]], ...] = ()
    proposed: Literal["databases", "everywhere"] | None = "databases"


class Probe(Struct, frozen=True, kw_only=True):
    """One bounded read of the dictionary or of what the server counts.

    ``sql`` is its statement: one text, or a mapping from the lowest version number that a text is for to that text.
    ``mariadb`` is that of MariaDB where it is another one; an empty mapping where it has nothing of the kind.
    ``{own:COLUMN}`` in a text is the condition that a column names an audited database, ``{limit}`` the limit on
    statements. ``need`` says which privileges let the server show everything, ``need_mariadb`` which others MariaDB
    asks for; ``privilege`` says it in words.
    """

    name: str
    purpose: str
    sql: str | Mapping[int, str] = {}
    mariadb: str | Mapping[int, str] | None = None
    privilege: str = "none"
    need: Need = Need()
    need_mariadb: Need | None = None
    missing: str = "this version of the server has nothing of the kind"

    def needs(self, product: Product) -> Need:
        """What an account of that product needs."""
        return self.need_mariadb if product == "mariadb" and self.need_mariadb is not None else self.need

    def text(self, product: Product, version: int) -> str | None:
        """Return the statement for a product's version, None where there is none."""
        texts = self.mariadb if product == "mariadb" and self.mariadb is not None else self.sql
        if isinstance(texts, str):
            return texts
        fitting = [number for number in texts if number <= version]
        return texts[max(fitting)] if fitting else None


def within(sql: str, database: str | None, quote: str) -> str:
    """Fill in the condition that a column names an audited database: ``quote`` is the literal of its name.

    Names are compared as bytes: where they tell upper from lower case, the collation of the dictionary does not.
    """

    def condition(match: re.Match[str]) -> str:
        column = match[1]
        if database is None:
            names = ", ".join(f"'{name}'" for name in SYSTEM_SCHEMAS)
            return f"lower({column}) NOT IN ({names})"
        return f"({column} = {quote} AND CAST({column} AS BINARY) = CAST({quote} AS BINARY))"

    return _OWN.sub(condition, sql)


def marked(sql: str) -> str:
    """Return a statement with the mark of the connector."""
    return f"{sql.strip()} {MARK}"
