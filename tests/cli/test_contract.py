"""The outputs fit their schemas, and the report has the keys and words of the contract."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.shop import validate
from tests.commands import Program


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
    "plan": "operations phases conflicts shapes hash",
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
