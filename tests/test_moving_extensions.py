"""Moves extensions to another schema on servers of every version, and compares the locks with what the step says."""

from __future__ import annotations

import pytest

from auditor.model.facts import Facts
from auditor.model.operation import MoveExtension
from auditor.planning import make_plan
from auditor_connectors.postgresql.recipes import RECIPES
from tests.collecting import collect
from tests.servers import AnyServer, fresh_database

HELD = """
SELECT DISTINCT mode FROM pg_locks JOIN pg_class c ON c.oid = relation
 WHERE pid = pg_backend_pid() AND c.oid >= 16384 AND mode <> 'AccessShareLock'
"""


@pytest.mark.parametrize(
    ("name", "lock", "held"),
    [("citext", "ROW EXCLUSIVE", []), ("pg_stat_statements", "ACCESS EXCLUSIVE", [("AccessExclusiveLock",)])],
)
def test_the_step_says_which_lock_it_takes(
    name: str, lock: str, held: list[tuple[str]], every_server: AnyServer
) -> None:
    with fresh_database(every_server) as database:
        database.run(f"CREATE EXTENSION {name}")
        operation = MoveExtension(name=name, from_schema="public", to_schema="extras")
        step = make_plan(Facts(collect(database.url)), [operation], [], RECIPES).steps[-1]
        assert step.lock == lock
        with database.connect() as connection:
            with connection.transaction():
                for statement in step.statements:
                    connection.execute(statement.encode())
                assert connection.execute(HELD).fetchall() == held
            assert connection.execute((step.verify or "").encode()).fetchone() == (True,)
            for statement in step.rollback:
                connection.execute(statement.encode())
            assert connection.execute((step.verify or "").encode()).fetchone() == (False,)
