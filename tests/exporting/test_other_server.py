"""Steps that run on another server: psql goes there by an address of the environment, others leave them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from msgspec.structs import replace
from psycopg.conninfo import make_conninfo

from auditor.exporting.folder import write_folder
from auditor.exporting.writing import export, formats_of
from auditor.model.operation import MoveSchema
from auditor.model.plan import Plan, PlanPhase, Step
from auditor.model.report import Audit
from auditor.model.vocabulary import Phase
from auditor.rendering.to_html import render as render_html
from auditor.rendering.to_markdown import render as render_markdown
from auditor_connectors.postgresql import connector
from tests.exporting.test_psql import shell
from tests.sample_audit import empty_audit
from tests.servers import AnyServer, Database, fresh_database

STATEMENT = "CREATE TABLE moved_here (a int)"


@pytest.fixture
def audit() -> Audit:
    step = Step(
        id="re-architecture-01", title="Make the table at the target", operation="move-schema:s", server="target",
        statements=(STATEMENT,), precondition="SELECT to_regclass('moved_here') IS NULL",
        verify="SELECT to_regclass('moved_here') IS NOT NULL", rollback=("DROP TABLE moved_here",),
    )  # fmt: skip
    phase = PlanPhase(phase=Phase.REARCHITECT, steps=(step,))
    return replace(empty_audit(), plan=Plan(operations=(MoveSchema(schema="s"),), phases=(phase,)))


def is_there(database: Database) -> bool:
    with database.connect() as connection:
        row = connection.execute("SELECT to_regclass('moved_here') IS NOT NULL").fetchone()
        return bool(row and row[0])


def test_psql_goes_to_the_address_in_the_environment(audit: Audit, server: AnyServer, tmp_path: Path) -> None:
    write_folder(tmp_path / "plan", export(audit, connector, "sql"))
    with fresh_database(server) as source, fresh_database(server) as target:
        run = shell(tmp_path / "plan", source)
        status, said = run()
        assert status == 1
        assert "put its address into TARGET_URL" in said
        assert not is_there(source)
        for address in (target.url, make_conninfo(target.url)):
            status, said = run(TARGET_URL=address)
            assert status == 0, said
            assert (is_there(source), is_there(target)) == (False, True)
            status, said = run("rollback", "all", TARGET_URL=address)
            assert status == 0, said
            assert not is_there(target)


def test_the_address_is_no_argument_of_a_process(audit: Audit, tmp_path: Path) -> None:
    write_folder(tmp_path / "plan", export(audit, connector, "sql"))
    found = subprocess.run(
        ["grep", "-rn", "TARGET_URL", str(tmp_path / "plan")], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    # A shell's own printf is no process, and psql takes the address from its variable.
    assert all("printf" in line or "put its address" in line or "README" in line for line in found), found


@pytest.mark.parametrize("form", sorted(name for name, one in formats_of(connector).items() if not one.many_servers))
def test_programs_with_one_connection_leave_it_to_people(audit: Audit, form: str) -> None:
    files = export(audit, connector, form)
    assert all(STATEMENT not in file.text for file in files.values())


def test_reports_say_where_it_runs(audit: Audit) -> None:
    for render in (render_html, render_markdown):
        text = render(audit, "r").main.decode()
        assert "the target, not the audited server" in text
