"""Collecting and auditing: what is printed, what is written and where, and what is chosen."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.shop import findings
from tests.commands import Program
from tests.servers import AnyServer, Database

WRITTEN = {"html": "report.html", "md": "report.md", "json": "report.json"}


def test_audit_writes_three_reports_and_prints_the_verdict(program: Program, shop: Database) -> None:
    said = program("audit", "env:TARGET")
    assert (said.status, said.err) == (0, "")
    files = sorted(str(path.relative_to(program.folder)) for path in program.folder.rglob("*") if path.is_file())
    assert files == sorted(f"auditor-report/{name}" for name in WRITTEN.values())
    lines = said.out.splitlines()
    assert lines[0] == f"{shop.name} (postgresql 18.6)"
    assert re.match(r"Score \d+(\.\d)? [a-z ]+ \(floor .*, ceiling .*, coverage \d+%\)", lines[1])
    assert re.fullmatch(r"Findings: \d+ critical, \d+ high, \d+ medium, \d+ low", lines[2])
    decisions = [line for line in lines if re.match(r"\d\. ", line)]
    assert [line[:3] for line in decisions] == ["1. ", "2. ", "3. "]
    assert all(re.search(r" \[(critical|high|medium)\]$", line) for line in decisions)
    assert re.search(r"^Plan: \d+ steps in \d+ phases?$", said.out, re.MULTILINE)
    assert lines[-3:] == [f"  auditor-report/{name}" for name in WRITTEN.values()]


def test_json_on_standard_output_stands_alone_there(program: Program) -> None:
    said = program("audit", "env:TARGET", "-o", "json:-", "-o", "md:beside.md")
    assert said.status == 0
    assert json.loads(said.out)["schema_version"] == "1"
    assert said.out.endswith("}\n")
    assert "Score" in said.err
    assert "  beside.md" in said.err
    assert [path.name for path in program.folder.iterdir()] == ["beside.md"]


def test_quiet_leaves_the_verdict_and_nothing_when_a_report_is_on_standard_output(
    tmp_path: Path, collected: Path
) -> None:
    program = Program(tmp_path)
    said = program("audit", collected, "-q")
    assert "Score" in said.out
    assert said.err == ""
    assert program("audit", collected, "-q", "-o", "json:-").err == ""
    assert program("render", "auditor-report/report.json", "-q").text == ""


def test_auditing_a_snapshot_is_auditing_live(program: Program, collected: Path, report: Path) -> None:
    assert program("audit", "env:TARGET", "-o", "json:live.json").status == 0
    live, offline = (json.loads(path.read_bytes()) for path in (program.folder / "live.json", report))
    for part in ("tool", "inventory"):
        assert live[part] == offline[part], part
    assert [p["probe"] for p in live["probes"]] == [p["probe"] for p in offline["probes"]]
    # What passes between two moments on a server that others use as well is left aside.
    volatile = {finding["check"] for finding in live["findings"] + offline["findings"]} - {
        "table-no-pk", "fk-no-index", "idx-duplicate", "json-not-jsonb", "money-type", "ts-without-tz", "char-n",
    }  # fmt: skip
    kept = [
        {finding["fingerprint"]: finding for finding in audit["findings"] if finding["check"] not in volatile}
        for audit in (live, offline)
    ]
    assert kept[0] == kept[1]
    assert len(kept[0]) >= 6


@pytest.mark.parametrize("name", ["s.json", "s.json.gz", "s.json.zst"])
def test_the_same_snapshot_gives_the_same_bytes_wherever_and_whenever(
    tmp_path: Path, collected: Path, report: Path, name: str
) -> None:
    """However it is compressed, in whatever zone and language, with whatever order of hashing."""
    program = Program(tmp_path)
    from auditor.storage import pack, read_file

    (tmp_path / name).write_bytes(pack(name, read_file(collected)))
    environment = {"TZ": "Asia/Tokyo", "LANG": "C", "LC_ALL": "C", "PYTHONHASHSEED": "7", "COLUMNS": "20"}
    outputs = ("json:r.json", "html:r.html", "md:r.md", "sarif:r.sarif", "junit:r.xml")
    said = program(
        "audit", name, *(part for output in outputs for part in ("-o", output)), environment=environment
    )  # fmt: skip
    assert said.status == 0
    for path in sorted(report.parent.glob("r.*")):
        assert path.read_bytes() == (tmp_path / path.name).read_bytes(), path.name


def test_a_snapshot_from_standard_output_is_one(program: Program) -> None:
    said = program("collect", "env:TARGET", "-o", "-", "--quiet")
    assert (said.status, said.err) == (0, "")
    (program.folder / "s.json").write_text(said.out)
    assert program("audit", "s.json", "-o", "json:-").status == 0


def test_outputs_go_where_they_are_told(tmp_path: Path, collected: Path) -> None:
    program = Program(tmp_path)
    (tmp_path / "home").mkdir()
    said = program(
        "audit", collected, "-o", "html", "-o", "json:deep/er/r.json.gz", "-o", "sarif:~/code.sarif",
        environment={"HOME": str(tmp_path / "home")},
    )  # fmt: skip
    assert said.status == 0
    found = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file())
    assert found == ["auditor-report/report.html", "deep/er/r.json.gz", "home/code.objects.txt", "home/code.sarif"]
    assert (tmp_path / "deep/er/r.json.gz").read_bytes().startswith(b"\x1f\x8b")
    assert program("render", "deep/er/r.json.gz", "-o", "md:-").status == 0


def test_selection_by_check_pillar_and_glob(tmp_path: Path, collected: Path) -> None:
    program = Program(tmp_path)

    def ran(*arguments: str) -> set[str]:
        said = program("audit", collected, "-q", "-o", "json:-", *arguments)
        assert said.status == 0, said.err
        return {check["check"] for check in json.loads(said.out)["checks"]}

    assert ran("--only", "fk-no-index") == {"fk-no-index"}
    foreign = ran("--only", "fk-*")
    assert len(foreign) > 3
    assert all(check.startswith("fk-") for check in foreign)
    assert ran("--only", "fk-*", "--skip", "fk-no-index") == foreign - {"fk-no-index"}
    pillar = ran("--only", "indexing")
    assert "fk-no-index" in pillar
    assert ran("--only", "indexing", "--only", "table-no-pk") == pillar | {"table-no-pk"}
    assert ran("--skip", "indexing") & pillar == set()


def test_a_diagram_is_drawn_only_when_asked_for(tmp_path: Path, collected: Path) -> None:
    program = Program(tmp_path)
    assert json.loads(program("audit", collected, "-q", "-o", "json:-").out)["diagram"] is None
    assert json.loads(program("audit", collected, "-q", "-o", "json:-", "--erd").out)["diagram"]["relations"]


def test_all_databases_each_in_a_folder_of_its_own(tmp_path: Path, server: AnyServer) -> None:
    from psycopg import sql

    from tests.servers import connect

    names = ("a/b", "a b", "..", "a\x1b[31mb", "ünï")
    with connect(server) as admin:
        for name in names:
            admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            program = Program(tmp_path, server.url())
            said = program("audit", "env:TARGET", "--all-databases", "-o", "json", "--only", "table-no-pk")
            refused = program("audit", "env:TARGET", "--all-databases", "-o", "json:-")
        finally:
            for name in names:
                admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
    assert said.status == 0
    assert "\x1b" not in said.text
    audited = {json.loads(path.read_bytes())["target"]["name"] for path in tmp_path.rglob("*.json")}
    assert {*names, "postgres"} <= audited
    folders = {path.parent.name for path in (tmp_path / "auditor-report").rglob("*.json")}
    assert {"a%2Fb", "a%20b", "%2E.", "a%1B%5B31mb", "ünï", "postgres"} <= folders
    assert all(path.parent.parent.parent == tmp_path for path in tmp_path.rglob("*.json"))
    assert refused.status == 2
    assert "several databases" in refused.err


def test_a_slow_log_is_read_beside_the_server(program: Program) -> None:
    log = (
        "2026-11-24 10:00:00.000 UTC [7] LOG:  duration: 1500.000 ms  statement: SELECT * FROM shop.log WHERE a = 'x'\n"
    )
    (program.folder / "server.log").write_text(log)
    assert program("collect", "env:TARGET", "--slow-log", "server.log", "-o", "s.json").status == 0
    snapshot = json.loads((program.folder / "s.json").read_bytes())
    assert next(probe for probe in snapshot["probes"] if probe["probe"] == "slow-log")["outcome"] == "ok"
    assert "'x'" not in (program.folder / "s.json").read_text()


def test_the_configuration_names_targets_and_sets_defaults_that_flags_override(program: Program) -> None:
    (program.folder / "auditor.toml").write_text(
        '[targets.prod]\nurl = "env:TARGET"\n[audit]\noutput = ["json:c.json"]\nonly = ["table-no-pk"]\n'
        'fail_on = "low"\n[limits.fk-no-index]\n'
    )
    assert program("audit", "prod").status == 1
    assert {finding["check"] for finding in findings(program.folder / "c.json")} == {"table-no-pk"}
    assert program("audit", "prod", "--fail-on", "critical", "-o", "json:f.json").status == 0
    assert (program.folder / "f.json").exists()
    (program.folder / "auditor.toml").rename(program.folder / "other.toml")
    assert program("audit", "prod", "--config", "other.toml").status == 1
    assert program("audit", "prod").status == 2
