"""What clients of a rehearsal write can be written, and what of the values that they find is compared."""

from __future__ import annotations

import pytest

from auditor.model import operation as op
from auditor.model.facts import Facts
from auditor.planning import make_plan
from auditor_connectors.postgresql.recipes import RECIPES
from auditor_connectors.postgresql.rehearsal import questions, scope, state
from auditor_connectors.postgresql.rehearsal.questions import Column
from tests.collecting import collect
from tests.guarding import steps_of
from tests.servers import Database

TABLE = ("public", "intents")
INVOICES = (
    "CREATE TABLE invoices (id uuid PRIMARY KEY)",
    "INSERT INTO invoices VALUES (gen_random_uuid())",
    "CREATE TABLE intents (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), invoice_id uuid, status int DEFAULT 0)",
    "INSERT INTO intents (invoice_id) SELECT id FROM invoices",
    "CREATE UNIQUE INDEX ON intents (invoice_id, status) WHERE status = 0",
)


def test_a_unique_value_that_a_constant_would_give_is_made_up(database: Database) -> None:
    database.run(*INVOICES)
    refers = op.AddForeignKey(
        schema="public", table="intents", columns=("invoice_id",), referenced_schema="public",
        referenced_table="invoices", referenced_columns=("id",),
    )  # fmt: skip
    with database.connect() as connection:
        found = questions.grounds(connection, [TABLE, ("public", "invoices")], [], [refers])
        ground = next(one for one in found.values() if one.name == TABLE)
        (addition,) = questions.additions(connection, ground, 0)
        for _ in range(3):
            connection.execute(addition.insert.encode(), questions.new_row(addition))
        assert connection.execute("SELECT count(DISTINCT status), count(*) FROM intents").fetchone() == (4, 4)


@pytest.mark.parametrize(
    ("default", "renews"),
    [
        ("nextval('s'::regclass)", True), ("gen_random_uuid()", True), ('shop."make id"(12)', True),
        ("CURRENT_TIMESTAMP", True), (None, False), ("0", False), ("'a(b)'::character varying", False),
        ("'0'::numeric(10, 2)", False), ("(0)::numeric(10,2)", False), ("'{}'::jsonb", False),
        ("ARRAY[]::text[]", False),
        ("'2024-01-01 00:00:00'::timestamp(6) without time zone", False),
    ],
)  # fmt: skip
def test_a_constant_gives_no_row_a_value_of_its_own(default: str | None, renews: bool) -> None:
    column = Column("a", "text", "S", "text", False, default, generated=False, steers_rows=False)
    assert column.renews_itself == renews


def test_of_what_becomes_jsonb_in_place_the_value_is_compared_and_not_the_spelling(database: Database) -> None:
    database.run(
        "CREATE TABLE intents (id int PRIMARY KEY, payload json, other json)",
        """INSERT INTO intents SELECT i, '{"b" : 1, "a": 2}', '{"b" : 1, "a": 2}' FROM generate_series(1, 9) i""",
        "ANALYZE",
    )
    change = op.ChangeColumnType(
        schema="public", table="intents", column="payload", from_type="json", to_type="jsonb"
    )  # fmt: skip
    plan = make_plan(Facts(collect(database.url)), [change], [], RECIPES)
    meant = scope.retyped(plan.operations, steps_of(plan))
    (step,) = (one for one in steps_of(plan) if one.statements)
    assert any("not how they were spelled" in note for note in step.notes)
    with database.connect() as connection:
        keys = state.primary_keys(connection)

        def differing(before: dict[state.Relation, state.Rows]) -> list[str]:
            return state.differences(before, state.rows(connection, [TABLE], keys, meant))

        before = state.rows(connection, [TABLE], keys, meant)
        with connection.transaction():
            for statement in step.statements:
                connection.execute(statement.encode())
        assert differing(before) == []
        for statement in step.rollback:
            connection.execute(statement.encode())
        assert differing(before) == []
        connection.execute("""UPDATE intents SET other = '{"b": 1, "a": 2}' WHERE id = 3""")
        assert differing(before) == ["public.intents.other"]
        connection.execute("""UPDATE intents SET payload = '{"a": 2, "b": 3}' WHERE id = 3""")
        assert differing(before) == ["public.intents.payload", "public.intents.other"]
