"""The rehearsal of a plan: the proof, the certificate, and what cannot be rehearsed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.shop import SHOP, validate
from tests.commands import Program
from tests.servers import AnyServer, Database, fresh_database

QUICK = ("--rows", "300", "--baseline-seconds", "1")


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory: pytest.TempPathFactory, collected: Path) -> Program:
    """The plan of the shop's snapshot, rehearsed on a server of its own."""
    program = Program(tmp_path_factory.mktemp("rehearsed"))
    outputs = ("json:r.json", "html:r.html", "md:r.md")
    said = program("rehearse", collected, *QUICK, *(part for output in outputs for part in ("-o", output)), timeout=300)
    assert said.status in (0, 1), said.err
    assert "Rehearsal " in said.out
    return program


def test_the_proof_is_a_file_of_its_own_and_part_of_the_report(rehearsed: Program) -> None:
    proof = json.loads((rehearsed.folder / "proof.json").read_text())
    report = json.loads((rehearsed.folder / "r.json").read_text())
    validate(rehearsed, "proof", proof)
    validate(rehearsed, "report", report)
    assert report["proof"] == proof
    assert proof["plan_hash"] == report["plan"]["hash"]
    assert [mark["id"] for mark in proof["marks"]] == [f"M{number}" for number in range(1, 15)]
    steps = [step["id"] for phase in report["plan"]["phases"] for step in phase["steps"]]
    assert [step["step"] for step in proof["steps"]] == steps
    assert any(step["outcome"] == "rehearsed" for step in proof["steps"])
    assert all(step.get("reason") for step in proof["steps"] if step["outcome"] != "rehearsed")


def test_nothing_of_the_plan_fails(rehearsed: Program) -> None:
    proof = json.loads((rehearsed.folder / "proof.json").read_text())
    timed = ("M1", "M4", "M9", "M10", "M12")  # other tests run on the same machine
    assert [mark for mark in proof["marks"] if mark["verdict"] == "failed" and mark["id"] not in timed] == []
    failed = [step for step in proof["steps"] if step["outcome"] == "failed"]
    assert [step for step in failed if not step["reason"].startswith(timed)] == []


def test_the_reports_show_the_certificate(rehearsed: Program) -> None:
    for name in ("r.html", "r.md"):
        text = (rehearsed.folder / name).read_text()
        assert "Rehearsal" in text
        assert "This plan was not rehearsed" not in text


def test_a_report_needs_to_be_told_where_its_schema_is(tmp_path: Path, report: Path) -> None:
    said = Program(tmp_path)("rehearse", report)
    assert said.status == 2
    assert "does not hold the whole schema" in said.err
    assert "--schema-from" in said.err


def test_a_plan_for_another_version_of_the_schema_is_refused(tmp_path: Path, report: Path, server: AnyServer) -> None:
    with fresh_database(server) as database:
        database.run(*SHOP, "ALTER TABLE shop.orders ADD COLUMN added int")
        program = Program(tmp_path, database.url)
        said = program("rehearse", report, "--schema-from", "env:TARGET")
    assert said.status == 2
    assert "another version of the schema" in said.err
    assert "column added is new" in said.err


def test_the_audited_server_is_refused(tmp_path: Path, collected: Path, shop: Database) -> None:
    said = Program(tmp_path, shop.url)("rehearse", collected, "--on", "env:TARGET")
    assert said.status == 2
    assert said.err.startswith("error: ")
    assert shop.url not in said.err


@pytest.mark.parametrize("arguments", [("nowhere.json",), ("--rows", "-1"), ("--on", "nowhere")])
def test_wrong_arguments_are_named(tmp_path: Path, collected: Path, arguments: tuple[str, ...]) -> None:
    file = () if arguments[0] == "nowhere.json" else (collected,)
    said = Program(tmp_path)("rehearse", *file, *arguments)
    assert said.status == 2
    assert "Traceback" not in said.err


def test_an_audit_can_estimate_by_the_speed_that_a_rehearsal_measured(rehearsed: Program, collected: Path) -> None:
    label = json.loads((rehearsed.folder / "proof.json").read_text())["calibration"]["label"]
    assert label.startswith("calibration measured in a rehearsal (")
    (rehearsed.folder / "nightly.toml").write_text('[audit]\ncalibration = "proof.json"\n')
    for arguments in (("--config", "nightly.toml"), ("--calibration", "proof.json")):
        said = rehearsed("audit", collected, "-o", "json:-", *arguments)
        plan = json.loads(said.out)["plan"]
        bases = [step["basis"] for phase in plan["phases"] for step in phase["steps"] if "calibration" in step["basis"]]
        assert bases
        assert all(label in basis for basis in bases)


@pytest.mark.parametrize(
    ("content", "reason"),
    [("{}", "is not the proof of a rehearsal"), ("not JSON", "is not the proof of a rehearsal"), (None, "cannot read")],
)
def test_a_calibration_that_is_none_is_refused(
    tmp_path: Path, collected: Path, content: str | None, reason: str
) -> None:
    if content is not None:
        (tmp_path / "proof.json").write_text(content)
    said = Program(tmp_path)("audit", collected, "--calibration", "proof.json")
    assert said.status == 2
    assert reason in said.err
