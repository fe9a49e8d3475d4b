"""Runs the files for mongosh as a reader of their README would."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from auditor.connector import CollectOptions
from auditor.exporting import writing
from auditor.exporting.folder import write_folder
from auditor.model import operation as op
from auditor.model.plan import Step
from auditor.model.report import Audit
from auditor.pipeline import Selection, audit_snapshot
from auditor.registry import load_connectors
from auditor.target import parse_target
from tests.mongodb_running import fill, open_transaction, shape
from tests.mongodb_servers import Server
from tests.servers import Pool

SHOP = "export_shop"
ODD = 'a "b"\\\n//`$x`é💥'.replace("$", "S")
ROWS = 1100
ORDERS = {"schema": SHOP, "table": "orders"}
TYPE = op.ChangeColumnType(**ORDERS, column="total", from_type="string", to_type="int")
WISHES: tuple[op.AnyOperation, ...] = (
    op.AddIndex(schema=SHOP, table=ODD, columns=(ODD,)),
    op.DropIndex(**ORDERS, name="orders.customer_1"),
    op.ChangeApplication(topic="names", subject=f"{SHOP}.orders", instruction="Name the fields."),
    TYPE,
)


@pytest.fixture
def server(pool: Pool) -> Iterator[Server]:
    server = pool.mongodb()
    server.client.drop_database(SHOP)
    fill(server, SHOP, "orders", [{"_id": n, "customer": n % 9, "total": str(n), "state": "new"} for n in range(ROWS)])
    server.client[SHOP].orders.create_index("customer")
    fill(server, SHOP, ODD, [{ODD: 1}])
    yield server
    server.client.drop_database(SHOP)


class Folder:
    """An export, and the program in it."""

    def __init__(self, path: Path, pool: Pool, server: Server, wishes: tuple[op.AnyOperation, ...] = WISHES) -> None:
        self.path, self._pool, self._server = path, pool, server
        self.audit = audit_of(server, wishes)
        write_folder(path, writing.export(self.audit, load_connectors()["mongodb"], "mongosh"))

    def run(self, *words: str, tries: str = "5") -> subprocess.CompletedProcess[str]:
        known = {name: os.environ[name] for name in ("PATH",)}
        home = str(self.path.parent)
        environment = {
            **known, "HOME": home, "URL": self._server.url(), "MONGOSH": self._pool.mongosh_program(),
            "PAUSE": "0", "TRIES": tries,
        }  # fmt: skip
        return subprocess.run(
            [str(self.path / "run.sh"), *words],
            env=environment, capture_output=True, text=True, timeout=120, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip

    @property
    def journal(self) -> Path:
        """What has been done."""
        return self.path / "journal"

    def note(self, state: str) -> None:
        """Say of all that people do that they have done it, or taken it back."""
        files = sorted((self.path / "steps").iterdir())
        people = [file.stem for file in files if "// Done by: people" in file.read_text(encoding="utf-8")]
        with self.journal.open("a", encoding="utf-8") as journal:
            journal.writelines(f"now\t{state}\t{name}\n" for name in people)


def audit_of(server: Server, wishes: tuple[op.AnyOperation, ...]) -> Audit:
    connector = load_connectors()["mongodb"]
    target = parse_target(server.url(SHOP), connector.schemes, connector.example)
    snapshot = connector.collect(target, CollectOptions())
    return audit_snapshot(snapshot, Selection(only=("idx-duplicate",)), wishes=wishes)


def test_the_files_run_forward_again_and_back(pool: Pool, server: Server, tmp_path: Path) -> None:
    before = shape(server, SHOP)
    folder = Folder(tmp_path / "plan", pool, server)
    final = next(number for number, step in enumerate(folder.audit.plan.steps, 1) if step.point_of_no_return)
    sorted((folder.path / "steps").iterdir())[final - 1].unlink()  # before it everything leads back
    waits = folder.run()
    assert waits.returncode == 1
    assert "people act first" in waits.stderr
    assert folder.run("tick", "1").returncode == 0
    folder.note("ticked")
    first = folder.run()
    assert first.returncode == 0, first.stderr
    after = shape(server, SHOP)
    assert after != before
    # Another journal knows of nothing: the verifications tell that it is done.
    journal = folder.journal.read_text()
    folder.journal.write_text(f"{journal.splitlines()[0]}\n")
    folder.note("ticked")
    again = folder.run()
    assert again.returncode == 0, again.stderr
    assert folder.journal.read_text().count("\tfound\t") == sum(bool(step.statements) for step in steps_of(folder))
    assert shape(server, SHOP) == after
    folder.journal.write_text(journal)
    assert "people take it back" in folder.run("rollback", "all").stderr
    folder.note("undone")
    back = folder.run("rollback", "all")
    assert back.returncode == 0, back.stderr
    assert shape(server, SHOP) == before


def steps_of(folder: Folder) -> list[Step]:
    return [step for step in folder.audit.plan.steps if not step.point_of_no_return]


def test_where_there_is_no_lock_it_tries_again(pool: Pool, server: Server, tmp_path: Path) -> None:
    before = shape(server, SHOP)
    folder = Folder(tmp_path / "plan", pool, server, WISHES[:1])
    with open_transaction(server, SHOP, ODD):
        held = folder.run(tries="2")
    assert held.returncode == 1
    assert "no lock; try 2 of 2" in held.stderr
    assert shape(server, SHOP) == before
    assert folder.run().returncode == 0
    assert shape(server, SHOP) != before


def test_what_was_interrupted_is_taken_back_as_well(pool: Pool, server: Server, tmp_path: Path) -> None:
    orders = server.client[SHOP].orders
    folder = Folder(tmp_path / "plan", pool, server, (TYPE,))
    orders.update_one({"_id": ROWS - 1}, {"$set": {"total": "none"}})
    before = shape(server, SHOP)
    for file in (folder.path / "steps").glob("*-whose-*"):
        file.unlink()  # it would tell before
    assert "people act first" in folder.run().stderr
    folder.note("ticked")
    stopped = folder.run()
    assert stopped.returncode == 1
    assert "the verification of" in stopped.stderr
    assert orders.count_documents({"total": {"$type": "int"}}) == ROWS - 1
    folder.note("undone")
    back = folder.run("rollback", "all")
    assert back.returncode == 0, back.stderr
    assert shape(server, SHOP) == before
