"""What of a plan can be rehearsed on one disposable database, in which order, and what it touches."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from auditor.model.operation import ArchiveRows, ChangeColumnType, Operation
from auditor.model.plan import Plan, Step
from auditor_connectors.postgresql.recipes.sql import ident, qualified
from auditor_connectors.postgresql.rehearsal.state import Relation

PEOPLE = "people or programs outside the database do it"
APPLICATION = "it changes the application, which is not here"
OTHER_SERVER = "it runs on another server, and the rehearsal has only one"
WHOLE_SERVER = "it acts on the whole server, of which only one database is disposable"

BY_OTHERS = frozenset({PEOPLE, APPLICATION, WHOLE_SERVER})
"""Reasons that do not keep later steps from being rehearsed: what others do counts as done."""

_SERVER_WIDE = re.compile(
    r"\s*(ALTER SYSTEM|(CREATE|ALTER|DROP) (ROLE|USER|GROUP|DATABASE|TABLESPACE|SUBSCRIPTION)\b"
    r"|(COMMIT|ROLLBACK) PREPARED"
    r"|.*\bpg_(terminate_backend|cancel_backend|reload_conf|promote|create_\w+_slot|drop_replication_slot)\b"
    r"|.*\bcron\.(un)?schedule\()",
    re.IGNORECASE | re.DOTALL,
)
_WRITES = re.compile(r"\A\s*(DO|UPDATE|DELETE|INSERT|WITH|MERGE|TRUNCATE|CALL)\b", re.IGNORECASE)
_ARCHIVES = f"{ArchiveRows.__struct_config__.tag}:"
_DETACHES = re.compile(r"\A\s*ALTER TABLE .* DETACH PARTITION ", re.IGNORECASE | re.DOTALL)
_DETACHES_ONLINE = re.compile(
    r"\A\s*ALTER TABLE .* DETACH PARTITION (?P<part>.+) CONCURRENTLY\s*\Z", re.IGNORECASE | re.DOTALL
)
_ASSIGNED = re.compile(r"""("(?:[^"]|"")+"|[A-Za-z_][\w$]*)\s*=(?!=)""")
_RECYCLES = re.compile(r"(?i)recycle|reconnect|prepared (anew|again)")


def steps_of(plan: Plan) -> list[Step]:
    """The steps of a plan in their order."""
    return [step for phase in plan.phases for step in phase.steps]


def why_not(step: Step) -> str | None:
    """Why a step is not rehearsed, None where it is."""
    if step.audience != "database":
        return APPLICATION
    if step.server:
        return OTHER_SERVER
    if not step.statements:
        return PEOPLE
    if any(_SERVER_WIDE.match(statement) for statement in step.statements):
        return WHOLE_SERVER
    return None


def parts(steps: Sequence[Step]) -> tuple[list[Step], list[Step]]:
    """Part steps into those with a way back, and those at or behind a point from where there is none."""
    ahead: list[Step] = []
    behind: list[Step] = []
    final: set[str] = set()
    for step in steps:
        if step.point_of_no_return or not step.reversible or final & set(step.depends_on):
            final.add(step.id)
            behind.append(step)
        else:
            ahead.append(step)
    return ahead, behind


def detaches_online(step: Step, path: str) -> bool:
    """Whether a step detaches the partition of that dotted path without blocking those who use the table.

    The partition by itself it locks against readers, for an instant, when nobody uses it through the table any more
    (manual, "ALTER TABLE", DETACH PARTITION): the step's notes say so.
    """
    names = {qualified((path[:place], path[place + 1 :])) for place, letter in enumerate(path) if letter == "."}
    found = (_DETACHES_ONLINE.match(statement) for statement in step.statements)
    return any(one["part"] in names for one in found if one is not None)


def recycles(steps: Iterable[Step]) -> bool:
    """Whether the plan has sessions that hold prepared statements be opened anew."""
    return any(_RECYCLES.search(text) for step in steps for text in (step.title, *step.notes))


def mentioned(texts: Iterable[str], tables: Iterable[Relation]) -> list[Relation]:
    """The tables that statements name, in the order in which they are named first."""
    text = "\n".join(texts)
    places: list[tuple[int, Relation]] = []
    for table in tables:
        found = re.search(rf'(?<![\w$"]){re.escape(qualified(table))}(?![\w$"])', text)
        if found is None and table[0] == "public":
            found = re.search(rf'(?<![\w$".]){re.escape(ident(table[1]))}(?![\w$"])', text)
        if found:
            places.append((found.start(), table))
    return [table for _, table in sorted(places)]


def dropped_views(step: Step, tables: Sequence[Relation]) -> frozenset[Relation]:
    """The tables in whose place a view stood that the step drops: from then on nobody names them any more."""
    return frozenset(mentioned((one for one in step.statements if one.startswith("DROP VIEW ")), tables))


def written(steps: Iterable[Step], tables: Sequence[Relation]) -> tuple[set[str], set[str]]:
    """What the plan itself changes of the rows that are there: tables whose rows it adds or removes, and columns.

    Both are dotted paths. Such changes are the plan's purpose, and taking the schema back does not undo them.
    """
    whole: set[str] = set()
    columns: set[str] = set()
    for step in steps:
        for statement in step.statements:
            if step.operation.startswith(_ARCHIVES) and _DETACHES.match(statement):
                whole |= {".".join(table) for table in mentioned((statement,), tables)}
            if not _WRITES.match(statement):
                continue
            for table in mentioned((statement,), tables):
                path = ".".join(table)
                name = re.escape(qualified(table))
                if re.search(
                    rf"(?i)(DELETE FROM|INSERT INTO|TRUNCATE( TABLE)?|MERGE INTO)\s+(ONLY )?{name}", statement
                ):
                    whole.add(path)
                columns |= {f"{path}.{_bare(found)}" for found in _ASSIGNED.findall(statement)}
    return whole, columns


def retyped(operations: Iterable[Operation], steps: Sequence[Step]) -> dict[tuple[Relation, str], str]:
    """What is to stay of the values of columns whose type is changed in place: what the new type keeps of them.

    Maps table and column to an expression. A json that was a jsonb is equal to what it was, but not to the letter.
    """
    found: dict[tuple[Relation, str], str] = {}
    for one in operations:
        if not isinstance(one, ChangeColumnType):
            continue
        table, name = (one.schema, one.table), ident(one.column)
        alters = f"ALTER COLUMN {name} TYPE "
        texts = [text for step in steps for text in step.statements if alters in text]
        if mentioned(texts, [table]):
            found[table, one.column] = (one.using or f"{{column}}::{one.to_type}").replace("{column}", name)
    return found


def _bare(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name
