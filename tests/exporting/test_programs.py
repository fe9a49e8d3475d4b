"""The exported files, run by the programs that they are for, where these are installed: Flyway, Liquibase, pgroll.

What was seen with Flyway 11.20.3, Liquibase 4.33.0 and pgroll 0.16.2 stands in docs/plan.md.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from tests.exporting.conftest import planned
from tests.servers import AnyServer, Database
from tests.test_plan_runs import schema_of


def program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"NOT TESTED: {name} is not on the PATH")
    return found


def run(command: list[str], folder: Path, **environment: str) -> str:
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True,
        stdin=subprocess.DEVNULL, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def login(database: Database) -> tuple[str, str, str]:
    parts = conninfo_to_dict(database.url)
    address = f"{parts['host']}:{parts['port']}/{parts['dbname']}"
    return address, str(parts["user"]), str(parts.get("password", ""))


def test_flyway_runs_the_scripts_once(server: AnyServer, tmp_path: Path) -> None:
    flyway = program("flyway")
    with planned(server, "columns") as plan:
        folder = plan.export("flyway", tmp_path / "plan", reversible=True)
        option = "-postgresql.transactional.lock=false"
        assert option in (folder / "README.md").read_text()
        address, user, password = login(plan.database)
        command = [
            flyway, f"-url=jdbc:postgresql://{address}", f"-user={user}", "-schemas=public",
            f"-locations=filesystem:{folder}", option, "migrate",
        ]  # fmt: skip
        assert "Successfully applied" in run(command, folder, FLYWAY_PASSWORD=password)
        assert "No migration necessary" in run(command, folder, FLYWAY_PASSWORD=password)


def test_liquibase_runs_the_changelog_once_and_takes_it_back(server: AnyServer, tmp_path: Path) -> None:
    liquibase = program("liquibase")
    with planned(server, "drop and rebuild indexes") as plan:
        before = schema_of(plan.database)
        folder = plan.export("liquibase", tmp_path / "plan", reversible=True)
        address, user, password = login(plan.database)
        start = [liquibase, "--headless=true", f"--url=jdbc:postgresql://{address}", f"--username={user}"]
        log = "--changelog-file=changelog.sql"
        secret = {"LIQUIBASE_COMMAND_PASSWORD": password}
        run([*start, "update", log], folder, **secret)
        assert schema_of(plan.database) != before
        run([*start, "update", log], folder, **secret)
        number = (folder / "changelog.sql").read_text().count("--changeset ")
        run([*start, "rollback-count", f"--count={number}", log], folder, **secret)
        plan.database.run("DROP TABLE databasechangelog, databasechangeloglock")
        assert schema_of(plan.database) == before


def test_pgroll_starts_takes_back_and_completes(server: AnyServer, tmp_path: Path) -> None:
    pgroll = program("pgroll")
    with planned(server, "drop and rebuild indexes") as plan:
        folder = plan.export("pgroll", tmp_path / "plan")
        address, user, password = login(plan.database)
        start = [pgroll, "--postgres-url", f"postgres://{user}@{address}?sslmode=disable", "--schema", "shop"]
        run([*start, "init"], tmp_path, PGPASSWORD=password)
        run([*start, "baseline", "000_base", str(tmp_path), "--yes"], tmp_path, PGPASSWORD=password)
        files = sorted(folder.glob("*.json"))
        assert files
        for file in files:
            for verb in (["start", str(file)], ["rollback"], ["start", str(file)], ["complete"]):
                run([*start, *verb], folder, PGPASSWORD=password)
        with plan.database.connect() as connection:
            rows = connection.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'shop\\_%'").fetchall()
        plan.database.run(*(f'DROP SCHEMA "{name}" CASCADE' for (name,) in rows), "DROP SCHEMA pgroll CASCADE")
