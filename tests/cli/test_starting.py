"""What the program says before any target: help, version, the catalogue, and how fast it is there."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands import PROGRAM, Program

COMMANDS = (
    "audit", "collect", "doctor", "demo", "rehearse", "render", "export", "diff", "checks", "explain", "schema",
    "baseline", "baseline create", "baseline update", "baseline prune",
)  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_its_options_and_arguments(tmp_path: Path, command: str) -> None:
    said = Program(tmp_path)(*command.split(), "--help")
    assert (said.status, said.err) == (0, "")
    assert said.out.startswith(f"Usage: auditor {command} ")
    assert said.out == Program(tmp_path)(*command.split(), "-h").out
    options = said.out.partition("Options:")[2]
    assert not re.search(r"<(str|path|float|list)", options), "a type of the implementation is no help"
    assert "…" not in said.out


def test_help_lists_every_command_with_a_whole_sentence(tmp_path: Path) -> None:
    said = Program(tmp_path)("--help")
    assert said.status == 0
    listed = dict(re.findall(r"^  ([a-z]+)  +(\S.*)$", said.out.partition("Commands:")[2], re.MULTILINE))
    assert set(listed) == {command.partition(" ")[0] for command in COMMANDS}
    assert all(sentence.endswith(".") and "..." not in sentence for sentence in listed.values())


@pytest.mark.parametrize("arguments", [(), ("baseline",)])
def test_without_a_command_the_help_is_shown_as_wrong_usage(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    said = Program(tmp_path)(*arguments)
    assert (said.status, said.err) == (2, "")
    assert said.out == Program(tmp_path)(*arguments, "--help").out


def test_version(tmp_path: Path) -> None:
    assert re.fullmatch(r"auditor \d+\.\d+\.\d+\n", Program(tmp_path)("--version").out)


@pytest.mark.parametrize(
    "statement",
    [
        "import auditor, sys",
        "import sys; from auditor.cli.app import app; sys.argv = ['auditor', '--help']; app(standalone_mode=False)",
        "import sys; from auditor.cli.app import app; app(['audit', '--help'], standalone_mode=False)",
        "import sys; from auditor.registry import load_connectors; load_connectors()",
    ],
)
def test_no_driver_and_no_renderer_is_loaded_before_it_is_needed(statement: str) -> None:
    heavy = "{'psycopg', 'pymysql', 'pymongo', 'redis', 'sqlalchemy', 'jinja2', 'sqlglot', 'rich', 'zstandard'}"
    code = f"{statement}; print(); print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_checks_are_listed_and_explained(tmp_path: Path) -> None:
    program = Program(tmp_path)
    listed = [line.split()[0] for line in program("checks").out.splitlines()]
    catalogue = json.loads(program("checks", "--json").out)
    assert sorted(listed) == sorted(entry["check"] for entry in catalogue)
    assert len(listed) >= 60
    some = [entry["check"] for entry in json.loads(program("checks", "--json", "--pillar", "integrity").out)]
    assert 0 < len(some) < len(listed)
    said = program("explain", "fk-no-index")
    for heading in ("What", "Why it matters", "When it is fine", "How to fix it", "Sources"):
        assert f"\n## {heading}\n" in said.out
    assert json.loads(program("explain", "fk-no-index", "--json").out)["check"] == "fk-no-index"


def test_the_test_runs_the_program_of_this_tree() -> None:
    assert os.access(PROGRAM, os.X_OK)
