"""Operations that ``auditor.toml`` asks for: they join the plan, and what is wrong with them is one line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

import pytest

from auditor.catalogue import operations
from auditor.model import operation as op
from auditor.planning.writing import ASKED
from auditor.wishes import KINDS, fields_of
from tests.cli.shop import validate
from tests.commands import Program
from tests.failures.saying import refused

DOCS = Path(__file__).parents[2] / "docs"
MERGE = (
    '[[operations]]\nkind = "merge-tables"\nschema = "shop"\ntable = "orders"\nother = "lines"\nnames = {code = "c"}\n'
)
INDEX = '[[operations]]\nkind = "add-index"\nschema = "shop"\ntable = "orders"\ncolumns = ["placed_at"]\n'
CLONES = (
    '[[operations]]\nkind = "merge-clones"\nschema = "shop"\ninto = "sold"\ndiscriminator = "year"\n'
    'values = {orders = "1", lines = "2"}\n'
)
VIEW = '[[operations]]\nkind = "materialise-view"\nschema = "shop"\nview = "sales"\nkey = ["day"]\nminutes = 15\n'


def test_the_list_of_kinds_is_complete() -> None:
    assert set(KINDS.values()) == set(get_args(op.AnyOperation))
    page = operations()
    assert (DOCS / "operations.md").read_text(encoding="utf-8") == page, "run: make docs"
    for name, kind in KINDS.items():
        section = page.split(f"\n## {name}\n")[1].split("\n## ")[0]
        for field in fields_of(kind):
            assert f"| `{field.name}` |" in section, (name, field.name)


def test_wishes_join_the_plan_after_the_findings(program: Program, collected: Path) -> None:
    key = '[[operations]]\nkind = "add-primary-key"\nschema = "shop"\ntable = "log"\n'
    (program.folder / "auditor.toml").write_text(INDEX + key)
    assert program("audit", collected, "-o", "json:r.json", "-o", "html:r.html").status == 0
    found = json.loads((program.folder / "r.json").read_bytes())
    validate(program, "operations", found["plan"]["operations"])
    steps = [step for phase in found["plan"]["phases"] for step in phase["steps"]]
    asked = {step["operation"]: step for step in steps if ASKED in step.get("notes", ())}
    # What a finding proposes as well stands for both; what nobody else proposes has no findings and comes last.
    assert set(asked) == {"add-index:shop.orders.placed_at", "add-primary-key:shop.log"}
    assert asked["add-primary-key:shop.log"]["findings"]
    assert not asked["add-index:shop.orders.placed_at"].get("findings")
    expand = next(phase["steps"] for phase in found["plan"]["phases"] if phase["phase"] == "expand")
    assert expand[-1]["operation"] == "add-index:shop.orders.placed_at"
    assert ASKED in (program.folder / "r.html").read_text(encoding="utf-8")


def test_all_databases_leave_wishes_out_and_say_so(program: Program) -> None:
    (program.folder / "auditor.toml").write_text(INDEX)
    said = program("audit", "env:TARGET", "--all-databases", "--only", "table-no-pk", "-o", "json")
    assert said.status == 0
    assert "are left out here" in said.err


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("operations = 3\n", ("write [[operations]]",)),
        ('[[operations]]\ntable = "orders"\n', ("operation 1 has no kind", "docs/operations.md")),
        (INDEX.replace("add-index", "add-indx"), ("no known kind: add-indx", "did you mean add-index?")),
        (INDEX.replace("columns", "colums"), ("unknown field colums", "did you mean columns?")),
        (INDEX + 'id = "x"\n', ("unknown field id",)),
        (INDEX.replace('["placed_at"]', "3"), ("operation 1 (add-index)", "columns")),
        (INDEX.replace('table = "orders"\n', ""), ("operation 1 (add-index)", "`table`")),
        (INDEX.replace('"orders"', '"ordres"'), ("no table shop.ordres", "did you mean shop.orders?")),
        (MERGE.replace('"lines"', '"line"'), ("no table shop.line", "did you mean shop.lines?")),
        (MERGE.replace("code", "cod"), ("shop.lines has no column cod", "did you mean code?")),
        (CLONES.replace("lines", "line"), ("no table shop.line", "did you mean shop.lines?")),
        (VIEW.replace('"sales"', '"sale"'), ("no view shop.sale", "did you mean shop.sales?")),
        (VIEW.replace('"day"', '"days"'), ("shop.sales has no column days", "did you mean day?")),
        (INDEX.replace("placed_at", "placed"), ("shop.orders has no column placed", "did you mean placed_at?")),
    ],
)  # fmt: skip
def test_wrong_wishes_are_said_with_the_nearest(
    tmp_path: Path, collected: Path, text: str, words: tuple[str, ...]
) -> None:
    (tmp_path / "auditor.toml").write_text(text)
    refused(Program(tmp_path)("audit", collected, "-o", "json:r.json"), 2, *words)
    assert not (tmp_path / "r.json").exists()


def test_a_rehearsal_plans_wishes(tmp_path: Path, collected: Path) -> None:
    (tmp_path / "auditor.toml").write_text(INDEX.replace("placed_at", "placed"))
    refused(Program(tmp_path)("rehearse", collected), 2, "shop.orders has no column placed")
