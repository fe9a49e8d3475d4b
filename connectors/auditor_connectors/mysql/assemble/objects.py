"""From rows to databases, views, routines, triggers and events."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from auditor.model.catalog import Job, Key, Routine, Schema, Trigger, View
from auditor_connectors.mysql.probe import Raw

_KINDS: Mapping[str, Any] = {"FUNCTION": "function", "PROCEDURE": "procedure"}
# The text of a view is what the server makes of it: every name in backticks, every table with its database.
_TOKEN = re.compile(r"'(?:[^'\\]|\\.|'')*'|(`(?:[^`]|``)+`(?:\s*\.\s*`(?:[^`]|``)+`)*)", re.DOTALL)
# The text of a trigger is as it was written: names in backticks, which may hold anything, and what is no statement.
_QUOTED = re.compile(r"(`(?:[^`]|``)+`)|'(?:[^'\\]|\\.|'')*'|/\*.*?\*/|--\s[^\n]*|#[^\n]*", re.DOTALL)
_PART = re.compile(r"`((?:[^`]|``)+)`|([\w$\x80-\uffff]+)")
_WRITE = re.compile(
    r"""(?ix)\b(?: (?:insert|replace) (?:\s+(?:low_priority|delayed|high_priority|ignore))* (?:\s+into)?
      | update (?:\s+(?:low_priority|ignore))* | delete (?:\s+(?:low_priority|quick|ignore))* \s+from )
      \s+ ( (?:`(?:[^`]|``)+`|[\w$\x80-\uffff]+) (?: \s*\.\s* (?:`(?:[^`]|``)+`|[\w$\x80-\uffff]+) )? )"""
)
_NAME = re.compile(r"`((?:[^`]|``)+)`")


def schemas(raw: Raw) -> tuple[Schema, ...]:
    """Return the databases by name."""
    found = (Schema(name=row["name"], collation=row["collation"]) for row in raw.get("schemas", ()))
    return tuple(sorted(found, key=lambda schema: schema.name))


def views(raw: Raw) -> tuple[View, ...]:
    """Return the views by address. What they read is found among what the account can see."""
    known = {(row["schema"], row["name"]) for probe in ("tables", "views") for row in raw.get(probe, ())}
    found = []
    for row in raw.get("views", ()):
        key = (row["schema"], row["name"])
        reads = set(_names(row["definition"] or "")) & known - {key}
        found.append(
            View(
                schema=row["schema"],
                name=row["name"],
                owner=row["definer"],
                security_invoker=row["security"] == "INVOKER",
                reads=tuple(sorted(reads)),
            )
        )
    return tuple(sorted(found, key=lambda view: view.key))


def _names(definition: str) -> Iterator[Key]:
    """The pairs of names in the text of a view: database and table, where they stand first."""
    for match in _TOKEN.finditer(definition):
        parts = [part.replace("``", "`") for part in _NAME.findall(match[1] or "")]
        if len(parts) > 1:
            yield parts[0], parts[1]


def routines(raw: Raw) -> tuple[Routine, ...]:
    """Return functions and procedures by address."""
    found = [
        Routine(
            schema=row["schema"],
            name=row["name"],
            kind=_KINDS[row["kind"]],
            language=(row["body"] or "sql").lower(),
            owner=row["definer"],
            security_definer=row["security"] == "DEFINER",
            volatility="immutable" if row["deterministic"] == "YES" else "volatile",
        )
        for row in raw.get("routines", ())
    ]
    return tuple(sorted(found, key=lambda routine: (routine.schema, routine.name, routine.kind)))


def triggers(raw: Raw) -> tuple[Trigger, ...]:
    """Return the triggers by address. What they write to is found among the tables that the account can see."""
    known = {(row["schema"], row["name"]) for row in raw.get("tables", ())}
    found = [
        Trigger(
            schema=row["schema"],
            table=row["table"],
            name=row["name"],
            timing=row["timing"].lower(),
            owner=row["definer"],
            writes=tuple(sorted(set(_written(row["body"] or "", row["schema"])) & known)),
            events=tuple(sorted(event.strip().lower() for event in row["event"].split(","))),
        )
        for row in raw.get("triggers", ())
    ]
    return tuple(sorted(found, key=lambda trigger: (trigger.schema, trigger.table, trigger.name)))


def _written(body: str, schema: str) -> Iterator[Key]:
    """The tables that the statements of a body change; a name without a database is one of the trigger's own."""
    for match in _WRITE.finditer(_QUOTED.sub(lambda quoted: quoted[1] or "''", body)):
        names = [part.replace("``", "`") or word for part, word in _PART.findall(match[1])]
        yield (names[0], names[1]) if len(names) > 1 else (schema, names[0])


def jobs(raw: Raw) -> tuple[Job, ...]:
    """Return the events by address."""
    found = [
        Job(
            schema=row["schema"],
            name=row["name"],
            owner=row["definer"],
            enabled="yes" if row["status"] == "ENABLED" else "no" if row["status"] == "DISABLED" else "elsewhere",
        )
        for row in raw.get("jobs", ())
    ]
    return tuple(sorted(found, key=lambda job: (job.schema, job.name)))
