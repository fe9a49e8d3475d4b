"""Writes the view that stands in a merged companion's place, and the triggers that carry parts from here to there.

An UPDATE of the view is the server's own rewriting of it, so that two clients who write one row wait for each other as
with a table; its key is written as an expression, which no UPDATE may change, or a row of the table that stays would
get another key. An INSERT and a DELETE would add and take away whole rows: triggers write and empty the part instead.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Key
from auditor_connectors.postgresql.recipes.companions import Companion
from auditor_connectors.postgresql.recipes.merging_numbers import default_of
from auditor_connectors.postgresql.recipes.restoring import granted, owned
from auditor_connectors.postgresql.recipes.sql import dollar, ident, idents, literal, qualified

_COLUMNS_FIRST = "#variable_conflict use_column"  # a column may be called like a variable
_DEFINER = "RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS"


def create_view(plan: Companion) -> Iterator[str]:
    """Write the statements that make the view, with its triggers, the defaults, the owner and the grants."""
    view, here = qualified(plan.other.key), qualified(plan.table.key)
    columns = ", ".join(_column(plan, column.name) for column in plan.other.columns)
    yield f"CREATE VIEW {view} AS SELECT {columns} FROM {here} a WHERE {plan.is_there('a.')}"
    for column in plan.other.columns:
        if (default := default_of(column)) is not None:
            yield f"ALTER VIEW {view} ALTER COLUMN {ident(column.name)} SET DEFAULT {default}"
    for name, event, body in (
        (plan.inserting, "INSERT", _insert(plan)),
        (plan.deleting, "DELETE", _delete(plan)),
    ):
        yield f"CREATE FUNCTION {qualified(name)}() {_DEFINER} {dollar(body)}"
        yield (
            f"CREATE TRIGGER {ident(name[1])} INSTEAD OF {event} ON {view} FOR EACH ROW "
            f"EXECUTE FUNCTION {qualified(name)}()"
        )
    if plan.other.comment is not None:
        yield f"COMMENT ON VIEW {view} IS {literal(plan.other.comment)}"
    # The owner's privileges are those that reading and writing through the view ask for.
    yield from owned(plan.table, plan.other.key, "VIEW")
    if plan.other.owner is not None and plan.other.owner != plan.table.owner:
        yield f"GRANT ALL ON {view} TO {ident(plan.other.owner)}"
    yield from granted(plan.facts, "table", plan.other.key, plan.other.key)
    for grant in plan.facts.grants_on("column", *plan.other.key):
        if grant.column is not None:
            grantee = "PUBLIC" if grant.grantee == "PUBLIC" else ident(grant.grantee)
            words = ", ".join(f"{one} ({ident(grant.column)})" for one in grant.privileges)
            yield f"GRANT {words} ON {view} TO {grantee}{' WITH GRANT OPTION' if grant.grantable else ''}"


def drop_view(plan: Companion) -> Iterator[str]:
    """Write the statements that take the view away with its triggers' functions."""
    yield f"DROP VIEW {qualified(plan.other.key)}"
    yield from (f"DROP FUNCTION {qualified(name)}()" for name in (plan.inserting, plan.deleting))


def _column(plan: Companion, name: str) -> str:
    value = f"a.{ident(plan.names[name])}"
    if name in plan.key:
        # The planner takes the column for it, and finds it by the key's index; the type keeps its length.
        value = f"CASE WHEN true THEN {value} ELSE {value} END"
    return f"{value} AS {ident(name)}"


def _insert(plan: Companion) -> str:
    """Write what an INSERT does: it writes the part of a row that has none, and fails as that of a row did."""
    here, path, table = qualified(plan.table.key), plan.other.path, literal(plan.other.name)
    required = [column.name for column in plan.other.columns if not column.nullable]
    nulls = ", ".join(f"NEW.{ident(name)}" for name in required)
    unique = plan.unique
    missing = literal(f"one of {', '.join(required)} of {path} is null, which none of them may be")
    double = literal(f"duplicate key value violates unique constraint {unique} of {path}")
    orphaned = literal(f"insert into {path} violates foreign key constraint {plan.link.name}")
    return f"""
{_COLUMNS_FIRST}
BEGIN
  IF num_nulls({nulls}) > 0 THEN
    RAISE not_null_violation USING TABLE = {table}, MESSAGE = {missing};
  END IF;
  UPDATE {here} a SET {plan.assigned("NEW")} WHERE {plan.matches("a", "NEW")} AND NOT ({plan.is_there("a.")});
  IF FOUND THEN
    RETURN NEW;
  END IF;
  PERFORM FROM {here} a WHERE {plan.matches("a", "NEW")};
  IF FOUND THEN
    RAISE unique_violation USING CONSTRAINT = {literal(unique)}, TABLE = {table}, MESSAGE = {double};
  END IF;
  RAISE foreign_key_violation USING CONSTRAINT = {literal(plan.link.name)}, TABLE = {table}, MESSAGE = {orphaned};
END
"""


def _delete(plan: Companion) -> str:
    """Write what a DELETE does: it empties the part, unless somebody has changed it since it was looked for."""
    here, there = qualified(plan.table.key), plan.is_there("a.")
    same = f"{plan.image('a', here=True)} OPERATOR(pg_catalog.*=) {plan.image('OLD', here=False, flag='true')}"
    changed = literal(f"could not delete from {plan.other.path} due to concurrent update")
    return f"""
{_COLUMNS_FIRST}
BEGIN
  UPDATE {here} a SET {plan.assigned(None)} WHERE {plan.matches("a", "OLD")} AND {there} AND {same};
  IF FOUND THEN
    RETURN OLD;
  END IF;
  PERFORM FROM {here} a WHERE {plan.matches("a", "OLD")} AND {there};
  IF FOUND THEN
    RAISE serialization_failure USING MESSAGE = {changed};
  END IF;
  RETURN NULL;
END
"""


# --- the triggers that carry parts -------------------------------------------------------------------------------


def carry_forward(plan: Companion) -> tuple[str, ...]:
    """Write the function and trigger that repeat every change of the companion in the table that stays."""
    here, there = qualified(plan.table.key), qualified(plan.other.key)
    others = ("OLD", "NEW")
    keys, values = ([f"ROW({', '.join(f'{row}.{ident(name)}' for name in names)})::record" for row in others]
                    for names in (plan.key, [column.name for column in plan.other.columns]))  # fmt: skip
    body = f"""
{_COLUMNS_FIRST}
BEGIN
  IF TG_OP = 'UPDATE' AND {" OPERATOR(pg_catalog.*=) ".join(values)} THEN
    RETURN NULL;
  END IF;
  IF TG_OP = 'DELETE' OR TG_OP = 'UPDATE' AND {" OPERATOR(pg_catalog.*<>) ".join(keys)} THEN
    UPDATE {here} a SET {plan.assigned(None)}
     WHERE {plan.matches("a", "OLD")} AND NOT EXISTS (SELECT FROM {there} b WHERE {plan.matches("a", "b")});
  END IF;
  IF TG_OP <> 'DELETE' THEN
    UPDATE {here} a SET {plan.assigned("NEW")} WHERE {plan.matches("a", "NEW")};
  END IF;
  RETURN NULL;
END
"""
    return _trigger(plan.forward, plan.other.key, "INSERT OR UPDATE OR DELETE", body)


def carry_back(plan: Companion) -> tuple[str, ...]:
    """Write the function and trigger that repeat every change of a part in the companion as it was.

    A row that is deleted takes its companion along, or is kept by it, by the foreign key, as before.
    """
    here, there = qualified(plan.table.key), qualified(plan.old)
    columns = [column.name for column in plan.other.columns]
    values = ", ".join(f"NEW.{ident(plan.names[name])}" for name in columns)
    changes = ", ".join(f"{ident(column.name)} = EXCLUDED.{ident(column.name)}" for column in plan.moved)
    keys = [f"ROW({', '.join(f'{row}.{ident(name)}' for name in plan.key.values())})::record" for row in ("OLD", "NEW")]
    moved = " OPERATOR(pg_catalog.*<>) ".join(keys)
    body = f"""
{_COLUMNS_FIRST}
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF NOT ({moved})
       AND {plan.image("OLD", here=True)} OPERATOR(pg_catalog.*=) {plan.image("NEW", here=True)} THEN
      RETURN NULL;
    END IF;
    IF {moved} OR NOT ({plan.is_there("NEW.")}) THEN
      DELETE FROM {there} b WHERE {plan.matches("OLD", "b")} AND NOT EXISTS (
        SELECT FROM {here} a WHERE {plan.matches("a", "OLD", same=True)} AND {plan.is_there("a.")});
    END IF;
  END IF;
  IF {plan.is_there("NEW.")} THEN
    INSERT INTO {there} ({idents(columns)}) VALUES ({values})
    ON CONFLICT ({idents(plan.key)}) DO {f"UPDATE SET {changes}" if changes else "NOTHING"};
  END IF;
  RETURN NULL;
END
"""
    return _trigger(plan.backward, plan.table.key, "INSERT OR UPDATE", body)


def _trigger(name: Key, table: Key, events: str, body: str) -> tuple[str, ...]:
    return (
        f"CREATE FUNCTION {qualified(name)}() {_DEFINER} {dollar(body)}",
        (
            f"CREATE TRIGGER {ident(name[1])} AFTER {events} ON {qualified(table)} FOR EACH ROW "
            f"EXECUTE FUNCTION {qualified(name)}()"
        ),
    )
