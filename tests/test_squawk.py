"""A linter of migrations that others wrote reads every statement of every plan, and of every way back."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from auditor.exporting.worklist import slug
from tests.exporting.conftest import Planned, planned
from tests.scenarios import SCENARIOS
from tests.servers import AnyServer
from tests.test_plan_runs import steps_of
from tests.test_recipes import RUNBOOKS, steps

SQUAWK = Path(sys.executable).with_name("squawk")

_NO_TABLE = r": (ALTER (SYSTEM|ROLE|DATABASE|ROUTINE|COLLATION)|(CREATE|ALTER|DROP) (ROLE|PUBLICATION|SUBSCRIPTION)) "
# What it cannot know from the text alone: by rule, the scenarios and statements that are excused, and why.
EXCUSED = {
    # Whether clients still use what goes or gets another name is the question that these operations answer: phases,
    # preconditions and the steps of the application before them. The rules object to the operation as such.
    **dict.fromkeys(
        ("ban-drop-column", "ban-drop-constraint", "ban-drop-default", "ban-drop-extension", "ban-drop-function",
         "ban-drop-not-null", "ban-drop-sequence", "ban-drop-table", "ban-alter-identity",
         "ban-set-schema", "ban-truncate-cascade", "renaming-column", "renaming-object", "renaming-table"),
        "",
    ),
    # IF NOT EXISTS would take the invalid index of an interrupted build, or anything of that name, for the one wanted:
    # preconditions look instead. IF EXISTS would hide that a step is run out of order.
    "prefer-robust-stmts": "",
    # The types are those of the column that is copied, restored or asked for; a position in a list stays below 2^31.
    **dict.fromkeys(("prefer-bigint-over-int", "prefer-text-field", "prefer-timestamp-tz", "ban-char-field"), ""),
    # Only where the server changes its catalog alone or the table is tiny: test_plan_runs hears it say that it neither
    # rewrites nor verifies a table, and test_recipes compares files for every pair of types.
    "changing-column-type": "",
    # The view that stood in the place of a merged table, when the application names it no more, or on the way back; and
    # on its way back the materialised view that keeps the rows of another.
    "ban-drop-view": r"^[^:]*_companion|: DROP MATERIALIZED VIEW ",
    # It is the plan's own, with what the move of tables needs.
    "ban-drop-schema": r": DROP SCHEMA IF EXISTS auditor_",
    # These lock no table: nobody queues behind them.
    "require-lock-timeout": _NO_TABLE,
    "require-statement-timeout": _NO_TABLE,
    # The parent of partitions holds no rows, so ON ONLY reads none; a table of a few megabytes is read in an instant.
    "require-concurrent-index-creation": r" ON ONLY ",
    # The key over clones is declared while they are detached, and what was added since is small.
    "constraint-missing-not-valid": r": ALTER TABLE ONLY |^small[._]|clones[^:]*contract",
    "adding-serial-primary-key-field": r": ALTER TABLE ONLY |clones[^:]*contract",
    # A partitioned index cannot be dropped concurrently: manual, DROP INDEX.
    "require-concurrent-index-deletion": r"^[^:]*(clones|partition(ed_(index|table)|s,?_indexes_and_keys))",
    # A default partition cannot be detached concurrently, nor can any inside the transaction that attaches it
    # elsewhere: manual, ALTER TABLE.
    "require-concurrent-partition-detach": r"(^|_)(default|partition_a_table|odd_names_of_partitions|clones)(_|\b)",
    # It ends a transaction that was prepared elsewhere, not one of this file.
    "transaction-nesting": r": ROLLBACK PREPARED ",
}  # fmt: skip


@pytest.fixture(scope="module")
def plans(server: AnyServer) -> Mapping[str, Planned]:
    """The plan of every scenario; its database is gone."""
    found = {}
    for name in SCENARIOS:
        with planned(server, name) as plan:
            found[name] = plan
    return found


def write(directory: Path, name: str, statements: Sequence[str], *, transactional: bool) -> None:
    lines = ["BEGIN", *statements, "COMMIT"] if transactional else statements
    path = directory / f"{name.replace(' ', '_')}.sql"
    path.write_text("".join(f"{line};\n" for line in lines))


def test_a_linter_of_migrations_finds_nothing(plans: Mapping[str, Planned], tmp_path: Path) -> None:
    for name, plan in plans.items():
        for step in steps_of(plan.plan):
            write(tmp_path, f"{name}.{step.id}", step.statements, transactional=step.transactional)
            write(tmp_path, f"{name}.{step.id}.back", step.rollback, transactional=False)
    for number, step in enumerate(step for operation in RUNBOOKS for step in steps(operation)):
        write(tmp_path, f"runbook.{number}", step.statements, transactional=step.transactional)
        write(tmp_path, f"runbook.{number}.back", step.rollback, transactional=False)
    files = sorted(path for path in tmp_path.glob("*.sql") if path.stat().st_size)
    assert len(files) > 500
    command = [SQUAWK, "--reporter", "json", "--pg-version", "18", *(path.name for path in files)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    assert done.returncode in (0, 1), done.stderr
    found = [
        (f"{one['file'].removesuffix('.sql')}: {(tmp_path / one['file']).read_text().splitlines()[one['line']]}", one)
        for one in json.loads(done.stdout)
    ]
    reported = [
        (one["rule_name"], statement, one["message"])
        for statement, one in found
        if one["rule_name"] not in EXCUSED or not re.search(EXCUSED[one["rule_name"]], statement)
    ]
    assert not reported, "\n".join(map(str, reported))
    assert found, "it reads the files"


def test_a_linter_of_migrations_finds_nothing_in_exported_files(plans: Mapping[str, Planned], tmp_path: Path) -> None:
    for name, plan in plans.items():
        folder = plan.export("sql", tmp_path / slug(name).replace("-", "_"))
        for path in [*folder.glob("steps/*.sql"), *folder.glob("rollback/*.sql")]:
            # What only psql reads: its commands, and the variable of the parts that are done.
            text = re.sub(r" \\gset \w+$", ";", path.read_text(), flags=re.MULTILINE).replace(":skip", "0")
            path.write_text(re.sub(r"^\\.*$", "", text, flags=re.MULTILINE))
    files = sorted(path.relative_to(tmp_path) for path in tmp_path.glob("*/*/*.sql"))
    assert len(files) > 500
    command = [SQUAWK, "--reporter", "json", "--pg-version", "18", *map(str, files)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    assert done.returncode in (0, 1), done.stderr
    reported = []
    for one in json.loads(done.stdout):
        line = (tmp_path / one["file"]).read_text().splitlines()[one["line"]]
        scenario, _, name = one["file"].partition("/")
        statement = f"{scenario}.{name}: {line}"
        if one["rule_name"] not in EXCUSED or not re.search(EXCUSED[one["rule_name"]], statement):
            reported.append((one["rule_name"], one["file"], statement, one["message"]))
    assert not reported, "\n".join(map(str, reported[:40]))
