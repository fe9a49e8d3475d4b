"""What a database holds: its schema as the server writes it, definition by definition, and checksums of its rows."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from auditor.errors import UsageError
from auditor_connectors.postgresql.embedded import find_binaries
from auditor_connectors.postgresql.recipes.sql import ident, qualified
from auditor_connectors.postgresql.rehearsal.sessions import Connection

Relation = tuple[str, str]
"""Schema and name."""

Shape = frozenset[str]
"""One line per object: what it is, its name and its definition."""

# What pg_dump writes as well, in one query that takes milliseconds and tells which object differs.
_SHAPE = """
WITH ns AS (SELECT oid, nspname FROM pg_namespace WHERE nspname !~ '^pg_'
            AND nspname <> 'information_schema'),
     rel AS (SELECT c.*, n.nspname, format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN ns n ON
             n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S'))
SELECT concat_ws(' ', 'schema', nspname) FROM ns
UNION ALL
SELECT concat_ws(' ', 'relation', name, relkind, relpersistence, relowner::regrole,
                 ARRAY(SELECT one::text FROM unnest(COALESCE(relacl, acldefault(CASE relkind WHEN 'S' THEN 's' ELSE 'r'
                 END::"char", relowner))) one ORDER BY 1), reloptions::text,
                 relrowsecurity, relforcerowsecurity, relreplident, pg_get_expr(relpartbound, oid),
                 CASE WHEN relkind = 'p' THEN pg_get_partkeydef(oid) END,
                 CASE WHEN relkind IN ('v', 'm') THEN pg_get_viewdef(oid) END) FROM rel
UNION ALL
SELECT concat_ws(' ', 'parent', inhrelid::regclass, inhparent::regclass, inhseqno) FROM pg_inherits
UNION ALL
SELECT concat_ws(' ', 'column', rel.name, attname, format_type(atttypid, atttypmod), attnotnull, attidentity,
                 attgenerated, NULLIF(attcollation, 0)::regcollation, attstorage, attoptions::text, attacl::text,
                 attislocal, attinhcount,
                 attstattarget, pg_get_expr(adbin, adrelid))
FROM pg_attribute a JOIN rel ON rel.oid = attrelid LEFT JOIN pg_attrdef ON (adrelid, adnum) = (attrelid, attnum)
WHERE attnum > 0 AND NOT attisdropped AND relkind <> 'S'
UNION ALL
SELECT concat_ws(' ', 'constraint', COALESCE(conrelid::regclass::text, contypid::regtype::text), conname,
                 conislocal, pg_get_constraintdef(c.oid))
FROM pg_constraint c JOIN ns ON ns.oid = connamespace
UNION ALL
SELECT concat_ws(' ', 'index', ns.nspname, pg_get_indexdef(indexrelid), indisvalid, indisready, indisreplident,
                 indisclustered, reloptions::text)
FROM pg_index JOIN pg_class c ON c.oid = indexrelid JOIN ns ON ns.oid = relnamespace
UNION ALL
SELECT concat_ws(' ', 'trigger', tgrelid::regclass, pg_get_triggerdef(t.oid), tgenabled)
FROM pg_trigger t JOIN rel ON rel.oid = tgrelid WHERE NOT tgisinternal
UNION ALL
SELECT concat_ws(' ', 'function', p.oid::regprocedure, proowner::regrole,
                 ARRAY(SELECT one::text FROM unnest(COALESCE(proacl, acldefault('f', proowner))) one ORDER BY 1),
                 prosecdef, proconfig::text, md5(prosrc))
FROM pg_proc p JOIN ns ON ns.oid = pronamespace
UNION ALL
SELECT concat_ws(' ', 'sequence', rel.name, seqtypid::regtype, seqincrement, seqmax, seqmin, seqcache, seqcycle,
                 d.refobjid::regclass,
                 (SELECT attname FROM pg_attribute WHERE (attrelid, attnum) = (refobjid, refobjsubid)))
FROM pg_sequence JOIN rel ON rel.oid = seqrelid
LEFT JOIN pg_depend d ON d.objid = seqrelid AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
UNION ALL
SELECT concat_ws(' ', 'type', t.oid::regtype, typtype, typnotnull, typdefault, (SELECT string_agg(enumlabel, ','
                 ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid))
FROM pg_type t JOIN ns ON ns.oid = typnamespace WHERE typtype IN ('e', 'd', 'r')
UNION ALL
SELECT concat_ws(' ', 'policy', polrelid::regclass, polname, polcmd, polpermissive, polroles::regrole[]::text,
                 pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)) FROM pg_policy
UNION ALL
SELECT concat_ws(' ', 'rule', ev_class::regclass, rulename, ev_enabled, pg_get_ruledef(r.oid))
FROM pg_rewrite r JOIN rel ON rel.oid = ev_class WHERE rulename <> '_RETURN'
UNION ALL
SELECT concat_ws(' ', 'statistics', pg_get_statisticsobjdef(s.oid))
FROM pg_statistic_ext s JOIN ns ON ns.oid = stxnamespace
UNION ALL
SELECT concat_ws(' ', 'publication', pubname, puballtables) FROM pg_publication
UNION ALL
SELECT concat_ws(' ', 'extension', extname, extversion, extnamespace::regnamespace) FROM pg_extension
"""

_COLUMNS = """
SELECT n.nspname::text, c.relname::text, a.attname::text, format_type(a.atttypid, NULL),
       a.attnum = ANY (COALESCE(i.indkey, ''::int2vector)::int2[])
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND a.attnum > 0
AND NOT a.attisdropped ORDER BY 1, 2, a.attnum
"""

# Types whose values are written alike, so that a change from one to another keeps every value's text.
_FAMILIES = {
    "smallint": "integer", "integer": "integer", "bigint": "integer",
    "character varying": "text", "text": "text", "citext": "text",
}  # fmt: skip


_FLAGS = re.compile(r" [tf] [tf]( [tf] [tf](?: \{.*)?)\Z", re.DOTALL)
"""How the line of an index ends: valid, ready, replica identity, clustered, options."""


def shape(connection: Connection) -> Shape:
    """Read the definition of every object of the database."""
    return frozenset(line for (line,) in connection.execute(_SHAPE.encode()))


@dataclass(frozen=True)
class Seen:
    """A shape at a moment, held as what differs from another one: a rehearsal keeps thousands of them."""

    base: Shape = frozenset()
    gone: Shape = frozenset()
    come: Shape = frozenset()

    @property
    def lines(self) -> Shape:
        """The shape itself."""
        return (self.base - self.gone) | self.come


class Shapes:
    """Reads the definitions again and again, and keeps once what is the same."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._last = Seen(shape(connection))
        self._lines: dict[str, str] = {}

    def read(self) -> Seen:
        """Read the definitions as they are now."""
        found, base = shape(self._connection), self._last.base
        come = frozenset(self._lines.setdefault(line, line) for line in found - base)
        seen = Seen(base, base - found, come)
        if seen != self._last:
            self._last = seen
        return self._last


def as_repaired(found: Shape) -> Shape:
    """The definitions as they are once all constraints are validated and all indexes valid, which is never undone."""
    return frozenset(_repaired(one) for one in found)


def _repaired(line: str) -> str:
    if line.startswith("constraint "):
        return line.removesuffix(" NOT VALID")
    return _FLAGS.sub(r" t t\1", line) if line.startswith("index ") else line


def dump(url: str) -> tuple[str, ...]:
    """The schema as ``pg_dump`` writes it: its definitions, sorted, without what depends on the moment.

    Raises:
        UsageError: the program is not installed, or not for this server.

    """
    program, environment = _program()
    parameters = conninfo_to_dict(url)
    password = parameters.pop("password", None)  # a command line can be read by everybody on the machine
    secret = {} if password is None else {"PGPASSWORD": str(password)}
    done = subprocess.run(  # noqa: S603 -- the program was found above
        [program, "--schema-only", "--no-comments", make_conninfo("", **parameters)],
        env={**environment, **secret},
        check=False,
        capture_output=True,
        text=True,
        errors="replace",
        stdin=subprocess.DEVNULL,
    )
    if done.returncode:
        said = done.stderr.strip().splitlines()[-1:]
        raise UsageError(f"pg_dump cannot read the schema: {''.join(said)}", "it must not be older than the server")
    return definitions(done.stdout)


def definitions(text: str) -> tuple[str, ...]:
    """Part the text of a dump into definitions, in an order that does not depend on the names of its sections."""
    bare = re.sub(r"^\\(un)?restrict .*$|^--.*$", "", text, flags=re.MULTILINE)
    return tuple(sorted(block.strip() for block in bare.split(";\n") if block.strip()))


def _program() -> tuple[str, Mapping[str, str]]:
    with suppress(UsageError):
        binaries = find_binaries()
        return binaries.program("pg_dump"), binaries.environment
    found = shutil.which("pg_dump")
    if found is None:
        raise UsageError("pg_dump is not installed", "install the client programs of PostgreSQL")
    return found, os.environ


class Rows(NamedTuple):
    """How many rows a table holds, and per column the family of its type and a checksum that minds the row."""

    number: int
    columns: Mapping[str, tuple[str, str]]


def rows(
    connection: Connection,
    tables: Iterable[Relation],
    keys: Mapping[Relation, tuple[str, ...]],
    meant: Mapping[tuple[Relation, str], str],
) -> dict[Relation, Rows]:
    """Take the checksums of tables; what cannot be read in time is left out. ``keys`` tells rows apart.

    ``meant`` are expressions by table and column: what of a value is to stay, where that is not its text.
    """
    columns: dict[Relation, list[tuple[str, str]]] = {}
    for schema, name, column, kind, _ in connection.execute(_COLUMNS):
        columns.setdefault((schema, name), []).append((column, kind))
    found: dict[Relation, Rows] = {}
    for table in tables:
        present = columns.get(table)
        if present is None:
            continue
        names = [name for name, _ in present]
        key = " || '|' || ".join(f"{ident(name)}::text" for name in keys.get(table, ()) if name in names) or "''"
        plain = [f"{ident(name)}::text" for name in names]
        row: tuple[Any, ...] | None = None
        if any((table, name) in meant for name in names):
            kept = [f"({meant.get((table, name), ident(name))})::text" for name in names]
            with suppress(psycopg.errors.DataError, psycopg.errors.ProgrammingError):  # not every value may have it
                row = _sums(connection, table, key, kept)
        row = row or _sums(connection, table, key, plain)
        if row is not None:
            values = {
                name: (_FAMILIES.get(kind, kind), str(value))
                for (name, kind), value in zip(present, row[1:], strict=True)
            }
            found[table] = Rows(row[0], values)
    return found


def _sums(connection: Connection, table: Relation, key: str, texts: Iterable[str]) -> tuple[Any, ...] | None:
    """The number of rows, and a checksum per expression; None where that takes too long."""
    sums = "".join(
        f", sum(hashtextextended({key} || '|' || COALESCE({text}, E'\\x01'), 0)::numeric)::text" for text in texts
    )
    with suppress(psycopg.errors.QueryCanceled):
        return connection.execute(f"SELECT count(*){sums} FROM {qualified(table)}".encode()).fetchone()  # noqa: S608
    return None


def primary_keys(connection: Connection) -> dict[Relation, tuple[str, ...]]:
    """The columns of every table's primary key; every table of the database has an entry."""
    found: dict[Relation, tuple[str, ...]] = {}
    for schema, name, column, _, in_key in connection.execute(_COLUMNS):
        found[schema, name] = (*found.get((schema, name), ()), *((column,) if in_key else ()))
    return found


def differences(before: Mapping[Relation, Rows], after: Mapping[Relation, Rows]) -> list[str]:
    """Name the tables and columns whose rows differ. Columns of another kind of type are not compared."""
    found: list[str] = []
    for table, old in before.items():
        new = after.get(table)
        if new is None:
            continue
        path = ".".join(table)
        if old.number != new.number:
            found.append(f"{path}: {old.number} rows became {new.number}")
            continue
        for column, (family, value) in old.columns.items():
            other = new.columns.get(column)
            if other is not None and other[0] == family and other[1] != value:
                found.append(f"{path}.{column}")
    return found
