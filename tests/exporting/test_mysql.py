"""Runs the files for the programs mysql and mariadb, and for Alembic, as a reader of their README would."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from auditor.connector import CollectOptions
from auditor.exporting import writing
from auditor.exporting.folder import write_folder
from auditor.model import operation as op
from auditor.model.report import Audit
from auditor.pipeline import Selection, audit_snapshot
from auditor.registry import load_connectors
from auditor.target import parse_target
from tests.mysql_running import open_transaction, shape
from tests.mysql_servers import ENGINES, Account, database
from tests.servers import Pool

HOSTILE = "a`b\\\n--;'\"$x"
QUOTED = HOSTILE.replace("`", "``")
TABLES = f"""
CREATE TABLE customer (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, email varchar(80) NOT NULL,
  word varchar(10) DEFAULT 'NULL');
CREATE TABLE orders (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, customer_id int NOT NULL, state varchar(10),
  KEY by_state (state), KEY by_state_too (state, id));
CREATE TABLE log (at int NOT NULL, what varchar(20));
CREATE TABLE `{QUOTED}` (id int NOT NULL PRIMARY KEY, `{QUOTED}` int NULL DEFAULT 3);
INSERT INTO customer (email) VALUES ('a'), ('b');
INSERT INTO orders (customer_id, state) VALUES (1, 'new'), (2, 'old');
INSERT INTO log VALUES (1, 'x'), (2, 'y')
""".strip().split(";\n")  # fmt: skip

WISHES: tuple[op.AnyOperation, ...] = (
    op.AddIndex(schema="shop", table=HOSTILE, columns=(HOSTILE,)),
    op.SetNotNull(schema="shop", table=HOSTILE, column=HOSTILE),
    op.AddPrimaryKey(schema="shop", table="log"),
    op.AddForeignKey(
        schema="shop", table="orders", columns=("customer_id",), referenced_schema="shop", referenced_table="customer",
        referenced_columns=("id",),
    ),
    op.DropIndex(schema="shop", table="orders", name="orders.by_state", covered_by="orders.by_state_too"),
    op.ChangeApplication(topic="names", subject="shop.orders", instruction="Name the columns."),
    op.SetDefault(schema="shop", table="customer", column="word", previous="'NULL'"),
)  # fmt: skip


@pytest.fixture(params=[pytest.param(engine, marks=getattr(pytest.mark, engine)) for engine in ENGINES])
def server(request: pytest.FixtureRequest, pool: Pool) -> Account:
    """A server of one product after the other."""
    return pool.mysql(request.param)


@pytest.fixture
def shop(server: Account) -> Iterator[str]:
    with database(server) as name:
        server.run(*TABLES, database=name)
        yield name


class Folder:
    """An export, and the program in it."""

    def __init__(self, path: Path, server: Account, audit: Audit) -> None:
        self.path = path
        write_folder(path, writing.export(audit, load_connectors()[server.engine], "sql"))
        self.options = path.parent / "options.cnf"
        self.options.write_text(
            f"[client]\nuser={server.user}\nhost={server.host}\nport={server.port}\npassword={server.password}\n"
        )

    def run(self, *words: str, pause: str = "0", tries: str = "5") -> subprocess.CompletedProcess[str]:
        program = shutil.which("mariadb") or shutil.which("mysql")
        if program is None:
            pytest.skip("there is no program mysql or mariadb")
        environment = {
            **os.environ, "DEFAULTS": str(self.options), "CLIENT": program, "PAUSE": pause, "TRIES": tries,
        }  # fmt: skip
        return subprocess.run(
            [str(self.path / "run.sh"), *words],
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


def audit_of(server: Account, name: str, wishes: Sequence[op.AnyOperation] = WISHES) -> Audit:
    connector = load_connectors()[server.engine]
    target = parse_target(server.url(name), connector.schemes, connector.example)
    snapshot = connector.collect(target, CollectOptions())
    return audit_snapshot(snapshot, Selection(only=("fk-duplicate",)), wishes=wishes)


def test_the_files_run_forward_again_and_back(server: Account, shop: str, tmp_path: Path) -> None:
    before = shape(server, shop)
    folder = Folder(tmp_path / "plan", server, audit_of(server, shop))
    with open_transaction(server, shop, f"SELECT * FROM `{QUOTED}`, orders, customer, log"):
        held = folder.run(tries="2")
    assert held.returncode == 1
    assert "no lock; try 2 of 2" in held.stderr
    assert "ERROR 1205" in held.stderr
    assert shape(server, shop) == before
    first = folder.run()
    assert first.returncode == 1
    assert "people act first" in first.stderr
    name = next(line.split()[-1] for line in folder.run("status").stdout.splitlines() if "application" in line)
    assert folder.run("tick", name).returncode == 0
    second = folder.run()
    assert second.returncode == 0, second.stderr
    after = shape(server, shop)
    assert after != before
    # Another journal knows of nothing: the verifications tell that it is done.
    journal = (folder.path / "journal").read_text()
    (folder.path / "journal").unlink()
    again = folder.run()
    assert "done already" in again.stderr
    assert shape(server, shop) == after
    (folder.path / "journal").write_text(journal)
    refused = folder.run("rollback", "all")
    assert "people take it back" in refused.stderr
    folder.run("untick", name)
    back = folder.run("rollback", "all")
    assert back.returncode == 0, back.stderr
    assert shape(server, shop) == before
    assert folder.run("tick", "1").returncode == 1


RESHAPED = f"""
CREATE TABLE page (id int NOT NULL PRIMARY KEY, title varchar(90), body text)
  CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci;
CREATE TABLE event (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, at datetime NOT NULL);
CREATE TABLE `{QUOTED}2` (id int NOT NULL PRIMARY KEY, `{QUOTED}` enum('a', 'it''s', 'b\\\\c') NOT NULL);
CREATE TABLE wide (id int NOT NULL PRIMARY KEY, tag1 varchar(9), tag2 varchar(9), at date);
INSERT INTO page VALUES (1, 'a', 'b');
INSERT INTO event (at) VALUES ('2020-01-01 10:00:00');
INSERT INTO `{QUOTED}2` VALUES (1, 'it''s');
INSERT INTO wide VALUES (1, 'a', 'b', '2001-01-01'), (2, 'a', NULL, utc_date())
""".strip().split(";\n")

OTHERS: tuple[op.AnyOperation, ...] = (
    op.ChangeCharacterSet(schema="shop", table="page", columns=("title", "body"), character_set="utf8mb4"),
    op.PartitionTable(schema="shop", table="event", column="at", interval="month"),
    op.EnumToLookup(schema="shop", table=f"{HOSTILE}2", column=HOSTILE, into="kinds"),
)
FINAL: tuple[op.AnyOperation, ...] = (
    op.SplitTable(schema="shop", table="wide", columns=("tag1", "tag2"), into="tags"),
    op.ArchiveRows(schema="shop", table=HOSTILE, column="at", keep_days=90),
)


_WAITS = re.compile(r"(?:it is done: \./run\.sh|then \./run\.sh) (tick|untick) ([\w-]+)")


def with_people(folder: Folder, *words: str) -> str:
    """Run the program again and again, and say that people have done their part whenever it waits for them."""
    told = ""
    for _ in range(30):
        done = folder.run(*words)
        told += done.stderr
        if done.returncode == 0:
            return told
        waits = _WAITS.search(done.stderr)
        assert waits is not None, done.stderr
        assert folder.run(*waits.groups()).returncode == 0
    raise AssertionError(told)


def test_files_of_changes_that_people_take_part_in_run_forward_again_and_back(
    server: Account, shop: str, tmp_path: Path
) -> None:
    server.run(*RESHAPED, database=shop)
    before = shape(server, shop)
    folder = Folder(tmp_path / "plan", server, audit_of(server, shop, OTHERS))
    with_people(folder)
    after = shape(server, shop)
    assert after != before
    journal = (folder.path / "journal").read_text()
    (folder.path / "journal").unlink()
    assert "done already" in with_people(folder)
    assert shape(server, shop) == after
    (folder.path / "journal").write_text(journal)
    with_people(folder, "rollback", "all")
    assert shape(server, shop) == before


def test_files_of_changes_that_end_in_a_drop_run_forward_and_again(server: Account, shop: str, tmp_path: Path) -> None:
    server.run(*RESHAPED, f"ALTER TABLE `{QUOTED}` ADD COLUMN at date",
               f"INSERT INTO `{QUOTED}` (id, at) VALUES (1, '2001-01-01'), (2, utc_date())", database=shop)  # fmt: skip
    folder = Folder(tmp_path / "plan", server, audit_of(server, shop, FINAL))
    with_people(folder)
    after = shape(server, shop)
    assert server.run("SELECT id, position, tag FROM tags ORDER BY 1, 2", database=shop) == [
        (1, 1, "a"), (1, 2, "b"), (2, 1, "a"),
    ]  # fmt: skip
    assert server.run(f"SELECT id FROM `{QUOTED}`", database=shop) == [(2,)]
    assert "all steps are done" in with_people(folder)
    assert shape(server, shop) == after


ENVIRONMENT = """
from alembic import context
from sqlalchemy import URL, create_engine

url = URL.create("mysql+pymysql", {user!r}, {password!r} or None, {host!r}, {port}, "shop", {{"charset": "utf8mb4"}})
with create_engine(url).connect() as connection:
    context.configure(connection=connection, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
"""


def test_the_revisions_for_alembic_run_forward_and_back(server: Account, shop: str, tmp_path: Path) -> None:
    before, audit = shape(server, shop), audit_of(server, shop)
    folder = tmp_path / "alembic"
    write_folder(folder, writing.export(audit, load_connectors()[server.engine], "alembic"))
    (folder / "alembic.ini").write_text("[alembic]\nscript_location = .\n")
    login = {name: getattr(server, name) for name in ("user", "password", "host", "port")}
    (folder / "env.py").write_text(ENVIRONMENT.format(**login))
    people = next(step.id for step in audit.plan.steps if not step.statements)

    def alembic(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "alembic", *words]
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)

    assert "people act first" in alembic("upgrade", "head").stderr
    done = alembic("-x", f"done={people}", "upgrade", "head")
    assert done.returncode == 0, done.stderr
    assert shape(server, shop)["orders"] != before["orders"]
    back = alembic("-x", f"undone={people}", "downgrade", "base")
    assert back.returncode == 0, back.stderr
    after = shape(server, shop)
    after.pop("alembic_version")
    assert after == before
