"""What every format writes: complete, with no name that steers it, in a folder of its own; and the command."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace

from auditor.exporting.worklist import slug, worklist_of
from auditor.exporting.writing import export, formats_of
from auditor.rendering.to_json import render as render_json
from auditor.text import visible
from auditor_connectors.postgresql import connector
from tests.commands import Program
from tests.exporting.conftest import planned
from tests.failures.saying import refused
from tests.sample_audit import HOSTILE, empty_audit, hostile_audit, shop_audit
from tests.servers import AnyServer
from tests.test_plan_runs import steps_of

FORMATS = sorted(formats_of(connector))


@pytest.fixture
def report(tmp_path: Path) -> Path:
    audit = shop_audit()
    path = tmp_path / "r.json"
    path.write_bytes(render_json(replace(audit, target=replace(audit.target, engine="postgresql")), "r").main)
    return path


def test_every_format_is_known() -> None:
    assert FORMATS == ["alembic", "django", "flyway", "liquibase", "pgroll", "sql", "sqlalchemy"]


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("make", [shop_audit, hostile_audit])
def test_no_name_steers_a_file(form: str, make: object) -> None:
    audit = make()  # type: ignore[operator]
    texts = [text for step in steps_of(audit.plan) for text in (*step.statements, *step.rollback)]
    statements = {line for text in texts for line in text.split("\n")}
    for name, file in export(audit, connector, form).items():
        assert re.fullmatch(r"([a-z]+/)?(README\.md|run\.sh|[VU]?[a-z0-9][a-z0-9_-]*\.(sql|py|json|sql\.conf))", name)
        assert len(name) < 120
        for line in file.text.split("\n"):
            assert visible(line) == line or any(one in line for one in statements if visible(one) != one), line
        if name.endswith(".py"):
            ast.parse(file.text)
        if name.endswith(".json"):
            json.loads(file.text)


def test_headers_are_comments(server: AnyServer) -> None:
    """Whatever a title, a note or a finding says: before the first statement there are only comments."""
    hostile = [f"{name}\nDROP TABLE x" for name in HOSTILE]
    audit = shop_audit()
    phases = tuple(
        replace(phase, steps=tuple(
            replace(step, title=name, notes=(name,), basis=name, operation=name)
            for step, name in zip(phase.steps, hostile, strict=False)
        ))
        for phase in audit.plan.phases
    )  # fmt: skip
    audit = replace(audit, plan=replace(audit.plan, phases=phases, operations=()))
    for form in ("sql", "flyway", "liquibase", "alembic", "django"):
        for name, file in export(audit, connector, form).items():
            mark = "#" if name.endswith(".py") else "--"
            if name.endswith((".sql", ".py")):
                assert not any(line.startswith("DROP TABLE x") for line in file.text.split("\n")), (form, name)
                assert mark in file.text


@pytest.mark.parametrize("name", ["odd names", "odd names of what is replaced", "wider keys and more"])
def test_pgroll_says_what_it_can_and_lists_the_rest(name: str, server: AnyServer, tmp_path: Path) -> None:
    with planned(server, name) as plan:
        folder = plan.export("pgroll", tmp_path / "plan")
        page = (folder / "README.md").read_text()
        said, _, left = page.partition("## What pgroll cannot say")
        files = list(folder.glob("*.json"))
        assert files
        assert len(files) == said.count("\n- ")
        carried = {step.operation for step in steps_of(plan.plan)}
        assert left.count("\n- ") + len(files) == len(carried)
        for path in files:
            (operation,) = json.loads(path.read_text())["operations"]
            (body,) = operation.values()
            assert "table" in body or set(body) == {"name"}


# --- the command -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMATS)
def test_the_command_writes_a_folder(form: str, report: Path, tmp_path: Path) -> None:
    said = Program(tmp_path)("export", "r.json", "--as", form, "-o", "out")
    assert said.status == 0, said.err
    files = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert said.err == f"{len(files)} files in out; begin with out/README.md\n"
    if form == "sql":
        assert (tmp_path / "out/run.sh").stat().st_mode & 0o111


def test_a_folder_with_other_files_is_left_alone(report: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    assert Program(tmp_path)("export", "r.json", "-o", "out").status == 0
    before = sorted(tmp_path.rglob("*"))
    refused(Program(tmp_path)("export", "r.json", "-o", "out"), 2, "the folder out is not empty")
    assert sorted(tmp_path.rglob("*")) == before


def test_places_that_cannot_be_written_are_named(report: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    refused(Program(tmp_path)("export", "r.json", "-o", "file"), 2, "file is not a folder")
    refused(Program(tmp_path)("export", "r.json", "-o", "file/below"), 2, "is not a folder")
    refused(Program(tmp_path)("export", "r.json", "-o", "/proc/nowhere"), 2, "cannot write /proc/nowhere")


def test_a_full_disk_leaves_nothing(report: Path, tmp_path: Path) -> None:
    import resource

    done = subprocess.run(
        [str(Path(sys.executable).with_name("auditor")), "export", "r.json", "-o", "out/below"], cwd=tmp_path,
        capture_output=True, text=True, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (2500, 2500)),
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    assert "File too large" in done.stderr
    assert not any(path.is_file() for path in (tmp_path / "out").rglob("*"))


def test_what_cannot_be_exported_is_one_line(report: Path, tmp_path: Path) -> None:
    refused(Program(tmp_path)("export", "r.json", "--as", "alembik"), 2, "alembik", "did you mean alembic?")
    audit = shop_audit()
    (tmp_path / "o.json").write_bytes(render_json(audit, "o").main)
    refused(Program(tmp_path)("export", "o.json"), 2, "no connector for the engine 'sample'")
    empty = empty_audit()
    empty = replace(empty, target=replace(empty.target, engine="postgresql"))
    (tmp_path / "e.json").write_bytes(render_json(empty, "e").main)
    said = Program(tmp_path)("export", "e.json")
    assert (said.status, said.err) == (0, "the plan of e.json has no steps: nothing was written\n")
    assert not (tmp_path / "auditor-plan").exists()


def test_titles_become_names_of_files() -> None:
    assert slug('Gr\u00f6\u00dfe \u202e der Tabelle "x"/../\n') == "groe-der-tabelle-x"
    assert slug("日本") == ""
    assert all(entry.name[0].isdigit() for entry in worklist_of(hostile_audit()).entries)
