"""Takes views and triggers out of the way of a switch and puts them back within the same short transaction.

A view holds on to the column or table that it was made over, not to a name: after a swap of names it would go on
reading the old one. So its definition, options, owner, privileges, comment and triggers are kept, it is dropped, and
it is made again over what bears the name then. Materialised views hold rows and are left to people. Triggers stay
with their table likewise, and move to the one that takes its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from auditor.model.catalog import Key
from auditor.model.facts import Facts
from auditor_connectors.postgresql.recipes.sql import dollar, literal, qualified

_PARK = """
DECLARE
  one record; path text := current_setting('search_path');
BEGIN
  PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);  -- so that definitions name every schema
  CREATE TEMPORARY TABLE auditor_parked_view ON COMMIT DROP AS
  WITH RECURSIVE reader AS (
    SELECT r.ev_class AS view, 1 AS depth
      FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid
     WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype = 'n'
       AND d.refobjid IN ({tables})
    UNION ALL
    SELECT r.ev_class, reader.depth + 1
      FROM reader JOIN pg_depend d ON d.refobjid = reader.view AND d.refclassid = 'pg_class'::regclass
      JOIN pg_rewrite r ON r.oid = d.objid AND r.ev_class <> reader.view
     WHERE d.classid = 'pg_rewrite'::regclass AND d.deptype = 'n' AND reader.depth < 100
  )
  SELECT reader.depth, c.oid, c.oid::regclass::text AS name, pg_get_viewdef(c.oid) AS definition,
         c.reloptions AS options, pg_get_userbyid(c.relowner) AS owner, c.relacl AS privileges,
         obj_description(c.oid, 'pg_class') AS comment,
         ARRAY(SELECT pg_get_triggerdef(t.oid) FROM pg_trigger t WHERE t.tgrelid = c.oid) AS triggers
    FROM (SELECT view, max(depth) AS depth FROM reader GROUP BY view) reader JOIN pg_class c ON c.oid = reader.view
   WHERE c.relkind = 'v';
  IF EXISTS (SELECT FROM pg_rewrite JOIN auditor_parked_view v ON v.oid = ev_class WHERE rulename <> '_RETURN') THEN
    RAISE EXCEPTION 'a view has rules of its own: recreate it by hand';
  END IF;
  FOR one IN SELECT name FROM auditor_parked_view ORDER BY depth DESC LOOP
    EXECUTE 'DROP VIEW ' || one.name;
  END LOOP;
  PERFORM set_config('search_path', path, true);
END
"""

_UNPARK = """
DECLARE
  one record; part text; held record; path text := current_setting('search_path');
BEGIN
  PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);
  FOR one IN SELECT * FROM auditor_parked_view ORDER BY depth LOOP
    EXECUTE format('CREATE VIEW %s%s AS %s', one.name,
                   CASE WHEN one.options IS NOT NULL THEN ' WITH (' || array_to_string(one.options, ', ') || ')' END,
                   one.definition);
    EXECUTE format('ALTER VIEW %s OWNER TO %I', one.name, one.owner);
    FOR held IN SELECT grantee, string_agg(privilege_type, ', ') AS words, is_grantable AS option
                  FROM aclexplode(one.privileges) GROUP BY grantee, is_grantable LOOP
      EXECUTE format('GRANT %s ON %s TO %s%s', held.words, one.name,
                     CASE WHEN held.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(held.grantee)) END,
                     CASE WHEN held.option THEN ' WITH GRANT OPTION' ELSE '' END);
    END LOOP;
    IF one.comment IS NOT NULL THEN
      EXECUTE format('COMMENT ON VIEW %s IS %L', one.name, one.comment);
    END IF;
    FOREACH part IN ARRAY one.triggers LOOP
      EXECUTE part;
    END LOOP;
  END LOOP;
  PERFORM set_config('search_path', path, true);
END
"""


_PARK_TRIGGERS = """
DECLARE
  one record;
BEGIN
  CREATE TEMPORARY TABLE auditor_parked_trigger ON COMMIT DROP AS
  SELECT tgname AS name, pg_get_triggerdef(oid) AS definition, tgenabled AS state
    FROM pg_trigger WHERE tgrelid = {table}::regclass AND NOT tgisinternal AND tgname NOT LIKE 'auditor%';
  FOR one IN SELECT * FROM auditor_parked_trigger LOOP
    EXECUTE format('DROP TRIGGER %I ON %s', one.name, {table}::regclass);
  END LOOP;
END
"""

_UNPARK_TRIGGERS = """
DECLARE
  one record;
BEGIN
  FOR one IN SELECT * FROM auditor_parked_trigger LOOP
    EXECUTE one.definition;
    IF one.state <> 'O' THEN
      EXECUTE format('ALTER TABLE %s %s TRIGGER %I', {table}::regclass, CASE one.state WHEN 'D' THEN 'DISABLE'
                     WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE ALWAYS' END, one.name);
    END IF;
  END LOOP;
END
"""


def around_triggers(facts: Facts, table: Key, statements: Iterable[str]) -> tuple[str, ...]:
    """Wrap statements that put another table in this one's place such that its triggers move to the other."""
    if not any(trigger.table_key == table for trigger in facts.triggers):
        return tuple(statements)
    name = literal(qualified(table))
    park, unpark = (text.replace("{table}", name) for text in (_PARK_TRIGGERS, _UNPARK_TRIGGERS))
    return (f"DO {dollar(park)}", *statements, f"DO {dollar(unpark)}")


def views_over(facts: Facts, tables: Iterable[Key]) -> list[str]:
    """Name the views that read any of the tables, or read such a view."""
    wanted = set(tables)
    found: dict[Key, str] = {}
    while more := [v for v in facts.catalog.views if v.key not in found and wanted & set(v.reads)]:
        found |= {view.key: view.path for view in more}
        wanted |= {view.key for view in more}
    return sorted(found.values())


def around_views(facts: Facts, tables: Sequence[Key], statements: Iterable[str]) -> tuple[str, ...]:
    """Wrap the statements of a transaction such that views over the tables are made anew at its end."""
    if not views_over(facts, tables):
        return tuple(statements)
    listed = ", ".join(f"{literal(qualified(table))}::regclass" for table in tables)
    park = f"DO {dollar(_PARK.replace('{tables}', listed))}"
    return (park, *statements, f"DO {dollar(_UNPARK)}")


def view_notes(facts: Facts, tables: Sequence[Key]) -> tuple[str, ...]:
    """Say which views are made anew, and what that leaves out."""
    names = views_over(facts, tables)
    if not names:
        return ()
    return (
        (
            f"The views {', '.join(names)} are dropped and made again in the same transaction, with their options, "
            "owner, privileges, comments and triggers; grants on single columns of a view have to be repeated."
        ),
    )
