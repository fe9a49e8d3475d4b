"""Runs the files for redis-cli as a reader of their README would."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
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
from tests.redis_programs import program
from tests.redis_running import held
from tests.redis_servers import Server, account
from tests.servers import Pool

ROWS = 3000
EXPIRY = op.ExpireKeys(pattern="se'ss$ion:{id}", seconds=86400, database=2)
WISHES: tuple[op.AnyOperation, ...] = (
    EXPIRY,
    op.SetSetting(name="maxmemory", value="256mb"),
    op.SetSetting(name="maxmemory-policy", value="volatile-ttl"),
    op.ChangeApplication(topic="names", subject="keys", instruction="Name the keys."),
)


@pytest.fixture(params=("redis", "valkey"))
def running(request: pytest.FixtureRequest, pool: Pool) -> Iterator[Server]:
    with pool.own_redis({"auth": "on"}, request.param) as server:
        server.client.execute_command("SELECT", 2)
        line = server.client.pipeline(transaction=False)
        line.execute_command("SELECT", 2)
        for n in range(ROWS):
            line.set(f"se'ss$ion:{n}", n)
        line.execute_command("SELECT", 0)
        line.execute()
        yield server


class Folder:
    """An export, and the program in it."""

    def __init__(self, path: Path, server: Server, wishes: tuple[op.AnyOperation, ...] = WISHES) -> None:
        self.path, self.server = path, server
        self.audit = audit_of(server, wishes)
        write_folder(path, writing.export(self.audit, load_connectors()["redis"], "redis-cli"))

    def environment(self, url: str | None = None) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"], "HOME": str(self.path.parent), "URL": url or self.server.url(node=0),
            "REDIS_CLI": program("redis-cli"), "PAUSE": "0", "REST": "0",
        }  # fmt: skip

    def run(self, *words: str, url: str | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.path / "run.sh"), *words], env=self.environment(url), capture_output=True, text=True,
            timeout=120, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip

    @property
    def journal(self) -> Path:
        """What has been done."""
        return self.path / "journal"

    def note(self, state: str) -> None:
        """Say of all that people do that they have done it, or taken it back."""
        files = sorted((self.path / "steps").iterdir())
        people = [file.stem for file in files if "# Done by: people" in file.read_text(encoding="utf-8")]
        with self.journal.open("a", encoding="utf-8") as journal:
            journal.writelines(f"now\t{state}\t{name}\n" for name in people)


def audit_of(server: Server, wishes: tuple[op.AnyOperation, ...]) -> Audit:
    connector = load_connectors()["redis"]
    target = parse_target(server.url(), connector.schemes, connector.example)
    snapshot = connector.collect(target, CollectOptions(sample=False))
    return audit_snapshot(snapshot, Selection(only=("idx-duplicate",)), wishes=wishes)


def state(server: Server) -> tuple[object, object]:
    return held(server, 2), {name: server.client.config_get(name) for name in ("maxmemory", "maxmemory-policy")}


def test_the_files_run_forward_again_and_back(running: Server, tmp_path: Path) -> None:
    before = state(running)
    folder = Folder(tmp_path / "plan", running)
    waits = folder.run()
    assert waits.returncode == 1
    assert "people act first" in waits.stderr
    folder.note("ticked")
    first = folder.run()
    assert first.returncode == 0, first.stderr
    after = state(running)
    assert after != before
    assert all(ends is not None for _, ends in held(running, 2).values())
    # Another journal knows of nothing: the verifications tell that it is done.
    journal = folder.journal.read_text(encoding="utf-8")
    folder.journal.write_text(f"{journal.splitlines()[0]}\n", encoding="utf-8")
    folder.note("ticked")
    again = folder.run()
    assert again.returncode == 0, again.stderr
    statements = sum(bool(step.statements) for step in folder.audit.plan.steps)
    assert folder.journal.read_text(encoding="utf-8").count("\tfound\t") == statements == 3
    assert state(running) == after
    folder.journal.write_text(journal, encoding="utf-8")
    assert "people take it back" in folder.run("rollback", "all").stderr
    folder.note("undone")
    back = folder.run("rollback", "all")
    assert back.returncode == 0, back.stderr
    assert state(running) == before
    assert "untouched" not in folder.run("status").stdout


def test_work_that_was_interrupted_goes_on_and_is_taken_back(running: Server, tmp_path: Path) -> None:
    before = held(running, 2)
    folder = Folder(tmp_path / "plan", running, (EXPIRY,))
    folder.run()
    folder.note("ticked")
    process = subprocess.Popen(
        [str(folder.path / "run.sh")], env=folder.environment() | {"REST": "0.2"}, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    deadline = time.monotonic() + 30
    while not list(folder.path.glob("*.cursor")) and time.monotonic() < deadline:
        time.sleep(0.01)
    os.killpg(process.pid, 9)
    process.wait()
    half = sum(ends is not None for _, ends in held(running, 2).values())
    assert 0 < half < ROWS
    (cursor,) = folder.path.glob("*.cursor")
    assert cursor.read_text(encoding="utf-8").strip().isdigit()
    went_on = folder.run()
    assert went_on.returncode == 0, went_on.stderr
    assert not list(folder.path.glob("*.cursor"))
    assert all(ends is not None for _, ends in held(running, 2).values())
    folder.note("undone")
    back = folder.run("rollback", "all")
    assert back.returncode == 0, back.stderr
    assert held(running, 2) == before


def test_no_password_is_in_a_list_of_processes_or_a_file(running: Server, tmp_path: Path) -> None:
    folder = Folder(tmp_path / "plan", running, WISHES[1:2])
    with account(running, ["+@all", "~*"], name="p:l@n") as (name, password):
        watcher = tmp_path / "client"
        watcher.write_text(f'#!/bin/sh\necho "$@" >>{tmp_path}/seen\nexec {program("redis-cli")} "$@"\n')
        watcher.chmod(0o755)
        environment = folder.environment(running.url(name, password, node=0)) | {"REDIS_CLI": str(watcher)}
        done = subprocess.run(
            [str(folder.path / "run.sh")], env=environment, check=False, capture_output=True, text=True
        )
    assert done.returncode == 0, done.stderr
    seen = (tmp_path / "seen").read_text()
    assert "--user p:l@n" in seen
    assert password not in seen + done.stderr + "".join(file.read_text() for file in folder.path.rglob("*.*"))


def test_a_wrong_url_is_told(running: Server, tmp_path: Path) -> None:
    folder = Folder(tmp_path / "plan", running, WISHES[1:2])
    for url in ("nonsense", "redis://127.0.0.1:1/", "redis+sentinel://127.0.0.1:1/service"):
        done = folder.run(url=url)
        assert done.returncode == 1
        assert "does not answer" in done.stderr
    assert folder.run("tick", "1").returncode == 1
