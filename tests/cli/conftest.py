"""A shop, the program beside it, and a snapshot and reports of it; made once for all tests of the commands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.shop import SHOP
from tests.commands import Program
from tests.servers import AnyServer, Database, fresh_database


@pytest.fixture(scope="package")
def shop(server: AnyServer) -> Iterator[Database]:
    """A database with flaws of every severity that a small database can have."""
    with fresh_database(server) as database:
        database.run(*SHOP)
        yield database


@pytest.fixture
def program(tmp_path: Path, shop: Database) -> Program:
    """The program in an empty folder; TARGET in its environment is the shop."""
    return Program(tmp_path, shop.url)


@pytest.fixture(scope="package")
def collected(tmp_path_factory: pytest.TempPathFactory, shop: Database) -> Path:
    """A snapshot of the shop, in a folder of its own."""
    program = Program(tmp_path_factory.mktemp("collected"), shop.url)
    said = program("collect", "env:TARGET", "-o", "shop.json.zst")
    assert said.status == 0, said.err
    assert re.search(r"\d+ of \d+ probes answered; the snapshot is in shop\.json\.zst", said.err)
    return program.folder / "shop.json.zst"


@pytest.fixture(scope="package")
def report(collected: Path) -> Path:
    """The JSON report of that snapshot, and beside it the same in every other format."""
    program = Program(collected.parent)
    outputs = ("json:r.json", "html:r.html", "md:r.md", "sarif:r.sarif", "junit:r.xml")
    said = program("audit", collected, *(part for output in outputs for part in ("-o", output)))
    assert said.status == 0, said.err
    return collected.parent / "r.json"
