"""The program beside an empty database, and sound files to break."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands import Program
from tests.servers import AnyServer, Database, fresh_database


@pytest.fixture
def program(tmp_path: Path, database: Database) -> Program:
    """The program in an empty folder; TARGET in its environment is an empty database."""
    return Program(tmp_path, database.url)


@pytest.fixture(scope="package")
def good(tmp_path_factory: pytest.TempPathFactory, server: AnyServer) -> Path:
    """A folder with a sound snapshot ``s.json`` and a sound report ``r.json`` and ``r.html``."""
    with fresh_database(server) as database:
        database.run("CREATE TABLE t (a int)")
        program = Program(tmp_path_factory.mktemp("good"), database.url)
        assert program("collect", "env:TARGET", "-o", "s.json").status == 0
        assert program("audit", "s.json", "-o", "json:r.json", "-o", "html:r.html").status == 0
        return program.folder
