"""The program from the outside: its commands, what they print and write, and their exit status."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest

from tests.commands import PROGRAM, Program, Said
from tests.servers import AnyServer, Database, fresh_database

COMMANDS = (
    "audit", "collect", "doctor", "demo", "render", "diff", "checks", "explain", "schema", "baseline",
    "baseline create", "baseline update", "baseline prune",
)  # fmt: skip
SHOP = (
    "CREATE SCHEMA shop",
    "CREATE TABLE shop.orders (id bigint PRIMARY KEY, note json, placed_at timestamp, total money)",
    "CREATE TABLE shop.lines (id bigint PRIMARY KEY, order_id bigint REFERENCES shop.orders, code char(8))",
    "CREATE TABLE shop.log (message text)",
    "INSERT INTO shop.orders SELECT g, '{}', now(), 1 FROM generate_series(1, 20000) g",
    "INSERT INTO shop.lines SELECT g, g % 20000 + 1, 'x' FROM generate_series(1, 50000) g",
    "CREATE INDEX one ON shop.lines (code)",
    "CREATE INDEX two ON shop.lines (code)",
    "VACUUM ANALYZE",
)
WRITTEN = {"html": "report.html", "md": "report.md", "json": "report.json"}


@pytest.fixture(scope="module")
def shop(server: AnyServer) -> Iterator[Database]:
    """A database with flaws of every severity that a small database can have."""
    with fresh_database(server) as database:
        database.run(*SHOP)
        yield database


@pytest.fixture
def program(tmp_path: Path, shop: Database) -> Program:
    """The program in an empty folder; TARGET in its environment is the shop."""
    return Program(tmp_path, shop.url)


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory, shop: Database) -> Path:
    """A snapshot of the shop, in a folder of its own."""
    program = Program(tmp_path_factory.mktemp("collected"), shop.url)
    said = program("collect", "env:TARGET", "-o", "shop.json.zst")
    assert said.status == 0, said.err
    assert re.search(r"\d+ of \d+ probes answered; the snapshot is in shop\.json\.zst", said.err)
    return program.folder / "shop.json.zst"


@pytest.fixture(scope="module")
def report(collected: Path) -> Path:
    """The JSON report of that snapshot, and beside it the same in every other format."""
    program = Program(collected.parent)
    outputs = ("json:r.json", "html:r.html", "md:r.md", "sarif:r.sarif", "junit:r.xml")
    said = program("audit", collected, *(part for output in outputs for part in ("-o", output)))
    assert said.status == 0, said.err
    return collected.parent / "r.json"


def findings(path: Path) -> list[dict[str, str]]:
    return list(json.loads(path.read_bytes())["findings"])


# --- starting ----------------------------------------------------------------------------------------------------


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


# --- auditing ----------------------------------------------------------------------------------------------------


def test_audit_writes_three_reports_and_prints_the_verdict(program: Program, shop: Database) -> None:
    said = program("audit", "env:TARGET")
    assert (said.status, said.err) == (0, "")
    files = sorted(str(path.relative_to(program.folder)) for path in program.folder.rglob("*") if path.is_file())
    assert files == sorted(f"auditor-report/{name}" for name in WRITTEN.values())
    lines = said.out.splitlines()
    assert lines[0] == f"{shop.name} (postgresql 18.6)"
    assert re.match(r"Score \d+(\.\d)? [a-z ]+ \(floor .*, ceiling .*, coverage \d+ %", lines[1])
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


# --- gates -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        ((), 0, ""),
        (("--fail-on", "critical", "--only", "modelling"), 0, ""),
        (("--fail-on", "low"), 1, "low or graver"),
        (("--fail-new",), 1, "not in the baseline"),
        (("--min-score", "0"), 0, ""),
        (("--min-score", "100"), 1, "is below 100"),
        (("--min-coverage", "0"), 0, ""),
        (("--min-coverage", "1"), 4, "is below 100 %"),
        (("--min-coverage", "1", "--min-score", "100"), 1, "the coverage"),
    ],
)
def test_gates_decide_the_status_and_say_why(
    tmp_path: Path, collected: Path, arguments: tuple[str, ...], status: int, says: str
) -> None:
    said = Program(tmp_path)("audit", collected, "--quiet", *arguments)
    assert said.status == status
    assert said.err.startswith("gate: ") if says else said.err == ""
    assert says in said.err
    assert (tmp_path / "auditor-report/report.html").exists()


def test_a_baseline_from_its_beginning_to_its_end(tmp_path: Path, collected: Path, report: Path) -> None:
    program = Program(tmp_path)
    total = len(findings(report))
    assert program("baseline", "create", report, "--reason", "known", "--only", "fk-*").status == 0
    again = program("baseline", "create", report, "--reason", "known")
    assert again.status == 2
    assert "exists" in again.err
    few = json.loads((tmp_path / "auditor-baseline.json").read_bytes())["accepted"]
    assert {entry["check"].partition("-")[0] for entry in few} == {"fk"}
    said = program(
        "baseline", "update", report, "--reason", "old", "--owner", "dba", "--until", "2999-01-01"
    )  # fmt: skip
    assert said.err == f"{total - len(few)} findings accepted in auditor-baseline.json\n"
    entries = json.loads((tmp_path / "auditor-baseline.json").read_bytes())["accepted"]
    assert len(entries) == total
    assert {(entry["reason"], entry["owner"], entry["until"]) for entry in entries} == {
        ("known", "", None), ("old", "dba", "2999-01-01"),
    }  # fmt: skip

    passed = program("audit", collected, "--fail-new", "--fail-on", "info", "--baseline", "auditor-baseline.json")
    assert (passed.status, passed.err) == (0, "")
    suppressed = findings(tmp_path / "auditor-report/report.json")
    assert all(finding["suppressed"] for finding in suppressed)

    text = (tmp_path / "auditor-baseline.json").read_text()
    (tmp_path / "auditor-baseline.json").write_text(text.replace("2999-01-01", "2001-01-01"))
    failed = program("audit", collected, "--fail-new", "--baseline", "auditor-baseline.json", "-o", "json:r.json")
    assert failed.status == 1
    assert f"note: {total - len(few)} entries of the baseline expired" in failed.err
    pruned = program("baseline", "prune", "r.json")
    assert pruned.err == f"{total - len(few)} entries dropped, {len(few)} kept in auditor-baseline.json\n"


def test_pruning_keeps_what_the_report_did_not_look_for(tmp_path: Path, collected: Path, report: Path) -> None:
    program = Program(tmp_path)
    assert program("baseline", "create", report, "--reason", "known").status == 0
    assert program("audit", collected, "--only", "fk-no-index", "-o", "json:r.json").status == 0
    before = (tmp_path / "auditor-baseline.json").read_bytes()
    assert program("baseline", "prune", "r.json").err.startswith("0 entries dropped")
    assert (tmp_path / "auditor-baseline.json").read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--reason", " "), "the reason is empty"),
        (("--reason", "x", "--until", "tomorrow"), "is not a date"),
        (("--reason", "x", "--until", "2001-01-01"), "is before the audit"),
        (("--reason", "x", "--only", "fk-no-indx"), "did you mean fk-no-index?"),
        ((), "--reason"),
    ],
)
def test_a_baseline_wants_reasons_days_and_checks_that_are_some(
    tmp_path: Path, report: Path, arguments: tuple[str, ...], says: str
) -> None:
    said = Program(tmp_path)("baseline", "create", report, *arguments)
    assert said.status == 2
    assert says in said.err
    assert list(tmp_path.iterdir()) == []


# --- reports again -----------------------------------------------------------------------------------------------


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


# --- schemas and the contract ------------------------------------------------------------------------------------


def validate(program: Program, name: str, document: object) -> None:
    said = program("schema", name)
    assert said.status == 0
    schema = json.loads(said.out)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(document)


def test_outputs_fit_their_schemas(tmp_path: Path, collected: Path, report: Path) -> None:
    from auditor.storage import read_file

    program = Program(tmp_path)
    validate(program, "report", json.loads(report.read_bytes()))
    validate(program, "snapshot", json.loads(read_file(collected)))
    assert program("baseline", "create", report, "--reason", "x").status == 0
    validate(program, "baseline", json.loads((tmp_path / "auditor-baseline.json").read_bytes()))


CONTRACT = {
    "": "schema_version tool target score findings checks probes plan inventory documentation diagram",
    "tool": "name version",
    "target": "engine flavour version name collected_at stats_since stats_days managed",
    "score": "overall grade coverage floor ceiling provisional pillars cap if_accepted_open",
    "score.pillars": "pillar score coverage earned lost grey worst",
    "findings": "check fingerprint title pillar severity confidence subject related evidence impact explanation"
    " recommendation operations suppressed",
    "findings.subject": "kind name",
    "findings.evidence": "name value unit probe",
    "probes": "probe outcome rows milliseconds reason grant",
    "plan": "operations phases conflicts",
    "plan.phases.steps": "id title operation depends_on statements transactional lock blocks blocking_seconds"
    " duration_seconds disk_bytes basis precondition verify rollback reversible point_of_no_return audience notes"
    " findings",
}


def parts(document: object, path: str) -> list[dict[str, object]]:
    found = [document]
    for key in path.split(".") if path else ():
        found = [part[key] for part in found if isinstance(part, dict)]
        found = [item for part in found for item in (part if isinstance(part, list) else [part])]
    return [part for part in found if isinstance(part, dict)]


@pytest.mark.parametrize("path", CONTRACT)
def test_the_report_has_the_keys_of_the_contract(report: Path, path: str) -> None:
    found = parts(json.loads(report.read_bytes()), path)
    assert found
    for part in found:
        assert set(part) >= set(CONTRACT[path].split()), path


def test_the_report_has_the_words_of_the_contract(report: Path) -> None:
    audit = json.loads(report.read_bytes())
    assert audit["schema_version"] == "1"
    assert audit["tool"]["name"] == "auditor"
    assert (audit["target"]["engine"], audit["target"]["flavour"]) == ("postgresql", None)
    assert 0 <= audit["score"]["overall"] <= 100
    assert 0 <= audit["score"]["coverage"] <= 1
    assert {finding["severity"] for finding in audit["findings"]} <= {"critical", "high", "medium", "low", "info"}
    assert {finding["confidence"] for finding in audit["findings"]} <= {"certain", "likely", "possible"}
    outcomes = {"passed", "failed", "not-assessed", "not-applicable", "error"}
    for check in audit["checks"]:
        assert {"check", "outcome", "examined", "of", "reason"} <= set(check)
        assert check["outcome"] in outcomes
        assert 0 <= check["examined"] <= check["of"]
    steps = parts(audit, "plan.phases.steps")
    assert {step["blocks"] for step in steps} <= {"nothing", "writes", "reads-and-writes"}
    operations = {operation["id"] for operation in audit["plan"]["operations"]}
    fingerprints = {finding["fingerprint"] for finding in audit["findings"]}
    assert len(fingerprints) == len(audit["findings"])
    identifiers = [step["id"] for step in steps]
    assert len(set(identifiers)) == len(identifiers)
    for step in steps:
        assert set(step["findings"]) <= fingerprints  # type: ignore[call-overload]
        assert set(step["depends_on"]) <= set(identifiers)  # type: ignore[call-overload]
        assert step["operation"] in operations
    names = {(finding["check"], finding["subject"]["name"]) for finding in audit["findings"]}
    assert {("table-no-pk", "shop.log"), ("fk-no-index", "shop.lines.order_id")} <= names


# --- the catalogue -----------------------------------------------------------------------------------------------


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


# --- configuration -----------------------------------------------------------------------------------------------


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


# --- terminals ---------------------------------------------------------------------------------------------------


def test_on_a_terminal_progress_is_shown_and_wiped_and_the_verdict_is_coloured(program: Program) -> None:
    said = program.on_terminal("audit", "env:TARGET", "--only", "table-no-pk")
    assert said.status == 0
    assert re.search(r"\r\x1b\[2Kprobe 1/\d+  \S", said.out)
    assert re.search(r"\r\x1b\[2Kcheck 1/1  table-no-pk", said.out)
    # What is left on the screen, once what was wiped is gone.
    screen = [line.rpartition("\x1b[2K")[2] for line in said.out.replace("\r\n", "\n").split("\n")]
    assert screen[0].startswith("\x1b[1m")
    assert not [line for line in screen if line.startswith(("probe", "check"))]
    assert "\x1b[" in said.out.partition("Score")[2]


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [(("--no-color",), {}), ((), {"NO_COLOR": "1"}), ((), {"TERM": "dumb"})],
)
def test_colour_can_be_refused(
    tmp_path: Path, collected: Path, arguments: tuple[str, ...], environment: dict[str, str]
) -> None:
    said = Program(tmp_path).on_terminal("audit", collected, *arguments, environment=environment)
    assert said.status == 0
    assert not re.search(r"\x1b\[\d*m", said.out)
    error = Program(tmp_path).on_terminal("audit", "absent.json", *arguments, environment=environment)
    assert error.out.startswith("error: there is no file")


def test_quiet_shows_no_progress_on_a_terminal(tmp_path: Path, collected: Path) -> None:
    assert "\x1b[2K" not in Program(tmp_path).on_terminal("audit", collected, "-q").out


def test_elsewhere_there_is_no_progress_and_no_colour(program: Program) -> None:
    said = program("audit", "env:TARGET")
    assert "\x1b" not in said.text
    assert "\r" not in said.text


# --- readers that go away ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        ("checks", 0), ("schema report", 0), ("--help", 0), ("explain fk-no-index", 0), ("audit SNAPSHOT -o json:-", 0),
        ("audit SNAPSHOT -o json:- --fail-on low", 1), ("audit SNAPSHOT --fail-on low", 1), ("diff REPORT REPORT", 0),
    ],
)  # fmt: skip
@pytest.mark.parametrize("reader", ["head -c 9", "true"])
def test_a_reader_that_goes_away_is_no_failure(
    tmp_path: Path, collected: Path, report: Path, arguments: str, status: int, reader: str
) -> None:
    command = arguments.replace("SNAPSHOT", str(collected)).replace("REPORT", str(report))
    done = subprocess.run(
        ["bash", "-c", f"{PROGRAM} {command} | {reader} >/dev/null; exit ${{PIPESTATUS[0]}}"],
        capture_output=True, text=True, check=False, **Program(tmp_path).options(),
    )  # fmt: skip
    assert done.returncode == status
    assert "error" not in done.stderr
    assert "Exception" not in done.stderr
    if arguments == "audit SNAPSHOT --fail-on low":
        assert (tmp_path / "auditor-report/report.html").exists()


@pytest.mark.parametrize("stream", [1, 2])
def test_a_closed_stream_keeps_nothing_from_being_written(tmp_path: Path, collected: Path, stream: int) -> None:
    said = closed(tmp_path, stream, "audit", str(collected))
    assert said.status == 0
    assert (tmp_path / "auditor-report/report.html").exists()
    assert "Score" in said.out or stream == 1


def test_a_report_for_a_closed_standard_output_is_an_error(tmp_path: Path, collected: Path) -> None:
    said = closed(tmp_path, 1, "audit", str(collected), "-o", "json:-")
    assert said.status == 2
    assert "standard output is closed" in said.err


def closed(folder: Path, stream: int, *arguments: str) -> Said:
    done = subprocess.run(
        ["bash", "-c", f'exec "$@" {stream}>&-', "bash", PROGRAM, *arguments],
        capture_output=True, text=True, check=False, **Program(folder).options(),
    )  # fmt: skip
    return Said(done.returncode, done.stdout, done.stderr)


def test_names_that_a_stream_cannot_encode_are_spelled_out(tmp_path: Path, report: Path) -> None:
    environment = {"PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    said = Program(tmp_path)("diff", report, report, environment=environment)
    assert said.status == 0
    assert "\\u2192" in said.out


def test_the_test_runs_the_program_of_this_tree() -> None:
    assert os.access(PROGRAM, os.X_OK)
