"""The exported SQL, run by psql and the exported program on a real server: forward, again, and back."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from auditor_connectors.postgresql.embedded import Server
from tests.exporting.conftest import planned
from tests.scenarios import SCENARIOS
from tests.servers import AnyServer, Database
from tests.test_plan_runs import schema_of

# The widest ones, and those whose ways back or names are the oddest.
NAMES = (
    "wider keys and more", "a durable copy that others refer to", "columns", "drop and rebuild indexes", "settings",
    "surrogate key", "partition a table", "odd names", "odd names of what is replaced", "odd names of a companion",
    "odd names of a view", "odd names of clones",
)  # fmt: skip


def psql_of(server: AnyServer) -> tuple[str, dict[str, str]]:
    """The program, and the environment that it needs to start."""
    if isinstance(server, Server):
        program, environment = Path(server.binaries.program("psql")), server.binaries.environment
    else:
        program, environment = Path(shutil.which("psql") or "psql"), {"PATH": os.environ["PATH"]}
    if not program.is_file():
        pytest.skip(f"NOT TESTED: this server comes without psql ({program})")
    return str(program), dict(environment)


@dataclass
class Shell:
    """A shell in which the exported program runs."""

    folder: Path
    environment: dict[str, str]

    def __call__(self, *arguments: str, **environment: str) -> tuple[int, str]:
        done = subprocess.run(
            ["sh", str(self.folder / "run.sh"), *arguments], env={**self.environment, **environment},
            capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=120, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    def until_done(self, word: str, *arguments: str) -> str:
        """Run it until it ends, and do what people are asked to do with the word (tick or untick)."""
        said = ""
        for _ in range(40):
            status, text = self(*arguments)
            said += text
            if status == 0:
                return said
            asked = re.search(rf"\./run\.sh {word} ([a-z0-9-]+)", text)
            assert asked, text
            assert self(word, asked[1])[0] == 0
        raise AssertionError(said)


def shell(folder: Path, database: Database) -> Shell:
    program, environment = psql_of(database.server)
    parts = conninfo_to_dict(database.url)
    login = {
        "PGHOST": str(parts["host"]), "PGPORT": str(parts["port"]), "PGUSER": str(parts["user"]),
        "PGPASSWORD": str(parts.get("password", "")), "PGDATABASE": str(parts["dbname"]),
    }  # fmt: skip
    return Shell(folder, {**environment, **login, "PSQL": program, "PAUSE": "0"})


@pytest.mark.parametrize("name", NAMES)
def test_the_files_run_forward_again_and_back(name: str, server: AnyServer, tmp_path: Path) -> None:
    with planned(server, name) as plan:
        before = schema_of(plan.database)
        run = shell(plan.export("sql", tmp_path / "back", reversible=True), plan.database)
        run.until_done("tick")
        assert schema_of(plan.database) != before or name == "settings"
        again = run()
        assert again == (0, "run.sh: all steps are done\n")
        if not SCENARIOS[name].final:
            run.until_done("untick", "rollback", "all")
            assert schema_of(plan.database) == before
            run.until_done("tick")
        whole = shell(plan.export("sql", tmp_path / "all"), plan.database)
        shutil.copy(tmp_path / "back/journal", tmp_path / "all/journal")
        whole.until_done("tick")
        with plan.database.connect() as connection:
            for query in SCENARIOS[name].checks:
                assert connection.execute(query.encode()).fetchone() == (True,), query
        assert whole() == (0, "run.sh: all steps are done\n")
        if any(step.point_of_no_return for phase in plan.plan.phases for step in phase.steps):
            status, said = whole("rollback", "all")
            assert status == 1
            assert "nothing takes this back" in said


@contextlib.contextmanager
def held(database: Database, seconds: float) -> Iterator[None]:
    """Keep everybody from changing the orders for some seconds."""
    taken = threading.Event()

    def hold() -> None:
        with database.connect() as connection, connection.transaction():
            connection.execute("LOCK TABLE shop.orders IN ACCESS SHARE MODE")
            taken.set()
            connection.execute("SELECT pg_sleep(%s)", (seconds,))

    holder = threading.Thread(target=hold)
    holder.start()
    assert taken.wait(20)
    try:
        yield
    finally:
        holder.join(timeout=30)


def only(folder: Path, word: str) -> Path:
    """Leave one step in the folder."""
    for path in folder.glob("steps/*.sql"):
        if word not in path.name:
            path.unlink()
    (found,) = folder.glob("steps/*.sql")
    return found


def test_a_step_that_gets_no_lock_is_tried_again(server: AnyServer, tmp_path: Path) -> None:
    with planned(server, "checks") as plan:
        run = shell(plan.export("sql", tmp_path / "plan"), plan.database)
        step = only(run.folder, "declare-the-constraint").stem
        with held(plan.database, 4):
            status, said = run(TRIES="2")
            assert status == 1
            assert "55P03" in said
            assert f"stopped at {step}" in said
            assert run("status")[1] == f"started  {step}\n"
            status, said = run(TRIES="30")
        assert status == 0, said
        assert "no lock; try 2 of 30 in 0 s" in said
        assert run("status")[1] == f"done     {step}\n"


def test_the_last_try_waits_longer_than_an_autovacuum_holds_on(server: AnyServer, tmp_path: Path) -> None:
    with planned(server, "checks") as plan:
        run = shell(plan.export("sql", tmp_path / "plan"), plan.database)
        only(run.folder, "declare-the-constraint")
        with held(plan.database, 1.1):  # longer than one try, shorter than deadlock_timeout and half a second
            status, said = run(TRIES="1")
        assert status == 0, said


def test_a_way_back_in_parts_goes_on_where_it_got_no_lock(server: AnyServer, tmp_path: Path) -> None:
    with planned(server, "drop and rebuild indexes") as plan:
        before = schema_of(plan.database)
        run = shell(plan.export("sql", tmp_path / "plan"), plan.database)
        step = only(run.folder, "with-its-constraint")
        assert run()[0] == 0
        program, environment = run.environment["PSQL"], run.environment
        build = "CREATE UNIQUE INDEX CONCURRENTLY orders_u ON shop.orders USING btree (id)"
        assert build in (run.folder / "rollback" / step.name).read_text()
        subprocess.run([program, "-X", "-q", "-c", build], env=environment, check=True, stdin=subprocess.DEVNULL)
        status, said = run("rollback", "all")
        assert status == 1, "the index is there already"
        assert "SKIP" not in said
        assert run("rollback", "all", SKIP="1")[0] == 0
        assert schema_of(plan.database) == before


def test_a_step_that_was_true_before_is_found_and_stays(server: AnyServer, tmp_path: Path) -> None:
    with planned(server, "checks") as plan:
        run = shell(plan.export("sql", tmp_path / "plan"), plan.database)
        step = only(run.folder, "declare-the-constraint")
        assert run()[0] == 0
        (run.folder / "journal").unlink()
        after = schema_of(plan.database)
        assert run()[0] == 0
        assert run("status")[1] == f"found    {step.stem}\n"
        assert run("rollback", "all")[0] == 0
        assert schema_of(plan.database) == after
        # What was interrupted between its end and the journal is this plan's own.
        journal = (run.folder / "journal").read_text().splitlines()
        (run.folder / "journal").write_text(f"{journal[0]}\n-\tstarted\t{step.stem}\n")
        assert run()[0] == 0
        assert run("status")[1] == f"done     {step.stem}\n"


def test_a_journal_is_for_one_database(server: AnyServer, tmp_path: Path) -> None:
    with planned(server, "checks") as plan:
        run = shell(plan.export("sql", tmp_path / "plan"), plan.database)
        only(run.folder, "declare-the-constraint")
        assert run()[0] == 0
        status, said = run(PGDATABASE="postgres")
        assert status == 1
        assert said == f"run.sh: {run.folder}/journal is of another database: name another file by JOURNAL\n"


def test_a_precondition_that_does_not_hold_stops_it(server: AnyServer, tmp_path: Path) -> None:
    with planned(server, "checks") as plan:
        run = shell(plan.export("sql", tmp_path / "plan"), plan.database)
        only(run.folder, "declare-the-constraint")
        plan.database.run(
            "ALTER TABLE shop.orders DROP CONSTRAINT old", "UPDATE shop.orders SET amount = -1 WHERE id = 1"
        )
        before = schema_of(plan.database)
        status, said = run()
        assert status == 1
        assert "the precondition of" in said
        assert schema_of(plan.database) == before


def test_words_that_it_does_not_know_show_how_it_is_used(server: AnyServer, tmp_path: Path) -> None:
    with planned(server, "checks") as plan:
        run = shell(plan.export("sql", tmp_path / "plan"), plan.database)
        status, said = run("rollback")
        assert status == 2
        assert "./run.sh rollback STEP" in said
        assert run("tick", "99") == (1, "run.sh: there is no step 99\n")
        assert run("tick", "1")[0] == 1
        assert not (run.folder / "journal").exists()
