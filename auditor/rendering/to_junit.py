"""The JUnit report, which every CI system reads: a suite for each pillar, a case for each check."""

from __future__ import annotations

from collections import defaultdict
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from auditor.model.finding import CheckResult, Finding
from auditor.model.report import Audit
from auditor.model.vocabulary import Outcome
from auditor.rendering import Rendered
from auditor.text import count, visible

LISTED = 200
"""Findings named in a failure; beyond them a count stands, because CI systems show the text whole."""


def render(audit: Audit, stem: str) -> Rendered:  # noqa: ARG001 -- the signature that all renderers share
    """Write the report. A check without an open finding that failed only by accepted risks is skipped, not passed."""
    findings: dict[str, list[Finding]] = defaultdict(list)
    for finding in audit.findings:
        findings[finding.check].append(finding)
    suites: dict[str, list[CheckResult]] = defaultdict(list)
    for result in audit.checks:
        suites[result.pillar].append(result)
    root = Element("testsuites", name=visible(f"{audit.tool.name}: {audit.target.name}"))
    totals = [0, 0, 0, 0]
    for pillar, results in sorted(suites.items()):
        suite = SubElement(root, "testsuite", name=pillar, timestamp=visible(audit.target.collected_at))
        for result in sorted(results, key=lambda result: result.check):
            _case(suite, result, findings[result.check])
        counts = [len(results), *(len(suite.findall(f"testcase/{tag}")) for tag in ("failure", "error", "skipped"))]
        _count(suite, counts)
        totals = [total + number for total, number in zip(totals, counts, strict=True)]
    _count(root, totals)
    indent(root)
    return Rendered(main=tostring(root, encoding="utf-8", xml_declaration=True) + b"\n")


def _count(element: Element, counts: list[int]) -> None:
    for name, number in zip(("tests", "failures", "errors", "skipped"), counts, strict=True):
        element.set(name, str(number))


def _case(suite: Element, result: CheckResult, findings: list[Finding]) -> None:
    case = SubElement(suite, "testcase", name=result.check, classname=f"{result.pillar}.{result.check}", time="0")
    still_open = [finding for finding in findings if finding.suppressed is None]
    if result.outcome is Outcome.ERROR:
        SubElement(case, "error", message=visible(result.reason or "no reason given"), type="error")
    elif result.outcome in (Outcome.NOT_ASSESSED, Outcome.NOT_APPLICABLE):
        reason = f"{result.outcome.value.replace('-', ' ')}: {result.reason or 'no reason given'}"
        SubElement(case, "skipped", message=visible(reason + (f"; {result.grant}" if result.grant else "")))
    elif still_open:
        gravest = min((finding.severity for finding in still_open), key=lambda severity: severity.rank)
        message = f"{result.title}: {count(len(still_open), 'finding')} among {result.of:,} examined"
        failure = SubElement(case, "failure", message=visible(message), type=gravest.value)
        failure.text = "\n".join(_line(finding) for finding in still_open[:LISTED])
        if len(still_open) > LISTED:
            failure.text += f"\nand {len(still_open) - LISTED} more"
    elif findings:
        SubElement(case, "skipped", message=f"accepted: {count(len(findings), 'finding')}")


def _line(finding: Finding) -> str:
    return visible(
        f"{finding.severity.value}: {finding.subject.kind} {finding.subject.name}: {finding.title}. "
        f"{finding.recommendation} [{finding.fingerprint}]"
    )
