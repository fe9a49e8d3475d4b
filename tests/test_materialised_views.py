"""Views whose rows are kept: which are refused and why, what readers notice, and how the rows stay fresh."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any, Self

import psycopg
import pytest
from msgspec.structs import replace

from auditor.model import operation as op
from auditor.model.catalog import Extension
from auditor.model.facts import Facts
from auditor.model.plan import Step
from auditor.planning import make_plan
from auditor_connectors.postgresql.recipes import RECIPES
from tests.collecting import collect
from tests.servers import AnyServer, Database, fresh_database
from tests.test_plan_runs import Runner, steps_of

TABLES = (
    "CREATE SCHEMA shop",
    "CREATE TABLE shop.lines (id serial PRIMARY KEY, kind varchar(10), at timestamptz DEFAULT now(), n int)",
    "INSERT INTO shop.lines (kind, n) SELECT 'k' || i % 7, i FROM generate_series(1, 700) i",
)
TOTALS = "SELECT kind, count(*) AS rows, sum(n) AS total FROM shop.lines WHERE kind IN ('k1', 'k2') GROUP BY kind"
WISH = op.MaterialiseView(schema="shop", view="totals", key=("kind",), minutes=10)

# By view: what its query is, and a word of the reason for which its rows are not kept; none where they are.
VIEWS: dict[str, tuple[str, str | None]] = {
    "totals": (TOTALS, None),
    "recent": ("SELECT kind, at::date AS kind_day FROM shop.lines WHERE at > now() - interval '1 day'", None),
    "today": ("SELECT kind, CURRENT_DATE AS day, CURRENT_CATALOG AS base FROM shop.lines", None),
    "fixed": ("SELECT kind, shop.twice(n) AS n FROM shop.lines", None),
    "dice": ("SELECT kind, random() FROM shop.lines", "pg_catalog.random, which may answer otherwise each time"),
    "ours": ("SELECT kind, shop.any_row() FROM shop.lines", "shop.any_row, which may answer otherwise each time"),
    "through_operator": ("SELECT kind, n OPERATOR(shop.@@) 1 AS n FROM shop.lines", "shop.any_row_of"),
    "over_dice": ("SELECT kind FROM shop.dice", "pg_catalog.random"),
    "tenant": ("SELECT kind FROM shop.lines WHERE kind = current_setting('app.tenant')", "current_setting, whose"),
    "mine": (
        "SELECT kind FROM shop.lines WHERE kind = CURRENT_USER",
        "current_user, whose answer depends on who reads",
    ),
    "session": ("SELECT kind FROM shop.lines WHERE kind = SESSION_USER", "session_user, whose answer depends"),
    "rights": ("SELECT kind FROM shop.lines WHERE has_table_privilege('shop.lines', 'SELECT')", "has_table_privilege"),
    "looked_up": ("SELECT kind, shop.tenant_of(n) FROM shop.lines", "shop.tenant_of, whose answer may depend"),
    "catalog": ("SELECT relname AS kind FROM pg_class", "pg_catalog.pg_class, whose answer depends on who reads"),
    "secret": ("SELECT kind FROM shop.secrets", "the policies of shop.secrets decide"),
    "open_secret": ("SELECT kind FROM shop.forgotten", None),
    "with_trigger": ("SELECT kind, n FROM shop.lines", "goes to its trigger write"),
    "with_rule": ("SELECT kind, count(*) FROM shop.lines GROUP BY 1", "its rule no_delete rewrites"),
    "checked": ("SELECT kind FROM shop.lines WHERE n > 5 WITH CHECK OPTION", "WITH CHECK OPTION"),
    "plain": ("SELECT kind FROM shop.lines", None),
}
OTHERS = (
    "CREATE FUNCTION shop.twice(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 2 * $1'",
    "CREATE FUNCTION shop.any_row() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE FUNCTION shop.any_row_of(int, int) RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE FUNCTION shop.tenant_of(int) RETURNS int STABLE LANGUAGE sql AS 'SELECT 1'",
    "CREATE OPERATOR shop.@@ (LEFTARG = int, RIGHTARG = int, FUNCTION = shop.any_row_of)",
    "CREATE FUNCTION shop.touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END'",
    "CREATE TABLE shop.secrets (kind text)",
    "ALTER TABLE shop.secrets ENABLE ROW LEVEL SECURITY",
    "CREATE TABLE shop.forgotten (kind text)",
    "ALTER TABLE shop.forgotten ENABLE ROW LEVEL SECURITY",
)
AFTERWARDS = (
    "CREATE TRIGGER write INSTEAD OF INSERT ON shop.with_trigger FOR EACH ROW EXECUTE FUNCTION shop.touch()",
    "CREATE RULE no_delete AS ON DELETE TO shop.with_rule DO INSTEAD NOTHING",
)


def planned(database: Database, wish: op.MaterialiseView = WISH) -> list[Step]:
    return steps_of(make_plan(Facts(collect(database.url)), [wish], [], RECIPES))


def place(steps: Sequence[Step], words: str) -> int:
    return next(number for number, step in enumerate(steps) if words in step.title)


def test_what_would_be_wrong_to_keep_is_refused_with_the_reason(every_server: AnyServer) -> None:
    with fresh_database(every_server) as database:
        database.run(*TABLES, *OTHERS, "CREATE ROLE view_owner")
        try:
            for name, (query, _) in VIEWS.items():
                database.run(f"CREATE VIEW shop.{name} AS {query}")
            database.run(
                *AFTERWARDS,
                "ALTER VIEW shop.secret OWNER TO view_owner",  # whom the policies reach, as they reach no superuser
                "ALTER VIEW shop.open_secret OWNER TO view_owner",
                "ALTER TABLE shop.forgotten OWNER TO view_owner",
            )
            facts = Facts(collect(database.url))
        finally:
            database.run("DROP OWNED BY view_owner CASCADE", "DROP ROLE view_owner")
    wrong = {}
    for name, (_, reason) in VIEWS.items():
        plan = make_plan(facts, [replace(WISH, id="", view=name)], [], RECIPES)
        notes = " ".join(note for step in plan.steps for note in step.notes)
        done = any(step.statements for step in plan.steps)
        if done != (reason is None) or (reason is not None and reason not in notes):
            wrong[name] = notes
    assert not wrong


def test_a_view_with_its_readers_rights_is_refused(database: Database) -> None:
    database.run(*TABLES, f"CREATE VIEW shop.totals WITH (security_invoker = on) AS {TOTALS}")
    [step] = planned(database)
    assert "security_invoker" in step.notes[0]
    assert not step.statements


def test_what_is_known_of_the_view_and_of_the_wish_decides_too(database: Database) -> None:
    database.run(
        *TABLES,
        f"CREATE VIEW shop.totals AS {TOTALS}",
        "CREATE VIEW shop.plain AS SELECT kind, n FROM shop.lines",
        "CREATE TABLE shop.taken ()",
        "CREATE EXTENSION pg_stat_statements",
        "INSERT INTO shop.plain VALUES ('k1', 5)",
        "UPDATE shop.plain SET n = 6 WHERE n = 5",
        "SELECT count(*) FROM shop.totals",
    )
    facts = Facts(collect(database.url))

    def reason(facts: Facts = facts, **changes: Any) -> str:
        steps = steps_of(make_plan(facts, [replace(WISH, id="", **changes)], [], RECIPES))
        return "" if any(step.statements for step in steps) else steps[0].notes[0]

    assert reason() == ""
    assert "statements write through it" in reason(view="plain")
    assert "no columns are given" in reason(key=())
    assert "without a pause" in reason(minutes=0)
    assert "something else is called shop.taken" in reason(into="taken")
    assert "longer than 63 bytes" in reason(into="é" * 32)
    assert reason(into="é" * 31) == ""
    assert "not in the snapshot" in reason(view="gone")
    older = facts.snapshot.catalog
    unseen = replace(older, views=tuple(replace(view, calls=None) for view in older.views))
    assert "not known whether" in reason(Facts(replace(facts.snapshot, catalog=unseen)))


class Reader(threading.Thread):
    """Reads a view all the time by a prepared statement, and remembers what it got."""

    def __init__(self, database: Database) -> None:
        super().__init__(daemon=True)
        self.database, self.stop = database, threading.Event()
        self.answers: set[tuple[Any, ...]] = set()
        self.reads = 0
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            with self.database.connect() as connection:
                while not self.stop.is_set():
                    query = "SELECT kind, rows, total FROM shop.totals UNION ALL SELECT * FROM shop.over"
                    self.answers.add(tuple(sorted(connection.execute(query, prepare=True).fetchall())))
                    self.reads += 1
        except psycopg.Error as error:
            self.error = error

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self.join(30)


def test_readers_go_on_there_and_back(every_server: AnyServer) -> None:
    with fresh_database(every_server) as database:
        database.run(
            *TABLES, f"CREATE VIEW shop.totals AS {TOTALS}", "CREATE VIEW shop.over AS SELECT * FROM shop.totals"
        )
        steps = planned(database)
        with Runner(database) as runner, Reader(database) as reader:
            before = runner.ask("SELECT pg_get_viewdef('shop.totals'::regclass)")
            for _ in range(2):
                for step in steps:
                    runner.run_patiently(step)
                assert runner.ask(steps[-1].verify or "") is True
                read = reader.reads
                while reader.reads < read + 5 and reader.error is None:
                    reader.stop.wait(0.01)
                for step in reversed(steps):
                    runner.undo(step)
                assert runner.ask("SELECT pg_get_viewdef('shop.totals'::regclass)") == before
        assert reader.error is None
        assert len(reader.answers) == 1
        assert len(next(iter(reader.answers))) == 4


def test_readers_get_what_was_there_at_the_last_refresh(database: Database) -> None:
    database.run(*TABLES, f"CREATE VIEW shop.totals AS {TOTALS}")
    steps = planned(database)
    refresh = steps[place(steps, "Refresh ")].statements[-1]
    total = "SELECT total FROM shop.totals WHERE kind = 'k1'"
    time_of = "SELECT refreshed_at FROM shop.totals_materialized_refresh"
    with Runner(database) as runner, database.connect() as other:
        for step in steps:
            runner.run_patiently(step)
        known, at = runner.ask(total), runner.ask(time_of)
        runner.connection.execute("INSERT INTO shop.lines (kind, n) VALUES ('k1', 1000)")
        assert runner.ask(total) == known
        with other.transaction():
            other.execute(refresh.encode())
            started = other.execute("SELECT now()").fetchone()
            runner.connection.execute("SET statement_timeout = '2s'")
            assert runner.ask(total) == known  # readers are not in its way, nor it in theirs
            runner.connection.execute(refresh.encode())  # one is at work: it is left alone
        assert (runner.ask(total), (runner.ask(time_of),)) == (known + 1000, started)
        assert runner.ask(time_of) > at
        # What nobody refreshes is not what the view is to read.
        runner.undo(steps[-1])
        late = "UPDATE shop.totals_materialized_refresh SET refreshed_at = now() - interval '1 hour'"
        runner.connection.execute(late.encode())
        assert runner.ask(steps[-1].precondition or "") is False


@pytest.mark.parametrize(
    ("query", "done"),
    [
        ("SELECT DISTINCT kind FROM shop.lines", True),
        ("SELECT kind FROM shop.lines", False),
        ("SELECT DISTINCT nullif(kind, 'k3') AS kind FROM shop.lines", False),
    ],
)
def test_a_key_that_does_not_tell_rows_apart_is_found_before_anybody_relies_on_it(
    database: Database, query: str, done: bool
) -> None:
    database.run(*TABLES, f"CREATE VIEW shop.totals AS {query}")
    steps = planned(database)
    build = place(steps, "Build the unique index")
    with Runner(database) as runner:
        for step in steps[:build]:
            runner.run(step)
        assert runner.ask(steps[build].precondition or "") is done


def test_a_view_that_has_another_definition_meanwhile_is_not_switched(database: Database) -> None:
    database.run(*TABLES, f"CREATE VIEW shop.totals AS {TOTALS}")
    steps = planned(database)
    with Runner(database) as runner:
        for step in steps[:-1]:
            runner.run(step)
        assert runner.ask(steps[-1].precondition or "") is True
        database.run(f"CREATE OR REPLACE VIEW shop.totals AS {TOTALS.replace('k2', 'k3')}")
        assert runner.ask(steps[-1].precondition or "") is False


def test_a_second_audit_names_what_the_first_plan_has_made(database: Database) -> None:
    database.run(*TABLES, f"CREATE VIEW shop.totals AS {TOTALS}")
    steps = planned(database)
    with Runner(database) as runner:
        for step in steps[:-1]:
            runner.run(step)
        again = planned(database)
        assert [step.statements for step in again] == [step.statements for step in steps]
        runner.run(again[-1])
    [done] = planned(database)
    assert "reads shop.totals_materialized already" in done.notes[0]


CRON = (
    "CREATE SCHEMA cron",
    "CREATE TABLE cron.job (jobid bigserial, jobname name, schedule text, command text, active bool DEFAULT true)",
    """CREATE FUNCTION cron.schedule(job_name text, schedule text, command text) RETURNS bigint LANGUAGE sql AS
         'INSERT INTO cron.job (jobname, schedule, command) VALUES ($1, $2, $3) RETURNING jobid'""",
    """CREATE FUNCTION cron.unschedule(job_id bigint) RETURNS bool LANGUAGE sql AS
         'DELETE FROM cron.job WHERE jobid = $1 RETURNING true'""",
)


@pytest.mark.parametrize(("minutes", "times"), [(10, "*/10 * * * *"), (150, "0 */2 * * *"), (2000, "0 3 * * *")])
def test_where_pg_cron_is_installed_it_is_given_the_refresh(database: Database, minutes: int, times: str) -> None:
    """The extension is in none of the servers here: tables and functions of its names take what it would get."""
    database.run(*TABLES, *CRON, f"CREATE VIEW shop.totals AS {TOTALS}")
    snapshot = collect(database.url)
    extension = Extension(name="pg_cron", schema="pg_catalog", installed="1.6")
    catalog = replace(snapshot.catalog, extensions=(*snapshot.catalog.extensions, extension))
    facts = Facts(replace(snapshot, catalog=catalog))
    steps = steps_of(make_plan(facts, [replace(WISH, id="", minutes=minutes)], [], RECIPES))
    scheduled = place(steps, "Have shop.totals_materialized refreshed")
    with Runner(database) as runner:
        for step in steps[: scheduled + 1]:
            runner.run(step)
        assert runner.ask("SELECT schedule FROM cron.job") == times
        runner.connection.execute("DELETE FROM shop.totals_materialized_refresh")
        runner.connection.execute(runner.ask("SELECT command FROM cron.job"))
        assert runner.ask("SELECT count(*) FROM shop.totals_materialized_refresh") == 1
        runner.undo(steps[scheduled])
        assert runner.ask("SELECT count(*) FROM cron.job") == 0


def test_rows_are_kept_once_the_tables_behind_them_have_their_shape(database: Database) -> None:
    database.run(
        *TABLES,
        "CREATE VIEW shop.inner AS SELECT kind, n FROM shop.lines",
        "CREATE VIEW shop.totals AS SELECT kind, sum(n) FROM shop.inner GROUP BY kind",
        "CREATE TABLE shop.others (id int PRIMARY KEY, n int)",
    )
    facts = Facts(collect(database.url))
    here = {"schema": "shop", "table": "lines"}
    wider = {"from_type": "integer", "to_type": "bigint"}
    change = op.ChangeColumnType(**here, column="n", **wider)
    drop = op.DropColumn(**here, column="at")
    other = op.ChangeColumnType(schema="shop", table="others", column="n", **wider)

    def waits_for(operation: op.AnyOperation) -> bool:
        plan = make_plan(facts, [WISH, operation], [], RECIPES)
        assert {shape.table for shape in plan.shapes} >= {"lines"}
        by_id = {step.id: step for step in plan.steps}
        first = next(step for step in plan.steps if step.operation == WISH.id)
        return operation.id in {by_id[one].operation for one in first.depends_on}

    assert waits_for(change)
    assert waits_for(drop)
    assert not waits_for(other)


def test_a_view_that_is_to_be_read_with_its_readers_rights_is_not_kept(database: Database) -> None:
    database.run(*TABLES, f"CREATE VIEW shop.totals AS {TOTALS}")
    facts = Facts(collect(database.url))
    for value, kept in (("true", False), ("false", True)):
        option = op.SetViewOption(schema="shop", name="totals", option="security_invoker", value=value)
        plan = make_plan(facts, [option], [], RECIPES, [WISH])
        assert (WISH in plan.operations) is kept
        assert bool(plan.conflicts) is not kept
