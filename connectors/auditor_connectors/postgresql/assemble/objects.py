"""From rows to everything else of the catalog: sequences, views, routines, triggers, policies, types, extensions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from auditor.model.catalog import (
    EnumType,
    ExtendedStatistics,
    Extension,
    Policy,
    Routine,
    Rule,
    Schema,
    Sequence,
    Trigger,
    View,
    ViewCall,
)
from auditor_connectors.postgresql.assemble.addresses import Addresses
from auditor_connectors.postgresql.assemble.values import pairs
from auditor_connectors.postgresql.probe import Raw

_ROUTINES: Mapping[str, Any] = {
    "f": "function", "p": "procedure", "a": "aggregate", "w": "window", "t": "trigger",
}  # fmt: skip
_VOLATILITY: Mapping[str, Any] = {"i": "immutable", "s": "stable", "v": "volatile"}
_ENABLED: Mapping[str, Any] = {"O": "origin", "R": "replica", "A": "always", "D": "disabled"}
_RULE_EVENTS: Mapping[str, Any] = {"1": "select", "2": "update", "3": "insert", "4": "delete"}
_COMMANDS = {"*": "all", "r": "select", "a": "insert", "w": "update", "d": "delete"}
_STATISTICS = {"d": "ndistinct", "f": "dependencies", "m": "mcv", "e": "expressions"}

# Bits of pg_trigger.tgtype (catalog/pg_trigger.h).
_ROW, _BEFORE, _INSTEAD = 1, 2, 64
_EVENTS = ((4, "insert"), (8, "delete"), (16, "update"), (32, "truncate"))


def schemas(raw: Raw) -> tuple[Schema, ...]:
    """Return the schemas by name."""
    found = [
        Schema(
            name=row["name"],
            owner=row["owner"],
            public_create=row["public_create"],
            public_usage=row["public_usage"],
            extension=row["extension"],
        )
        for row in raw.get("schemas", ())
    ]
    return tuple(sorted(found, key=lambda schema: schema.name))


def sequences(raw: Raw, addresses: Addresses) -> tuple[Sequence, ...]:
    """Return the sequences by address, with the columns that they feed."""
    return tuple(sorted((_sequence(row, addresses) for row in raw.get("sequences", ())), key=lambda item: item.key))


def _sequence(row: Any, addresses: Addresses) -> Sequence:
    owner = addresses.tables.get(row.owner)
    owner_column = addresses.columns.get(row.owner, {}).get(row.owner_column)
    places = [(relation, position) for relation, position in row.fed or ()]
    if row.identity:
        places.append((row.owner, row.owner_column))
    fed = {
        (*addresses.tables[relation], addresses.columns[relation][position])
        for relation, position in places
        if relation in addresses.tables and position in addresses.columns.get(relation, {})
    }
    return Sequence(
        schema=row.schema,
        name=row.name,
        bits=addresses.types.bits(row.type_oid),
        minimum=row.minimum,
        maximum=row.maximum,
        increment=row.increment,
        start=row.start,
        cache=row.cache,
        cycle=row.cycle,
        last_value=row.last_value,
        readable=row.readable,
        owner_schema=None if owner is None else owner[0],
        owner_table=None if owner is None else owner[1],
        owner_column=owner_column,
        identity=bool(row.identity),
        fed=tuple(sorted(fed)),
        extension=row.extension,
    )


def views(raw: Raw) -> tuple[View, ...]:
    """Return the views by address."""
    found = []
    calls = {row["oid"]: sorted(row["calls"] or ()) for row in raw.get("view-calls", ())}
    for row in raw.get("views", ()):
        options, reads = pairs(row["options"]), row["reads"] or ()
        found.append(
            View(
                schema=row["schema"],
                name=row["name"],
                owner=row["owner"],
                security_invoker=_on(options.get("security_invoker")),
                security_barrier=_on(options.get("security_barrier")),
                reads=tuple(sorted({(schema, name) for schema, name, _ in reads})),
                columns_read=tuple(sorted({(schema, name, column) for schema, name, column in reads if column})),
                columns=tuple((name, kind) for name, kind in row["columns"] or ()),
                calls=tuple(ViewCall(name=name, varies=varies) for name, varies in calls[row["oid"]])
                if row["oid"] in calls
                else None,
                checked="check_option" in options,
                extension=row["extension"],
            )
        )
    return tuple(sorted(found, key=lambda view: view.key))


def _on(value: str | None) -> bool:
    """Whether an option is on, in any spelling that the server takes for a boolean."""
    return (value or "").lower() in ("true", "on", "yes", "1", "t", "y")


def routines(raw: Raw) -> tuple[Routine, ...]:
    """Return functions and procedures by address and arguments."""
    found = [
        Routine(
            schema=row["schema"],
            name=row["name"],
            arguments=row["arguments"] or "",
            kind=_ROUTINES.get(row["kind"], "function"),
            language=row["language"],
            language_trusted=row["language_trusted"],
            owner=row["owner"],
            owner_superuser=row["owner_superuser"],
            security_definer=row["security_definer"],
            settings=pairs(row["settings"]),
            volatility=_VOLATILITY.get(row["volatility"], "volatile"),
            public_execute=row["public_execute"],
            body_bound=row["body_bound"],
            extension=row["extension"],
        )
        for row in raw.get("routines", ())
    ]
    return tuple(sorted(found, key=lambda routine: (routine.schema, routine.name, routine.arguments)))


def triggers(raw: Raw, addresses: Addresses) -> tuple[Trigger, ...]:
    """Return user triggers by address. A view may have triggers too."""
    relations = addresses.tables | {row["oid"]: (row["schema"], row["name"]) for row in raw.get("views", ())}
    found = []
    for row in raw.get("triggers", ()):
        relation, bits = relations.get(row["relation"]), row["bits"]
        if relation is None:
            continue
        found.append(
            Trigger(
                schema=relation[0],
                table=relation[1],
                name=row["name"],
                enabled=_ENABLED.get(row["enabled"], "origin"),
                level="row" if bits & _ROW else "statement",
                timing="instead of" if bits & _INSTEAD else "before" if bits & _BEFORE else "after",
                events=tuple(event for bit, event in _EVENTS if bits & bit),
                function=f"{row['function_schema']}.{row['function_name']}",
            )
        )
    return tuple(sorted(found, key=lambda trigger: (trigger.schema, trigger.table, trigger.name)))


def rules(raw: Raw) -> tuple[Rule, ...]:
    """Return the rewrite rules by address."""
    found = [
        Rule(
            schema=row["schema"],
            table=row["table"],
            name=row["name"],
            event=_RULE_EVENTS[row["event"]],
            instead=row["instead"],
            nothing=row["nothing"],
            conditional=row["conditional"],
            enabled=_ENABLED.get(row["enabled"], "origin"),
        )
        for row in raw.get("rules", ())
    ]
    return tuple(sorted(found, key=lambda rule: (rule.schema, rule.table, rule.name)))


def policies(raw: Raw, addresses: Addresses) -> tuple[Policy, ...]:
    """Return the policies of row-level security by address."""
    found = []
    for row in raw.get("policies", ()):
        table = addresses.tables.get(row["relation"])
        if table is not None:
            found.append(
                Policy(
                    schema=table[0],
                    table=table[1],
                    name=row["name"],
                    permissive=row["permissive"],
                    command=_COMMANDS.get(row["command"], "all"),
                    roles=tuple(row["roles"]),
                    using=row["using"],
                    check=row["check"],
                )
            )
    return tuple(sorted(found, key=lambda policy: (policy.schema, policy.table, policy.name)))


def enums(raw: Raw) -> tuple[EnumType, ...]:
    """Return the enumerated types by address."""
    found = [
        EnumType(schema=row["schema"], name=row["name"], labels=row["labels"] or 0)
        for row in raw.get("types", ())
        if row["kind"] == "e"
    ]
    return tuple(sorted(found, key=lambda enum: (enum.schema, enum.name)))


def extensions(raw: Raw) -> tuple[Extension, ...]:
    """Return installed and available extensions by name."""
    found = [
        Extension(
            name=row["name"],
            schema=row["schema"],
            installed=row["installed"],
            available=row["available"],
            relocatable=row["relocatable"],
            trusted=row["trusted"],
        )
        for row in raw.get("extensions", ())
    ]
    return tuple(sorted(found, key=lambda extension: extension.name))


def extended_statistics(raw: Raw, addresses: Addresses) -> tuple[ExtendedStatistics, ...]:
    """Return the statistics over several columns by address."""
    found = []
    for row in raw.get("extended-statistics", ()):
        table = addresses.tables.get(row["relation"])
        if table is not None:
            found.append(
                ExtendedStatistics(
                    schema=row["schema"],
                    name=row["name"],
                    table_schema=table[0],
                    table=table[1],
                    columns=addresses.column_names(row["relation"], row["columns"]),
                    kinds=tuple(sorted(_STATISTICS.get(kind, kind) for kind in row["kinds"])),
                )
            )
    return tuple(sorted(found, key=lambda item: (item.schema, item.name)))
