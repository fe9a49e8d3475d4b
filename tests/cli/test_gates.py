"""The gates of a build, and the baseline of what is accepted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.shop import findings
from tests.commands import Program


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
        (("--min-coverage", "1"), 4, "is below 100%"),
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
