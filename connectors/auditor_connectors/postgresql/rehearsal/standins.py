"""Stands in for what a snapshot does not hold: labels of enumerations, bodies of functions, texts of views.

A stand-in has the name of the original and takes part in what depends on it, and does nothing: a type that columns can
have, a trigger that lets every row pass, a view that reads the same columns. Which they are is told with the proof.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from auditor.model.catalog import Column, Key, Routine, Sequence, Table, Trigger, View
from auditor_connectors.postgresql.recipes.sql import ident, idents, literal, qualified
from auditor_connectors.postgresql.rehearsal.schema import Building

_ENUMS = "enumerations with labels that the definitions do not name are given made-up ones"
_DOMAINS = "domains without their checks"
_TYPES = "types that nothing but the name is known of"
_FUNCTIONS = "functions whose stand-ins do nothing"
_TRIGGERS = "triggers whose stand-ins do nothing"
_VIEWS = "views whose stand-ins read the same columns, in a text of their own"
_RULES = "rules whose actions are not known"

_MODIFIER = re.compile(r"\([^()]*\)(?=(?:\[\])*\Z)")
_ARRAY = re.compile(r"(?:\[\])+\Z")
_BODIES = {
    "procedure": "BEGIN END",
    "trigger": "BEGIN IF TG_OP = 'DELETE' THEN RETURN old; END IF; RETURN new; END",
}
_PLAIN_LANGUAGES = ("sql", "plpgsql")


# --- types -------------------------------------------------------------------------------------------------------


def build_types(building: Building) -> None:
    """Make the types that columns have and the server does not know yet."""
    labels = _labels(building)
    for enum in building.catalog.enums:
        key = (enum.schema, enum.name)
        if not _is_known(building, qualified(key)):
            known = labels.get(qualified(key), [])
            made_up = [f"label {number}" for number in range(len(known) + 1, enum.labels + 1)]
            listed = ", ".join(map(literal, [*known, *made_up]))
            if building.attempt(f"CREATE TYPE {qualified(key)} AS ENUM ({listed})", ".".join(key)) and made_up:
                building.stand_ins.setdefault(_ENUMS, []).append(".".join(key))
    elements = []
    for column in _columns(building.catalog.tables):
        name = _MODIFIER.sub("", column.type)
        if _ARRAY.search(name):
            elements.append(_ARRAY.sub("", name))
        elif not _is_known(building, name):
            _stand_in(building, name, column)
    for name in elements:
        if not _is_known(building, name):
            building.attempt(f"CREATE DOMAIN {name} AS text", name)
            building.stand_ins.setdefault(_TYPES, []).append(name)


def _stand_in(building: Building, name: str, column: Column) -> None:
    if column.base_type is not None:
        building.attempt(f"CREATE DOMAIN {name} AS {column.base_type}", name)
        building.stand_ins.setdefault(_DOMAINS, []).append(name)
        return
    what = "RANGE (SUBTYPE = numeric)" if column.family == "range" else "(value text)"
    building.attempt(f"CREATE TYPE {name} AS {what}", name)
    building.stand_ins.setdefault(_TYPES, []).append(name)


def _columns(tables: Iterable[Table]) -> Iterator[Column]:
    """The columns of tables and materialised views; of equal types those that tell more come first."""
    found = (column for table in tables if table.extension is None for column in table.columns)
    return iter(sorted(found, key=lambda column: column.base_type is None))


def _is_known(building: Building, name: str) -> bool:
    row = building.connection.execute("SELECT pg_catalog.to_regtype(%s) IS NOT NULL", (name,)).fetchone()
    return row == (True,)


def _labels(building: Building) -> dict[str, list[str]]:
    """The labels that defaults, checks, conditions of indexes and bounds of partitions name, by the type's name."""
    catalog, found = building.catalog, dict[str, list[str]]()
    texts = [
        *(column.default for table in catalog.tables for column in table.columns),
        *(constraint.definition for constraint in catalog.constraints),
        *(index.predicate for index in catalog.indexes),
    ]
    for enum in catalog.enums:
        name = qualified((enum.schema, enum.name))
        pattern = re.compile(r"'((?:[^']|'')*)'::" + re.escape(name) + r"(?![\w$])")
        labels = [label.replace("''", "'") for text in texts if text for label in pattern.findall(text)]
        for table in catalog.tables:
            # A bound names no types; it is one of this enumeration if its parent is parted by such a column.
            parent = building.facts.table(table.parent)
            if parent is not None and [c.type for c in parent.columns if c.name in parent.partition_columns] == [name]:
                labels += [label.replace("''", "'") for label in _STRING.findall(table.partition_bound or "")]
        found[name] = list(dict.fromkeys(labels))[: enum.labels]
    return found


_STRING = re.compile(r"'((?:[^']|'')*)'")


# --- code --------------------------------------------------------------------------------------------------------


def build_routines(building: Building) -> None:
    """Make functions and procedures of the same name and arguments that do nothing."""
    for routine in building.catalog.routines:
        if routine.extension is not None:
            continue
        text = _routine(routine)
        if text is None:
            building.left_out.append(
                f"{routine.signature}: the definition of an aggregate or window function is not known"
            )
        elif building.attempt(text, routine.signature):
            building.stand_ins.setdefault(_FUNCTIONS, []).append(routine.path)
            if not routine.public_execute:
                building.attempt(f"REVOKE EXECUTE ON {_named(routine)} FROM PUBLIC", routine.signature)


def _named(routine: Routine) -> str:
    kind = "PROCEDURE" if routine.kind == "procedure" else "FUNCTION"
    return f"{kind} {qualified((routine.schema, routine.name))}({routine.arguments})"


def _routine(routine: Routine) -> str | None:
    if routine.kind not in ("function", "procedure", "trigger"):
        return None
    language = routine.language if routine.language in _PLAIN_LANGUAGES else "plpgsql"
    body = _BODIES.get(routine.kind) or ("SELECT" if language == "sql" else "BEGIN END")
    text = f"CREATE {_named(routine)}"
    if routine.kind != "procedure":
        returned = "trigger" if routine.kind == "trigger" else "void"
        text += f" RETURNS {returned} {routine.volatility.upper()}"
    text += f" LANGUAGE {'plpgsql' if routine.kind in _BODIES else language}"
    if routine.security_definer:
        text += " SECURITY DEFINER"
    for setting, value in sorted(routine.settings.items()):
        text += f" SET {setting} = {_setting(setting, value)}"
    return f"{text} AS {literal(body)}"


def _setting(name: str, value: str) -> str:
    """The value of a setting: those that are lists of names are kept as the server writes them, quoted."""
    if name in ("search_path", "temp_tablespaces", "session_preload_libraries", "local_preload_libraries"):
        return value or "''"
    return literal(value)


def build_triggers(building: Building) -> None:
    """Make the triggers; for which columns and under which condition the originals fire is not known."""
    for trigger in building.catalog.triggers:
        if trigger.function is None:
            continue
        if building.attempt(_trigger(building, trigger), trigger.path):
            building.stand_ins.setdefault(_TRIGGERS, []).append(trigger.path)
            state = {"disabled": "DISABLE", "replica": "ENABLE REPLICA", "always": "ENABLE ALWAYS"}.get(trigger.enabled)
            if state is not None:
                change = f"{state} TRIGGER {ident(trigger.name)}"
                building.attempt(f"ALTER TABLE {qualified(trigger.table_key)} {change}", trigger.path)


def _trigger(building: Building, trigger: Trigger) -> str:
    function = _function(building, trigger.function or "")
    events = " OR ".join(trigger.events).upper()
    return (
        f"CREATE TRIGGER {ident(trigger.name)} {trigger.timing.upper()} {events} ON {qualified(trigger.table_key)} "
        f"FOR EACH {trigger.level.upper()} EXECUTE FUNCTION {function}()"
    )


def _function(building: Building, path: str) -> str:
    """The trigger function at a dotted path, each of whose parts may hold dots itself."""
    for routine in building.catalog.routines:
        if routine.path == path and routine.kind == "trigger":
            return qualified((routine.schema, routine.name))
    schema, _, name = path.partition(".")
    return qualified((schema, name))


def build_rules(building: Building) -> None:
    """Make the rules that do nothing; what others do is not known."""
    for rule in building.catalog.rules:
        if rule.instead and rule.nothing and not rule.conditional:
            text = f"CREATE RULE {ident(rule.name)} AS ON {rule.event.upper()} TO {qualified(rule.table_key)}"
            building.attempt(f"{text} DO INSTEAD NOTHING", rule.path)
        else:
            building.left_out.append(f"{rule.path}: {_RULES}")


# --- views -------------------------------------------------------------------------------------------------------


def build_views(building: Building) -> None:
    """Make views that read the columns that the originals read, the views that they read first."""
    waiting = {view.key: view for view in building.catalog.views if view.extension is None}
    while waiting:
        ready = [view for view in waiting.values() if not any(key in waiting and key != view.key for key in view.reads)]
        for view in ready or list(waiting.values()):
            del waiting[view.key]
            if building.attempt(_view(building, view), view.path):
                building.stand_ins.setdefault(_VIEWS, []).append(view.path)


def _view(building: Building, view: View) -> str:
    sources = {key: f"t{number}" for number, key in enumerate(view.reads)}
    reading = [
        (column, kind, f"{sources[schema, table]}.{ident(column)}")
        for schema, table, column in view.columns_read
        if (kind := _type_of(building, (schema, table), column)) is not None
    ]
    listed, names = [], set[str]()
    for name, kind in view.columns:
        same = next((one for one in reading if one[:2] == (name, kind)), None)
        if same is not None:
            reading.remove(same)
        listed.append(f"{_nothing(building, kind) if same is None else same[2]} AS {ident(name)}")
        names.add(name)
    for column, _, text in reading:  # what it reads besides keeps its column from being dropped as well
        name = column
        while name in names:
            name = f"{name}_"
        names.add(name)
        listed.append(f"{text} AS {ident(name)}")
    options = [name for name in ("security_invoker", "security_barrier") if getattr(view, name)]
    head = f"CREATE VIEW {qualified(view.key)}" + (f" WITH ({', '.join(options)})" if options else "")
    read = ", ".join(f"{qualified(key)} {alias}" for key, alias in sources.items())
    text = f"{head} AS SELECT {', '.join(listed) or '1 AS one'}"
    return f"{text} FROM {read} WHERE false" if read else text


def _type_of(building: Building, relation: Key, column: str) -> str | None:
    row = building.connection.execute(
        "SELECT pg_catalog.format_type(atttypid, atttypmod) FROM pg_catalog.pg_attribute WHERE attrelid ="
        " pg_catalog.to_regclass(%s) AND attname = %s AND attnum > 0 AND NOT attisdropped",
        (qualified(relation), column),
    ).fetchone()
    return None if row is None else str(row[0])


def _nothing(building: Building, kind: str) -> str:
    """Write a NULL of a type, or of a text where the type is one that only the original had."""
    return f"NULL::{kind if _is_known(building, _MODIFIER.sub('', kind)) else 'text'}"


def build_materialized_views(building: Building) -> None:
    """Make materialised views with the columns of the originals, which read nothing."""
    for table in building.catalog.tables:
        if table.kind == "materialized-view" and table.extension is None:
            columns = ", ".join(f"NULL::{column.type} AS {ident(column.name)}" for column in table.columns)
            text = f"CREATE MATERIALIZED VIEW {qualified(table.key)} AS SELECT {columns} WHERE false"
            if building.attempt(f"{text} WITH {'' if table.populated else 'NO '}DATA", table.path):
                building.stand_ins.setdefault("materialised views that read nothing", []).append(table.path)


# --- access ------------------------------------------------------------------------------------------------------


def build_policies(building: Building) -> None:
    """Make the policies of row-level security."""
    for policy in building.catalog.policies:
        kind = "PERMISSIVE" if policy.permissive else "RESTRICTIVE"
        roles = ", ".join(role if role == "PUBLIC" else ident(role) for role in policy.roles)
        text = f"CREATE POLICY {ident(policy.name)} ON {qualified(policy.table_key)} AS {kind}"
        text += f" FOR {policy.command.upper()}"
        text += f" TO {roles}" if roles else ""
        text += f" USING ({policy.using})" if policy.using is not None else ""
        text += f" WITH CHECK ({policy.check})" if policy.check is not None else ""
        building.attempt(text, policy.path)


_OWNED = {"table": "TABLE", "partitioned": "TABLE", "materialized-view": "MATERIALIZED VIEW"}
_GRANTED = {"table": "TABLE", "view": "TABLE", "sequence": "SEQUENCE", "schema": "SCHEMA", "column": "TABLE"}


def build_roles(building: Building) -> None:
    """Make the roles, none of whom may log in, on a server that is there for the rehearsal alone."""
    known = {name for (name,) in building.connection.execute("SELECT rolname::text FROM pg_catalog.pg_roles")}
    for role in building.facts.snapshot.security.roles:
        if not role.system and role.name not in known:
            building.attempt(f"CREATE ROLE {ident(role.name)}", f"the role {role.name}")


def _owner_of(building: Building, sequence: Sequence) -> str | None:
    """Who is likely to own a sequence: whoever owns what it feeds, else its schema. An owned one follows its table."""
    if sequence.owner_column is not None or sequence.extension is not None:
        return None
    fed = [building.facts.table((schema, table)) for schema, table, _ in sequence.fed]
    schemas = [one.owner for one in building.catalog.schemas if one.name == sequence.schema]
    return next((owner for owner in (*(table.owner for table in fed if table), *schemas) if owner), None)


def build_access(building: Building) -> None:
    """Hand objects to their owners, and grant what others may do with them."""
    catalog = building.catalog
    made = {name for (name,) in building.connection.execute("SELECT rolname::text FROM pg_catalog.pg_roles")}
    owners: list[tuple[str, str, str | None]] = [
        *(("SCHEMA", ident(schema.name), schema.owner) for schema in catalog.schemas if schema.extension is None),
        *((_OWNED[one.kind], qualified(one.key), one.owner) for one in catalog.tables
          if one.kind in _OWNED and one.extension is None),
        *(("VIEW", qualified(view.key), view.owner) for view in catalog.views if view.extension is None),
        *(("ROUTINE", _named(one).partition(" ")[2], one.owner) for one in catalog.routines
          if one.kind in ("function", "procedure", "trigger") and one.extension is None),
    ]  # fmt: skip
    owners += [("SEQUENCE", qualified(one.key), _owner_of(building, one)) for one in catalog.sequences]
    for kind, name, owner in owners:
        if owner in made and owner is not None:
            building.attempt(f"ALTER {kind} {name} OWNER TO {ident(owner)}", name)
    for grant in building.facts.snapshot.security.grants:
        target = _GRANTED.get(grant.kind)
        if target is None or grant.default or (grant.grantee != "PUBLIC" and grant.grantee not in made):
            continue
        name = ident(grant.name) if grant.schema is None else qualified((grant.schema, grant.name))
        columns = f" ({idents([grant.column])})" if grant.column is not None else ""
        rights = ", ".join(f"{privilege}{columns}" for privilege in grant.privileges)
        grantee = grant.grantee if grant.grantee == "PUBLIC" else ident(grant.grantee)
        option = " WITH GRANT OPTION" if grant.grantable else ""
        building.attempt(f"GRANT {rights} ON {target} {name} TO {grantee}{option}", f"rights on {grant.path}")
