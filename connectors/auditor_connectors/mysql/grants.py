"""What the session may see: the privileges of its account and its active roles, as SHOW GRANTS tells them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

from msgspec import Struct

_NAME = r"(?:`((?:[^`]|``)*)`|(\*|[^`.\s]+))"
_GRANT = re.compile(
    rf"^GRANT (?P<privileges>.+?) ON (?:TABLE |FUNCTION |PROCEDURE |PACKAGE (?:BODY )?)?{_NAME}\.{_NAME} TO ", re.DOTALL
)
_ROUTINE = re.compile(r"^GRANT .+? ON (?:FUNCTION|PROCEDURE|PACKAGE)\b", re.DOTALL)
_REVOKE = re.compile(rf"^REVOKE (?P<privileges>.+?) ON {_NAME}\.{_NAME} FROM ", re.DOTALL)
_COLUMN = re.compile(r"`((?:[^`]|``)*)`|([^`,\s]+)")
_ALL = "ALL PRIVILEGES"
_SYNONYMS = {
    # MariaDB 10.5 split and renamed these; servers take and show either name.
    "REPLICATION CLIENT": "BINLOG MONITOR",
    "REPLICA MONITOR": "SLAVE MONITOR",
}


class Privileges(Struct, frozen=True, kw_only=True):
    """Privileges by level: everywhere, by pattern of databases, by database and table; of columns, what may be read.

    ``revoked`` are those that a partial revoke takes away again (MySQL's ``partial_revokes``), by database.
    """

    everywhere: frozenset[str] = frozenset()
    databases: Mapping[str, frozenset[str]] = {}
    tables: Mapping[tuple[str, str], frozenset[str]] = {}
    columns: Mapping[tuple[str, str], frozenset[str]] = {}
    revoked: Mapping[str, frozenset[str]] = {}

    def globally(self, *privileges: str) -> bool:
        """Whether the account has any of some privileges everywhere."""
        return _any(self.everywhere, privileges)

    def on_database(self, database: str, privileges: Collection[str]) -> bool:
        """Whether it has any of some privileges on all of a database, or any privilege at all if none are named."""
        gone = self.revoked.get(database, frozenset())
        if _any(self.everywhere - gone, privileges):
            return True
        return any(_any(held, privileges) for name, held in self.databases.items() if _fits(name, database))

    def on_table(self, database: str, table: str) -> bool:
        """Whether it may read a table."""
        return self.on_database(database, ("SELECT",)) or _any(self.tables.get((database, table), ()), ("SELECT",))

    def on_columns(self, database: str, table: str, columns: Collection[str]) -> bool:
        """Whether it may read these columns of a table."""
        return self.on_table(database, table) or set(columns) <= self.columns.get((database, table), frozenset())


def parse(lines: Iterable[str]) -> Privileges:
    """Read the lines of SHOW GRANTS; what is no grant of privileges on data is passed over."""
    everywhere: set[str] = set()
    databases: dict[str, set[str]] = {}
    tables: dict[tuple[str, str], set[str]] = {}
    columns: dict[tuple[str, str], set[str]] = {}
    revoked: dict[str, set[str]] = {}
    for line in lines:
        taken = _REVOKE.match(line)
        if taken is not None:
            revoked.setdefault(_name(taken, 2), set()).update(_listed(taken["privileges"]))
            continue
        match = _GRANT.match(line)
        if match is None or _ROUTINE.match(line):
            continue
        database, table = _name(match, 2), _name(match, 4)
        held = _listed(match["privileges"])
        if database == "*":
            everywhere |= held
        elif table == "*":
            databases.setdefault(database, set()).update(held)
        else:
            tables.setdefault((database, table), set()).update(held)
            columns.setdefault((database, table), set()).update(_columns(match["privileges"]))
    return Privileges(
        everywhere=frozenset(everywhere),
        databases={name: frozenset(held) for name, held in databases.items()},
        tables={name: frozenset(held) for name, held in tables.items()},
        columns={name: frozenset(held) for name, held in columns.items()},
        revoked={name: frozenset(held) for name, held in revoked.items()},
    )


def _name(match: re.Match[str], group: int) -> str:
    quoted, plain = match[group], match[group + 1]
    return str(plain) if quoted is None else quoted.replace("``", "`")


def _listed(text: str) -> set[str]:
    """The privileges of a list; those on columns only, which stand with their columns in parentheses, are left out."""
    plain = re.sub(r"[A-Z ]+\((?:[^()`]|`(?:[^`]|``)*`)*\)", "", text)
    words = {word.strip().upper() for word in plain.split(",")}
    return {_SYNONYMS.get(word, word) for word in words if word and word != "USAGE"}


def _columns(text: str) -> set[str]:
    """The columns that a list of privileges lets read."""
    found = re.search(r"\bSELECT \(((?:[^()`]|`(?:[^`]|``)*`)*)\)", text)
    if found is None:
        return set()
    return {quoted.replace("``", "`") or plain for quoted, plain in _COLUMN.findall(found[1])}


def _any(held: Collection[str], privileges: Collection[str]) -> bool:
    if _ALL in held or (not privileges and held):
        return True
    return any(_SYNONYMS.get(name, name) in held for name in privileges)


def _fits(pattern: str, database: str) -> bool:
    """Whether a database is one of those that a pattern of GRANT means: _ and % are wildcards unless escaped."""
    parts = re.findall(r"\\.|.", pattern, re.DOTALL)
    known = {"%": ".*", "_": "."}
    expression = "".join(
        known.get(part) or re.escape(part[1:] if part[0] == "\\" and part[1:] else part) for part in parts
    )
    return re.fullmatch(expression, database, re.DOTALL) is not None
