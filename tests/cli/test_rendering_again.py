"""Reports read again: rendered in other formats, and compared with each other."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.cli.shop import SHOP, validate
from tests.commands import Program
from tests.servers import AnyServer, Database, fresh_database


def test_html_carries_the_identical_json(tmp_path: Path, report: Path) -> None:
    program = Program(tmp_path)
    assert program("render", report.with_suffix(".html"), "-o", "json:again.json").status == 0
    assert (tmp_path / "again.json").read_bytes() == report.read_bytes()
    for form, name in (("html", "r.html"), ("md", "r.md"), ("sarif", "r.sarif"), ("junit", "r.xml")):
        assert program("render", "again.json", "-o", f"{form}:{name}").status == 0
        assert (tmp_path / name).read_bytes() == (report.parent / name).read_bytes()


def test_rendering_writes_beside_the_report_that_it_reads(tmp_path: Path, report: Path) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "old/march.json").write_bytes(report.read_bytes())
    assert Program(tmp_path)("render", "old/march.json").err == "old/march.html\n"
    assert Program(tmp_path)("render", "old/march.html", "-o", "md").err == "old/march.md\n"


def test_diff_tells_what_came_and_went(tmp_path: Path, shop: Database, server: AnyServer) -> None:
    with fresh_database(server) as database:
        database.run(*SHOP)
        program = Program(tmp_path, database.url)
        assert program("audit", "env:TARGET", "-o", "json:old.json", "-o", "html:old.html").status == 0
        database.run("DROP INDEX shop.two", "CREATE TABLE shop.more (id int)")
        assert program("audit", "env:TARGET", "-o", "json:new.json").status == 0
    said = program("diff", "old.html", "new.json")
    assert (said.status, said.err) == (0, "")
    new, _, rest = said.out.partition(" resolved\n")
    assert "table-no-pk                  shop.more" in new
    assert "idx-duplicate" in rest
    assert re.search(r"^\d+ persisting$", said.out, re.MULTILINE)
    assert program("diff", "old.json", "new.json", "--fail-new").status == 1
    assert program("diff", "old.json", "old.json", "--fail-new").status == 0
    # the two audits may have run within the same second
    later = json.loads((tmp_path / "new.json").read_text())
    later["target"]["collected_at"] = "2999-01-01T00:00:00Z"
    (tmp_path / "later.json").write_text(json.dumps(later))
    assert "note: the first audit" in program("diff", "later.json", "old.json").err
    validate(program, "difference", json.loads(program("diff", "old.json", "new.json", "--json").out))


def test_diff_warns_when_the_databases_differ(tmp_path: Path, report: Path) -> None:
    other = report.read_text().replace('"name": "auditor_test_', '"name": "other_', 1)
    (tmp_path / "other.json").write_text(other)
    assert "two databases" in Program(tmp_path)("diff", report, "other.json").err
