"""From rows to databases, views, routines, triggers and events."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from auditor.model.catalog import Job, Key, Routine, Schema, Trigger, View
from auditor_connectors.mysql.probe import Raw, Row

_KINDS: Mapping[str, Any] = {"FUNCTION": "function", "PROCEDURE": "procedure"}
# The text of a view is what the server makes of it: every name in backticks, every table with its database.
_TOKEN = re.compile(r"'(?:[^'\\]|\\.|'')*'|(`(?:[^`]|``)+`(?:\s*\.\s*`(?:[^`]|``)+`)*)", re.DOTALL)
_WORD = re.compile(
    r"'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.|\"\")*\"|/\*.*?\*/|--[^\n]*|`((?:[^`]|``)+)`|([\w$]+)", re.DOTALL
)
_NAME = re.compile(r"`((?:[^`]|``)+)`")


def schemas(raw: Raw) -> tuple[Schema, ...]:
    """Return the databases by name."""
    return tuple(sorted((Schema(name=row["name"]) for row in raw.get("schemas", ())), key=lambda schema: schema.name))


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
    """Return the triggers by address, with the tables of their database that a body names: no more of it is kept."""
    known: dict[str, dict[str, str]] = defaultdict(dict)
    for row in raw.get("tables", ()):
        known[row["schema"]][row["name"].lower()] = row["name"]

    def named(row: Row) -> tuple[Key, ...]:
        own, schema = known[row["schema"]], row["schema"]
        names = {own[word] for word in _words(row["body"] or "") if word in own}
        return tuple((schema, name) for name in sorted(names - {row["table"]}))

    found = [
        Trigger(
            schema=row["schema"],
            table=row["table"],
            name=row["name"],
            timing=row["timing"].lower(),
            owner=row["definer"],
            events=tuple(sorted(event.strip().lower() for event in row["event"].split(","))),
            names=named(row),
        )
        for row in raw.get("triggers", ())
    ]
    return tuple(sorted(found, key=lambda trigger: (trigger.schema, trigger.table, trigger.name)))


def _words(body: str) -> Iterator[str]:
    """The names in the text of a trigger, in lower case: words outside quotes and comments, and what backticks hold.

    MySQL 9.7 shows a name that holds a backtick garbled, so that it is not found.
    """
    for match in _WORD.finditer(body):
        name = match[1] or match[2]
        if name:
            yield name.replace("``", "`").lower()


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
