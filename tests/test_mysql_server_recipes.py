"""Recipes for MySQL and MariaDB that concern the server: settings, sessions, versions, and kindred products."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from auditor.model import operation as op
from auditor.model.facts import Facts
from auditor.model.plan import Step
from auditor.model.server import Replica
from auditor_connectors.mysql.recipes.accepted import Change, way
from tests.mysql_running import Runner, facts_of, steps_of
from tests.mysql_servers import ENGINES, Account, database
from tests.servers import Pool


@pytest.fixture(scope="module", params=[pytest.param(engine, marks=getattr(pytest.mark, engine)) for engine in ENGINES])
def server(request: pytest.FixtureRequest, pool: Pool) -> Account:
    """A server of one product after the other."""
    return pool.mysql(request.param)


@pytest.fixture(scope="module")
def facts(server: Account) -> Iterator[Facts]:
    with database(server) as name:
        server.run(
            "CREATE TABLE parent (id int PRIMARY KEY)",
            "CREATE TABLE t (id int PRIMARY KEY, n int, m int, KEY by_n (n))",
            "CREATE TABLE c (id int PRIMARY KEY, n int, FOREIGN KEY (n) REFERENCES parent (id) ON DELETE CASCADE)",
            database=name,
        )
        yield facts_of(server, name)


@pytest.fixture
def runner(server: Account) -> Iterator[Runner]:
    with contextlib.closing(server.connect()) as connection:
        yield Runner(connection)


def of_version(facts: Facts, number: int) -> Facts:
    return Facts(replace(facts.snapshot, server=replace(facts.server, version_number=number)))


def value(server: Account, name: str) -> str:
    return str(server.run(f"SHOW GLOBAL VARIABLES LIKE '{name}'")[0][1])


@pytest.mark.parametrize(
    ("name", "wanted", "shown"),
    [("table_open_cache", "1999", "1999"), ("sort_buffer_size", "1M", "1048576"), ("local_infile", "OFF", "OFF"),
     ("sql_mode", "STRICT_ALL_TABLES", "STRICT_ALL_TABLES")],
)  # fmt: skip
def test_a_setting_is_in_force_kept_and_taken_back(
    server: Account, facts: Facts, runner: Runner, name: str, wanted: str, shown: str
) -> None:
    before = value(server, name)
    if name == "local_infile" and before == "OFF":
        wanted = shown = "ON"
    (step,) = steps_of(facts, op.SetSetting(name=name, value=wanted))
    runner.forward(step)
    assert runner.ran
    assert value(server, name) == shown
    kept = f"SELECT count(*) FROM performance_schema.persisted_variables WHERE VARIABLE_NAME = '{name}'"
    if server.engine == "mysql":
        assert server.run(kept) == [(1,)]
    else:
        assert any("configuration file" in note for note in step.notes)
    runner.back(step)
    assert value(server, name) == before
    if server.engine == "mysql":
        assert server.run(kept) == [(0,)]


def test_a_setting_is_given_its_default_back(server: Account, facts: Facts, runner: Runner) -> None:
    usual = value(server, "table_open_cache")
    server.run("SET GLOBAL table_open_cache = 1777")
    (step,) = steps_of(facts, op.ResetSetting(name="table_open_cache", previous="1777"))
    runner.forward(step)
    assert value(server, "table_open_cache") == usual
    runner.back(step)
    assert value(server, "table_open_cache") == "1777"
    server.run("SET GLOBAL table_open_cache = DEFAULT")


def test_what_needs_a_restart_is_written_down_and_shares_one(server: Account, facts: Facts, runner: Runner) -> None:
    step, restart = steps_of(facts, op.SetSetting(name="back_log", value="100", restart=True))
    if server.engine == "mysql":
        assert step.statements == ("SET PERSIST_ONLY back_log = 100",)
        runner.forward(step)
        assert runner.ran
        runner.back(step)
    else:
        assert step.statements == ()
        assert any("back_log = 100" in note for note in step.notes)
    assert restart.blocks.value == "reads-and-writes"
    assert any(note.startswith("$ systemctl restart") for note in restart.notes)


def test_no_setting_is_for_some_sessions_only(facts: Facts) -> None:
    (step,) = steps_of(facts, op.SetSetting(name="wait_timeout", value="60", role="web"))
    assert step.statements == ()


def test_a_session_is_ended_once(server: Account, facts: Facts, runner: Runner) -> None:
    other = server.connect()
    (step,) = steps_of(facts, op.EndSession(session=other.thread_id(), reason="it is idle"))
    runner.forward(step)
    runner.forward(step)
    assert len(runner.ran) == 1
    with contextlib.suppress(Exception):
        other.close()


def test_an_upgrade_to_another_version_goes_by_way_of_a_replica(facts: Facts) -> None:
    steps = steps_of(facts, op.UpgradeServer(from_version="5.7.44", to_version="8.4.9", major=True))
    assert [step.point_of_no_return for step in steps] == [False, False, True]
    several = any("5.7 → 8.0 → 8.4" in note for note in steps[0].notes)
    assert several is (facts.target.engine == "mysql")
    assert len(steps_of(facts, op.UpgradeServer(from_version="8.4.1", to_version="8.4.9"))) == 1


WAYS: dict[str, list[tuple[int, str, Change, str | None]]] = {
    # From the manuals of these versions: there is no such server here.
    "mysql": [
        (50744, "t", "add-index", "ALGORITHM=INPLACE, LOCK=NONE"),
        (50744, "t", "add-column", "ALGORITHM=INPLACE, LOCK=NONE"),
        (50744, "t", "hide-index", None),
        (50744, "t", "add-check", None),
        (80028, "t", "add-column", "ALGORITHM=INSTANT"),
        (80028, "t", "drop-column", "ALGORITHM=INPLACE, LOCK=NONE"),
        (80029, "t", "drop-column", "ALGORITHM=INSTANT"),
        (80405, "t", "change-type", "ALGORITHM=COPY, LOCK=SHARED"),
    ],
    "mariadb": [
        (100518, "t", "hide-index", None),
        (100618, "t", "hide-index", "ALGORITHM=INSTANT"),
        (100618, "t", "change-type", "ALGORITHM=COPY, LOCK=SHARED"),
        (110402, "t", "change-type", "ALGORITHM=COPY, LOCK=NONE"),
        (110402, "c", "change-type", "ALGORITHM=COPY, LOCK=SHARED"),
        (110402, "t", "add-check", "ALGORITHM=COPY, LOCK=NONE"),
    ],
}


def test_other_versions_do_it_in_their_own_ways(facts: Facts) -> None:
    for version, table, change, clause in WAYS[facts.target.engine]:
        found = way(of_version(facts, version), change, facts.table(("shop", table)))
        assert (found.clause if found is not None else None) == clause, (version, change)


def test_an_index_that_cannot_be_hidden_is_dropped_at_once(facts: Facts) -> None:
    old = of_version(facts, 50744 if facts.target.engine == "mysql" else 100518)
    drop = op.DropIndex(schema="shop", table="t", name="t.by_n")
    assert len(steps_of(facts, drop)) == 2
    assert len(steps_of(old, drop)) == 1


def test_a_check_that_the_version_does_not_know_has_no_statement(facts: Facts) -> None:
    old = of_version(facts, 50744 if facts.target.engine == "mysql" else 100100)
    (step,) = steps_of(old, op.AddCheck(schema="shop", table="t", name="c", expression="n > 0"))
    assert step.statements == ()


def test_replicas_lag_by_as_long_as_a_change_takes(facts: Facts) -> None:
    replicated = Facts(replace(facts.snapshot, server=replace(facts.server, replicas=(Replica(name="r"),))))
    build = op.AddIndex(schema="shop", table="t", columns=("m",))
    alone, watched = _last(steps_of(facts, build)), _last(steps_of(replicated, build))
    assert alone.replica_lag_seconds is None
    assert watched.replica_lag_seconds == watched.duration_seconds
    instant = op.SetDefault(schema="shop", table="t", column="m", expression="5")
    assert _last(steps_of(replicated, instant)).replica_lag_seconds is None


def _last(steps: list[Step]) -> Step:
    return steps[-1]


def test_a_product_with_an_engine_of_its_own_is_not_told_what_innodb_does(facts: Facts) -> None:
    snapshot = replace(
        facts.snapshot,
        target=replace(facts.target, flavour="TiDB"),
        capabilities=replace(facts.capabilities, own_versions=True),
    )
    (step,) = steps_of(Facts(snapshot), op.AddIndex(schema="shop", table="t", columns=("m",)))
    assert (step.statements, "TiDB" in step.title) == ((), True)


def test_values_that_the_dictionary_does_not_show_are_not_written(server: Account) -> None:
    with database(server, "unshown"):
        server.run("CREATE TABLE unshown.t (id int PRIMARY KEY, a enum('x', '😀') NULL, b enum('x', '😀') NOT NULL)")
        facts, table = facts_of(server, "unshown"), {"schema": "unshown", "table": "t"}
        assert "?" in str(facts.catalog.tables)
        steps = [
            *steps_of(facts, op.SetNotNull(**table, column="a")),
            *steps_of(facts, op.DropColumn(**table, column="b")),
        ]
        assert not any("MODIFY" in str(step.statements) for step in steps)
        assert len([step for step in steps if "characters of four bytes" in str(step.notes)]) == 2


def test_every_default_is_written_as_the_server_had_it(server: Account, facts: Facts, runner: Runner) -> None:
    columns = {
        "a": "int NULL DEFAULT 5",
        "b": "varchar(20) NULL DEFAULT 'it''s'",
        "c": "datetime NULL DEFAULT '2020-01-02 03:04:05'",
        "d": "datetime(3) NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3)",
        "e": "bit(3) NULL DEFAULT b'101'",
        "f": "decimal(6,2) NULL DEFAULT 1.5",
        "g": "varchar(40) NULL DEFAULT (uuid())",
        "h": "enum('x','y''z') NULL DEFAULT 'x'",
        "i": "varchar(9) CHARACTER SET latin1 NULL COMMENT 'it''s \\\\ a note'",
        "j": "time NULL DEFAULT '12:30:00'",
        "k": "tinyint(1) NULL DEFAULT 0",
        "l": "int unsigned NULL DEFAULT 0 INVISIBLE",
        "m": "date NULL DEFAULT '2020-02-03'",
        "n": "varchar(9) NULL DEFAULT 'a' CHECK (n <> 'it''s')",
    }
    with database(server, "written"):
        text = ", ".join(f"{name} {definition}" for name, definition in columns.items())
        server.run(f"CREATE TABLE written.t (id int PRIMARY KEY, {text})")
        before = server.run("SHOW CREATE TABLE written.t")
        operation = op.SetNotNull(schema="written", table="t", column="a", together=tuple(list(columns)[1:]))
        (step,) = steps_of(facts_of(server, "written"), operation)
        runner.forward(step)
        assert runner.ran
        runner.back(step)
        assert server.run("SHOW CREATE TABLE written.t") == before
