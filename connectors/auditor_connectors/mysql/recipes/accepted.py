"""What each product and version accepts in ALGORITHM and LOCK, by kind of change: data, with its sources.

Every statement of a recipe names them, so that the server refuses what would cost more than was planned instead of
doing it. Measured on MySQL 9.7 and MariaDB 10.11, on tables with rows, with each trait below (a test asks both servers
again). For other versions: MySQL manuals of 5.7, 8.0 and 8.4, "Online DDL Operations"; MariaDB documentation, "InnoDB
Online DDL Operations with the INSTANT / NOCOPY / INPLACE Alter Algorithm" and "Online Schema Change" (11.2 and later).
Of character sets: MySQL worklog 11605 and bug 118920 (which shows it on 8.0.43), MariaDB MDEV-15564 and MDEV-26294.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from msgspec import Struct

from auditor.model.catalog import Table
from auditor.model.facts import Facts

Change = Literal[
    "add-index", "add-expression-index", "add-search-index", "drop-index", "hide-index", "add-primary-key",
    "add-numbered-key", "add-reference", "drop-reference", "add-check", "add-check-unenforced", "enforce-check",
    "drop-check", "forbid-null", "forbid-null-moment", "allow-null", "set-default", "add-column", "drop-column",
    "drop-indexed-column", "change-type", "extend-text", "default-text", "widen-text", "widen-indexed-text",
    "recollate-indexed-text", "change-engine", "rebuild", "partition",
]  # fmt: skip
"""``add-reference`` is the one that reads no rows: with foreign_key_checks off. ``extend-text`` lengthens a VARCHAR
without another number of bytes for its length; ``add-numbered-key`` adds a column with AUTO_INCREMENT,
``forbid-null-moment`` concerns a TIMESTAMP, for which MariaDB might take a NULL as the present moment.

``partition`` gives the table partitions or takes them away.
``default-text`` changes the character set of columns that are added later. ``widen-text`` changes that of columns whose
bytes stay as they are: utf8mb3 is a part of utf8mb4. ``widen-indexed-text`` does it for columns of indexes that stay
in order, ``recollate-indexed-text`` for those of indexes that another collation puts into another order.
"""

Trait = Literal["full-text", "spatial", "indexed-virtual", "stored", "compressed", "other-engine", "cascades"]
"""What of a table takes ways away: indexes of these kinds, generated columns that are stored or indexed, compressed
pages, another storage engine than InnoDB, foreign keys that change rows by themselves."""


class Way(Struct, frozen=True):
    """How the server makes a change. ``lock`` is empty where the clause is not allowed or says nothing."""

    algorithm: str
    lock: str = ""
    rebuilds: bool = False

    @property
    def clause(self) -> str:
        """What the statement ends in."""
        return f"ALGORITHM={self.algorithm}" + (f", LOCK={self.lock}" if self.lock else "")

    @property
    def is_instant(self) -> bool:
        """Whether nothing of the size of the table is read or written."""
        return self.algorithm == "INSTANT"

    @property
    def blocks_writes(self) -> bool:
        """Whether writers wait for as long as it takes."""
        return self.lock == "SHARED"


# MySQL takes no LOCK beside INSTANT; MariaDB takes LOCK=NONE, which is what it does anyway.
INSTANT = Way("INSTANT")
NOCOPY = Way("NOCOPY", "NONE")
IN_PLACE = Way("INPLACE", "NONE")
IN_PLACE_SHARED = Way("INPLACE", "SHARED")
REBUILD = Way("INPLACE", "NONE", rebuilds=True)
REBUILD_SHARED = Way("INPLACE", "SHARED", rebuilds=True)
COPY = Way("COPY", "SHARED", rebuilds=True)
COPY_ONLINE = Way("COPY", "NONE", rebuilds=True)

_Since = tuple[tuple[int, Way], ...]
"""Ways by the first version that has them, the newest first; versions are those of ``Server.version_number``."""

_MYSQL: Mapping[Change, _Since] = {
    "add-index": ((0, IN_PLACE),),
    "add-expression-index": ((80013, IN_PLACE_SHARED),),
    "add-search-index": ((0, IN_PLACE_SHARED),),
    "drop-index": ((0, IN_PLACE),),
    "hide-index": ((80000, IN_PLACE),),
    "add-primary-key": ((0, REBUILD),),
    "add-numbered-key": ((0, REBUILD_SHARED),),
    "add-reference": ((0, IN_PLACE),),
    "drop-reference": ((0, IN_PLACE),),
    "add-check": ((80016, COPY),),
    "add-check-unenforced": ((80016, INSTANT),),
    "enforce-check": ((80016, COPY),),
    "drop-check": ((80016, INSTANT),),
    "forbid-null": ((0, REBUILD),),
    "forbid-null-moment": ((0, REBUILD),),
    "allow-null": ((0, REBUILD),),
    "set-default": ((80012, INSTANT), (0, IN_PLACE)),
    "add-column": ((80012, INSTANT), (0, REBUILD)),
    "drop-column": ((80029, INSTANT), (0, REBUILD)),
    "drop-indexed-column": ((0, REBUILD),),
    "change-type": ((0, COPY),),
    "extend-text": ((0, IN_PLACE),),
    "default-text": ((0, IN_PLACE),),
    "widen-text": ((80043, IN_PLACE), (0, COPY)),
    "widen-indexed-text": ((0, COPY),),
    "recollate-indexed-text": ((0, COPY),),
    "change-engine": ((0, COPY),),
    "rebuild": ((0, REBUILD),),
    "partition": ((0, COPY),),
}

_MARIADB: Mapping[Change, _Since] = {
    "add-index": ((100302, NOCOPY), (0, IN_PLACE)),
    "add-search-index": ((0, IN_PLACE_SHARED),),
    "drop-index": ((100302, NOCOPY), (0, IN_PLACE)),
    "hide-index": ((100600, INSTANT),),
    "add-primary-key": ((0, REBUILD),),
    "add-numbered-key": ((0, REBUILD_SHARED),),
    "add-reference": ((100302, INSTANT), (0, IN_PLACE)),
    "drop-reference": ((100302, INSTANT), (0, IN_PLACE)),
    "add-check": ((110200, COPY_ONLINE), (100201, COPY)),
    "drop-check": ((100302, INSTANT), (0, COPY)),
    "forbid-null": ((0, REBUILD),),
    "forbid-null-moment": ((110200, COPY_ONLINE), (0, COPY)),
    "allow-null": ((0, REBUILD),),
    "set-default": ((100302, INSTANT), (0, IN_PLACE)),
    "add-column": ((100302, INSTANT), (0, REBUILD)),
    "drop-column": ((100400, INSTANT), (0, REBUILD)),
    "drop-indexed-column": ((100400, NOCOPY), (0, REBUILD)),
    "change-type": ((110200, COPY_ONLINE), (0, COPY)),
    "extend-text": ((100403, INSTANT), (0, IN_PLACE)),
    "default-text": ((100302, INSTANT), (0, IN_PLACE)),
    "widen-text": ((100403, INSTANT), (0, COPY)),
    "widen-indexed-text": ((100403, INSTANT), (0, COPY)),
    "recollate-indexed-text": ((100600, NOCOPY), (0, COPY)),
    "change-engine": ((0, COPY),),
    "rebuild": ((0, REBUILD),),
    "partition": ((0, COPY),),
}

_WRITES_ROWS: tuple[Change, ...] = (
    "drop-indexed-column", "forbid-null", "forbid-null-moment", "allow-null", "add-primary-key", "rebuild",
)  # fmt: skip
_ROWS_ALONE = tuple(change for change in _WRITES_ROWS if change != "forbid-null-moment")
_COLUMNS: tuple[Change, ...] = ("add-column", "drop-column")
_MYSQL_OTHER: Mapping[Change, Way] = dict.fromkeys(("set-default", "hide-index"), INSTANT)
_MARIADB_OTHER: Mapping[Change, Way] = dict.fromkeys(("set-default", "hide-index", "drop-check"), INSTANT)
"""What other engines than InnoDB do without a copy."""

_Worse = Mapping[Trait, Mapping[Change, Way]]
"""What a trait of the table makes of some changes. The first that fits decides."""

_MYSQL_WORSE: _Worse = {
    "full-text": dict.fromkeys((*_WRITES_ROWS, *_COLUMNS, "add-numbered-key"), COPY),
    "spatial": dict.fromkeys(_WRITES_ROWS, REBUILD_SHARED),
    "compressed": dict.fromkeys(_COLUMNS, REBUILD),
}
_MARIADB_WORSE: _Worse = {
    "indexed-virtual": {
        **dict.fromkeys(
            ("drop-column", "drop-indexed-column", "forbid-null", "forbid-null-moment", "allow-null"), COPY
        ),
        **dict.fromkeys(("add-column", "add-primary-key", "rebuild"), REBUILD_SHARED),
    },
    "stored": dict.fromkeys(("forbid-null", "forbid-null-moment", "allow-null"), COPY),
    "full-text": dict.fromkeys((*_ROWS_ALONE, *_COLUMNS), REBUILD_SHARED) | {"forbid-null-moment": COPY},
    "spatial": dict.fromkeys(_ROWS_ALONE, REBUILD_SHARED) | {"forbid-null-moment": COPY},
    "compressed": dict.fromkeys((*_COLUMNS, "drop-indexed-column"), REBUILD),
    # A copy that lets writers go on would miss what such keys write: MariaDB refuses LOCK=NONE for it.
    "cascades": dict.fromkeys(("add-check", "change-type", "forbid-null-moment"), COPY),
}


def way(facts: Facts, change: Change, table: Table | None) -> Way | None:
    """How the server makes a change of a table at best; None where its version cannot make it at all."""
    mariadb = facts.target.engine == "mariadb"
    known = (_MARIADB if mariadb else _MYSQL).get(change, ())
    found = next((one for since, one in known if facts.version >= since), None)
    if found is None or table is None:
        return found
    traits = set(traits_of(facts, table))
    if "other-engine" in traits:
        return (_MARIADB_OTHER if mariadb else _MYSQL_OTHER).get(change, COPY)
    worse = _MARIADB_WORSE if mariadb else _MYSQL_WORSE
    return next((ways[change] for trait, ways in worse.items() if trait in traits and change in ways), found)


def traits_of(facts: Facts, table: Table) -> Iterator[Trait]:
    """Name the traits of a table that take ways away."""
    if table.engine is not None and table.engine.lower() != "innodb":
        yield "other-engine"
    if table.options.get("row_format") == "compressed":
        yield "compressed"
    virtual = {column.name for column in table.columns if column.generated == "virtual"}
    for index in facts.indexes_of(table.key):
        if index.method == "fulltext":
            yield "full-text"
        elif index.method == "spatial":
            yield "spatial"
        if virtual & set(index.columns) or index.is_expression:
            yield "indexed-virtual"
    if any(column.generated == "stored" for column in table.columns):
        yield "stored"
    for key in facts.constraints_of(table.key, "foreign-key"):
        if {key.on_delete, key.on_update} & {"cascade", "set null", "set default"}:
            yield "cascades"
