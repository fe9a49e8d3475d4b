"""What keeps the rows of a view: its names, and the statements that make it, refresh it, and let the view read it.

No snapshot holds a view's definition: the statements read it from the server when they run. The materialised view
keeps it from then on, so that the way back writes the view anew from there. The view stays the object that it was,
with its owner, privileges, options and dependants: only what it selects from changes.
"""

from __future__ import annotations

from auditor.model.catalog import Key, Table, View, dotted
from auditor.model.facts import Facts
from auditor.model.operation import MaterialiseView
from auditor_connectors.postgresql.recipes.sql import (
    IDENTIFIER_BYTES,
    dollar,
    literal,
    qualified,
    regclass,
    relation_name,
)

# How the server writes a list of values of a character varying (restoring.py); read again, it would write the casts
# elsewhere, and neither the comparison of two definitions nor a way back would find the text that was there.
_LIST = (
    r"\(([^()]+)\)::text (= ANY|<> ALL) "
    r"\(\((ARRAY\[(?:E?'(?:[^']|'')*'::character varying(?:\([0-9]+\))?(?:, )?)+\])\)::text\[\]\)"
)
_AS_BEFORE = r"\1 \2 (\3)"
_DEFINITION = f"regexp_replace(rtrim(pg_get_viewdef({{}}), ';'), {literal(_LIST)}, {literal(_AS_BEFORE)}, 'g')"

_KEEP = """
DECLARE
  source oid := {view}::regclass; path text := current_setting('search_path'); made text; held record;
BEGIN
  PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);  -- so that the definition names every schema
  EXECUTE format('CREATE MATERIALIZED VIEW %s AS %s WITH NO DATA', {kept}, {definition});
  IF pg_get_viewdef({kept}::regclass) <> pg_get_viewdef(source) THEN
    RAISE EXCEPTION 'the definition would be written in another way when it is read again'
      USING HINT = 'Make the view anew as pg_get_viewdef() writes it, by CREATE OR REPLACE VIEW, then try again.';
  END IF;
  FOREACH made IN ARRAY ARRAY[{kept}, {ledger}] LOOP
    -- Default privileges may have given rights that nobody has on the view.
    FOR held IN SELECT DISTINCT a.grantee FROM pg_class c, aclexplode(c.relacl) a
                 WHERE c.oid = made::regclass AND a.grantee <> c.relowner LOOP
      EXECUTE format('REVOKE ALL ON %s FROM %s', made,
                     CASE held.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(held.grantee)) END);
    END LOOP;
    EXECUTE format('ALTER %s %s OWNER TO %I', CASE made WHEN {kept} THEN 'MATERIALIZED VIEW' ELSE 'TABLE' END, made,
                   (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = source));
    FOR held IN SELECT a.grantee, bool_or(a.is_grantable) AS option, NULL::name AS "column"
                  FROM pg_class c, aclexplode(c.relacl) a
                 WHERE c.oid = source AND a.privilege_type = 'SELECT' AND a.grantee <> c.relowner GROUP BY a.grantee
                UNION ALL
                SELECT a.grantee, bool_or(a.is_grantable), b.attname FROM pg_attribute b, aclexplode(b.attacl) a
                 WHERE b.attrelid = source AND a.privilege_type = 'SELECT' AND made = {kept}
                 GROUP BY a.grantee, b.attname LOOP
      EXECUTE format('GRANT SELECT%s ON %s TO %s%s', ' (' || quote_ident(held."column") || ')', made,
                     CASE held.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(held.grantee)) END,
                     CASE WHEN held.option THEN ' WITH GRANT OPTION' END);
    END LOOP;
  END LOOP;
  IF obj_description(source, 'pg_class') IS NOT NULL THEN
    EXECUTE format('COMMENT ON MATERIALIZED VIEW %s IS %L', {kept}, obj_description(source, 'pg_class'));
  END IF;
  PERFORM set_config('search_path', path, true);
END
"""

# now() is when the transaction began: what is read is never older than that. The lock keeps refreshes from queueing.
_REFRESH = (
    " BEGIN IF pg_try_advisory_xact_lock('pg_class'::regclass::oid::int, {kept}::regclass::oid::int) THEN "
    "REFRESH MATERIALIZED VIEW CONCURRENTLY {name}; "
    "INSERT INTO {ledger} (refreshed_at) VALUES (now()) ON CONFLICT (one) DO UPDATE SET refreshed_at = "
    "excluded.refreshed_at; END IF; END "
)

_SWITCH = """
DECLARE
  source oid := {view}::regclass; columns text; options text;
BEGIN
  SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) INTO columns
    FROM pg_attribute WHERE attrelid = source AND attnum > 0 AND NOT attisdropped;
  SELECT ' WITH (' || array_to_string(reloptions, ', ') || ')' INTO options FROM pg_class WHERE oid = source;
  EXECUTE format('CREATE OR REPLACE VIEW %s%s AS SELECT %s FROM %s', {view}, options, columns, {kept});
END
"""

_BACK = """
DECLARE
  source oid := {view}::regclass; path text := current_setting('search_path'); options text;
BEGIN
  IF ({reads_it}) THEN
    PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);
    SELECT ' WITH (' || array_to_string(reloptions, ', ') || ')' INTO options FROM pg_class WHERE oid = source;
    EXECUTE format('CREATE OR REPLACE VIEW %s%s AS %s', {view}, options, {definition});
    PERFORM set_config('search_path', path, true);
  END IF;
END
"""


class Kept:
    """A view, what keeps its rows, the index that refreshing needs, and the table that says how old they are."""

    def __init__(self, operation: MaterialiseView, facts: Facts, view: View) -> None:
        self.operation, self.facts, self.view = operation, facts, view
        schema, plain = view.schema, operation.into or f"{view.name}_materialized"
        derived = operation.into is None and not self.is_there((schema, plain))
        self.key: Key = (schema, relation_name(facts, view.key, (), "materialized") if derived else plain)
        self.ledger: Key = (schema, self._named((), "refresh"))
        self.index: Key = (schema, self._named(operation.key, "key"))

    def is_there(self, key: Key) -> bool:
        """Whether a materialised view bears the name: what an earlier passage of the steps has made, or a stranger."""
        found = self.facts.table(key)
        return found is not None and found.kind == "materialized-view"

    def _named(self, middle: tuple[str, ...], suffix: str) -> str:
        """Name what stands beside it, by the same name once that is there."""
        plain = "_".join((self.key[1], *middle, suffix))
        again = self.is_there(self.key) and len(plain.encode()) <= IDENTIFIER_BYTES
        return plain if again else relation_name(self.facts, self.key, middle, suffix)

    @property
    def path(self) -> str:
        """Its name as a report shows it."""
        return dotted(*self.key)

    @property
    def behind(self) -> list[View]:
        """The view and those that it reads."""
        return list(self.facts.views_behind(self.view.key))

    def calls(self) -> list[tuple[str, str]]:
        """What the view and those that it reads call, and when that answers otherwise."""
        return sorted({(call.name, call.varies) for view in self.behind for call in view.calls or ()})

    @property
    def tables(self) -> list[Table]:
        """What the view reads, through other views too."""
        return list(self.facts.tables_behind(self.view.key))

    def _block(self, code: str, **more: str) -> str:
        """Put the names into a block of code, and make it a statement. The names may hold braces themselves."""
        names = {"view": literal(qualified(self.view.key)), "kept": literal(qualified(self.key)), **more}
        pieces = code.split("{")
        found = [pieces[0]]
        for piece in pieces[1:]:
            name, _, rest = piece.partition("}")
            found += [names[name], rest]
        return f"DO {dollar(''.join(found))}"

    @property
    def make(self) -> str:
        """Write the statement that makes it without rows, as the view is defined and as it may be read."""
        return self._block(
            _KEEP, ledger=literal(qualified(self.ledger)), definition=_DEFINITION.replace("{}", "source")
        )

    @property
    def refresh(self) -> str:
        """Write the statement that refreshes it, and leaves the time behind."""
        return self._block(_REFRESH, name=qualified(self.key), ledger=qualified(self.ledger))

    @property
    def switch(self) -> str:
        """Write the statement that lets the view read it."""
        return self._block(_SWITCH)

    @property
    def back(self) -> str:
        """Write the statement that lets the view read again what it read before, if it does not do so anyway."""
        source = f"{literal(qualified(self.key))}::regclass"
        return self._block(_BACK, reads_it=self.reads_it, definition=_DEFINITION.replace("{}", source))

    @property
    def reads_it(self) -> str:
        """The query that is true when the view reads what is kept."""
        return (
            "SELECT EXISTS (SELECT FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid WHERE d.classid = "
            f"'pg_rewrite'::regclass AND r.ev_class = {regclass(self.view.key)} AND d.refobjid = {regclass(self.key)})"
        )

    @property
    def same(self) -> str:
        """The query that is true when the view is defined as what keeps its rows."""
        return f"SELECT pg_get_viewdef({regclass(self.view.key)}) = pg_get_viewdef({regclass(self.key)})"

    def fresh(self, minutes: int) -> str:
        """The query that is true when the last refresh is no older than that."""
        past = f"now() - interval '{minutes} minutes'"
        return f"SELECT EXISTS (SELECT FROM {qualified(self.ledger)} WHERE refreshed_at > {past})"
