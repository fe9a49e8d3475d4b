"""From rows to tables with their columns and sizes, and the counters of AUTO_INCREMENT."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import UTC
from typing import Any, Literal

from auditor.model.catalog import Column, Key, Sequence, Table
from auditor.model.statistics import Bloat, ColumnStatistics, TableUsage
from auditor_connectors.mysql.assemble.histograms import value_statistics
from auditor_connectors.mysql.assemble.partitions import partitioning, partitions
from auditor_connectors.mysql.assemble.types import facts_of, plain
from auditor_connectors.mysql.assemble.values import iso
from auditor_connectors.mysql.probe import Raw, Row
from auditor_connectors.mysql.switches import lost_counters

_ON_UPDATE = re.compile(r"on update (\w+(?:\(\d*\))?)", re.IGNORECASE)
_TEXT = frozenset({"text", "char", "enum", "json"})
_JSON = re.compile(r"\(*json_valid\(`((?:[^`]|``)+)`\)\)*", re.IGNORECASE)

_PART = re.compile(r"(?i)#p#")
_LAST = 2**64 - 1
"""Where InnoDB's own counter ends; the column's type ends it before."""


def tables(raw: Raw) -> tuple[Table, ...]:
    """Return every table with its columns, by address."""
    columns, sizes = _columns(raw), {(row["schema"], row["name"]): row for row in raw.get("sizes", ())}
    parts, used = partitions(raw), _usage(raw)
    free = {(row["schema"], row["name"]): int(row["free_bytes"]) for row in raw.get("table-bloat", ())}
    versions, changed, gathered = _row_versions(raw), _changed_rows(raw), _gathered(raw)
    found = []
    for row in raw.get("tables", ()):
        key = (row["schema"], row["name"])
        found.append(
            Table(
                schema=row["schema"],
                name=row["name"],
                engine=row["engine"],
                collation=row["collation"],
                persistence="unlogged" if row["engine"] == "MEMORY" else "permanent",
                columns=columns.get(key, ()),
                rows=None if row["rows"] is None else float(row["rows"]),
                options=_options(row),
                comment=row["comment"] or None,
                unreadable=None if row["engine"] else "the server cannot open it: CHECK TABLE tells why",
                usage=used(key),
                row_versions=versions.get(key, 0) if "row-versions" in raw else None,
                changed_rows=changed.get(key, None if key in parts else 0) if "changed-rows" in raw else None,
                statistics_at=gathered.get(key),
                bloat=_bloat(row, free.get(key, 0)) if "table-bloat" in raw else None,
                **_sizes(sizes.get(key)),
                **partitioning(parts.get(key, ())),
            )
        )
    return tuple(sorted(found, key=lambda table: table.key))


def sequences(raw: Raw) -> tuple[Sequence, ...]:
    """Return the counters of AUTO_INCREMENT, by address. One that still stands at its first number was never used."""
    numbers = {(row["schema"], row["name"]): row["next_number"] for row in raw.get("tables", ())}
    found = []
    for row in raw.get("sequences", ()):
        key = (row["schema"], row["table"])
        if row["column"] is None or key not in numbers:
            continue  # an object of its own, whose position is not read
        following = numbers[key]
        found.append(
            Sequence(
                schema=row["schema"],
                name=f"{row['table']}.{row['column']}",
                maximum=_LAST,
                last_value=None if following is None or following <= 1 else following - 1,
                owner_schema=row["schema"],
                owner_table=row["table"],
                owner_column=row["column"],
                identity=True,
                fed=((row["schema"], row["table"], row["column"]),),
            )
        )
    return tuple(sorted(found, key=lambda sequence: sequence.key))


def _columns(raw: Raw) -> dict[Key, tuple[Column, ...]]:
    documents, known = _json_columns(raw), value_statistics(raw)
    found: dict[Key, list[Column]] = defaultdict(list)
    for row in raw.get("columns", ()):
        key = (row["schema"], row["table"])
        found[key].append(_column(row, is_json=(*key, row["name"]) in documents, known=known))
    return {key: tuple(columns) for key, columns in found.items()}


def _json_columns(raw: Raw) -> set[tuple[str, str, str]]:
    """The columns that a check holds to JSON: how MariaDB writes the type JSON."""
    found = set()
    for row in raw.get("constraints", ()):  # MySQL, which has the type, tells clauses without their tables
        match = _JSON.fullmatch((row["clause"] or "").strip()) if row["kind"] == "check" else None
        if match:
            found.add((row["schema"], row["table"], match[1].replace("``", "`")))
    return found


def _column(row: Row, *, is_json: bool, known: Mapping[tuple[str, str, str], ColumnStatistics]) -> Column:
    facts, extra = facts_of(row), (row["extra"] or "").upper()
    counts = "AUTO_INCREMENT" in extra
    generated: Literal["stored", "virtual"] | None = (
        "virtual" if "VIRTUAL" in extra else "stored" if "STORED GENERATED" in extra or "PERSISTENT" in extra else None
    )
    return Column(
        name=row["name"],
        position=row["position"],
        type="json" if is_json else plain(row["type"]),
        family="json" if is_json else facts.family,
        bits=facts.bits,
        unsigned=facts.unsigned,
        length=facts.length,
        precision=facts.precision,
        scale=facts.scale,
        nullable=row["nullable"] == "YES",
        default=None if generated else _default(row, facts.family, extra),
        identity="by-default" if counts else None,
        generated=generated,
        sequence=(row["schema"], f"{row['table']}.{row['name']}") if counts else None,
        on_update=updated[1] if (updated := _ON_UPDATE.search(row["extra"] or "")) else None,
        hidden="INVISIBLE" in extra,
        character_set=row["character_set"],
        collation=row["collation"],
        comment=row["comment"] or None,
        statistics=known.get((row["schema"], row["table"], row["name"])),
    )


def _default(row: Row, family: str, extra: str) -> str | None:
    """The default as an expression. MariaDB writes it so; MySQL writes constants as they are, and marks expressions."""
    text = row["default"]
    if text is None or (text == "NULL" and row["quoted"]):
        return None
    if row["quoted"] or "DEFAULT_GENERATED" in extra or family not in _TEXT:
        return str(text)
    return "'" + str(text).replace("'", "''") + "'"


def _options(row: Row) -> dict[str, str]:
    """The options that the table was made with, without those that are told elsewhere."""
    found = {"row_format": row["row_format"].lower()} if row["row_format"] else {}
    for word in (row["options"] or "").split():
        name, separator, value = word.partition("=")
        if separator and name.lower() != "row_format":
            found[name.lower().strip("`")] = value.strip("\"'")
    return dict(sorted(found.items()))


def _sizes(size: Row | None) -> dict[str, Any]:
    """The bytes of rows and indexes. InnoDB keeps rows in the primary key, which counts as the rows' place."""
    if size is None or size["data_bytes"] is None:
        return {}
    heap, index = int(size["data_bytes"]), int(size["index_bytes"] or 0)
    return {"bytes": heap + index, "heap_bytes": heap, "index_bytes": index, "toast_bytes": 0}


def _usage(raw: Raw) -> Callable[[Key], TableUsage | None]:
    """What was counted of a table. One that was never opened has no counters: nothing was done with it.

    Where the server had no room for the counters of all tables, it is not known what became of those without.
    """
    rows = {(row["schema"], row["table"]): row for row in raw.get("table-usage", ())}
    silent = TableUsage() if "table-usage" in raw and not lost_counters(raw) else None

    def found(key: Key) -> TableUsage | None:
        row = rows.get(key)
        if row is None:
            return silent
        return TableUsage(
            sequential_scans=int(row["without_index"]),
            sequential_rows=int(row["without_index"]),
            index_scans=int(row["by_index"]),
            index_rows=int(row["by_index"]),
            inserted=int(row["inserted"]),
            updated=int(row["updated"]),
            deleted=int(row["deleted"]),
            changed=int(row["changed"]) if row["changed"] else None,
        )

    return found


def _bloat(row: Row, free: int) -> Bloat | None:
    """The space in a table's files that holds nothing. That of engines other than InnoDB means something else."""
    if row["engine"] != "InnoDB":
        return None
    held = int(row["data_bytes"] or 0) + int(row["index_bytes"] or 0)
    return Bloat(bytes=free, ratio=round(free / (held + free), 4) if free else 0.0, method="measured")


def _row_versions(raw: Raw) -> dict[Key, int]:
    """The shapes of rows by table: of a partitioned table those of the partition that has most."""
    found: dict[Key, int] = {}
    for row in raw.get("row-versions", ()):
        key = _of_file(row["file"])
        found[key] = max(found.get(key, 0), int(row["versions"]))
    return found


def _changed_rows(raw: Raw) -> dict[Key, int]:
    """The rows changed since the statistics were gathered, over all partitions of a table."""
    found: dict[Key, int] = defaultdict(int)
    for row in raw.get("changed-rows", ()):
        found[_of_file(row["file"])] += int(row["changed"])
    return found


def _gathered(raw: Raw) -> dict[Key, str]:
    """When InnoDB gathered the statistics of a table; of a partitioned one those that are newest."""
    found: dict[Key, str] = {}
    for row in raw.get("index-sizes", ()):
        key, at = (row["schema"], _PART.split(row["table"])[0]), iso(row["gathered"].replace(tzinfo=UTC)) or ""
        found[key] = max(found.get(key, ""), at)
    return found


def _of_file(name: str) -> Key:
    """The table that a file is of, or a part of a partitioned table."""
    schema, _, table = name.partition("/")
    return file_name(schema), file_name(_PART.split(table)[0])


def file_name(text: str) -> str:
    """A name as it was given, from how it is written in the file system.

    https://dev.mysql.com/doc/refman/8.4/en/identifier-mapping.html; letters beyond ASCII that have two marks there are
    left as they are.
    """
    return re.sub(r"@([0-9a-f]{4})", lambda match: chr(int(match[1], 16)), text)
