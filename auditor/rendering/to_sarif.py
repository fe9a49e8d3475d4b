"""The SARIF 2.1.0 report, for code scanning, and the text file that its results point into.

Code scanning shows a result only at a line of a file, so a list of the audited objects is written beside the report:
one object on a line, sorted, so that lines move little between audits. GitHub keys results by
``primaryLocationLineHash`` (the finding's own fingerprint here), needs short, full and help texts of a rule, and takes
at most 25,000 results (its documentation, "SARIF support for code scanning").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import msgspec

from auditor.model.finding import Finding, Subject
from auditor.model.report import Audit
from auditor.model.vocabulary import Confidence, Outcome, Pillar, ProbeOutcome, Severity
from auditor.rendering import Rendered
from auditor.text import visible

MOST_RESULTS = 25_000
"""Results that code scanning accepts in one run; findings come gravest first, so the slightest are left out."""

_LEVELS = {
    Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning",
    Severity.LOW: "note", Severity.INFO: "note",
}  # fmt: skip
_SECURITY = {
    Severity.CRITICAL: "9.5", Severity.HIGH: "8.0", Severity.MEDIUM: "5.5", Severity.LOW: "3.0", Severity.INFO: "0.5",
}  # fmt: skip
"""Figures inside the bands that code scanning shows as critical, high, medium and low."""

_PRECISION = {Confidence.CERTAIN: "very-high", Confidence.LIKELY: "high", Confidence.POSSIBLE: "medium"}


def render(audit: Audit, stem: str) -> Rendered:
    """Write the report and, beside it, the list of objects as ``STEM.objects.txt``."""
    shown = audit.findings[:MOST_RESULTS]
    name = f"{stem}.objects.txt"
    text, lines = _list_objects(audit, shown)
    rules = {check: number for number, check in enumerate(dict.fromkeys(finding.check for finding in shown))}
    run = {
        "tool": {"driver": {
            "name": audit.tool.name, "semanticVersion": audit.tool.version, "rules": [_rule(audit, c) for c in rules],
        }},
        "automationDetails": {"id": f"{audit.tool.name}/{_id(audit.target.name)}/"},
        "artifacts": [{"location": {"uri": _uri(name)}, "roles": ["analysisTarget"]}],
        "invocations": [{
            "executionSuccessful": not any(result.outcome is Outcome.ERROR for result in audit.checks),
            "toolExecutionNotifications": _notifications(audit, len(audit.findings) - len(shown)),
        }],
        "results": [_result(finding, rules[finding.check], name, lines) for finding in shown],
        "columnKind": "unicodeCodePoints",
    }  # fmt: skip
    log = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}
    return Rendered(main=msgspec.json.format(msgspec.json.encode(log), indent=1) + b"\n", beside={name: text})


def _list_objects(audit: Audit, findings: Sequence[Finding]) -> tuple[bytes, Mapping[Subject, int]]:
    """Write every object that the audit names, one on a line; return the text and each object's line."""
    subjects = {finding.subject for finding in findings}
    subjects.update(related for finding in findings for related in finding.related)
    subjects.update(Subject(kind="table", name=table.name) for table in audit.inventory.largest)
    ordered = sorted(subjects, key=lambda subject: (subject.name, subject.kind))
    head = f"-- objects of {visible(audit.target.name)} that the audit speaks of, one on a line: name, kind"
    rows = [head, *(f"{visible(subject.name)}\t{visible(subject.kind)}" for subject in ordered)]
    text = "\n".join(rows) + "\n"
    return text.encode("utf-8", errors="replace"), {subject: n for n, subject in enumerate(ordered, start=2)}


def _rule(audit: Audit, check: str) -> dict[str, Any]:
    result = next((result for result in audit.checks if result.check == check), None)
    first = next(finding for finding in audit.findings if finding.check == check)
    pages = {title: _visible_lines(text) for title, text in audit.documentation.get(check, {}).items()}
    summary = pages.get("summary") or visible(result.title if result else first.title)
    sections = "\n\n".join(f"## {title}\n{text}" for title, text in pages.items() if title != "summary")
    advice = sections or visible(first.recommendation) or summary
    severity = result.severity if result else first.severity
    tags = ["database", _id(first.pillar)]
    properties: dict[str, Any] = {"tags": tags, "precision": _PRECISION[first.confidence]}
    if first.pillar == Pillar.SECURITY.value:
        tags.append("security")
        properties["security-severity"] = _SECURITY[severity]
    else:
        level = _LEVELS[severity]
        properties["problem.severity"] = "recommendation" if level == "note" else level
    return {
        "id": check, "name": "".join(part.capitalize() for part in check.split("-")),
        "shortDescription": {"text": summary}, "fullDescription": {"text": pages.get("What") or summary},
        "help": {"text": advice, "markdown": advice}, "defaultConfiguration": {"level": _LEVELS[severity]},
        "properties": properties,
    }  # fmt: skip


def _visible_lines(text: str) -> str:
    return "\n".join(visible(line) for line in text.split("\n"))


def _result(finding: Finding, rule: int, name: str, lines: Mapping[Subject, int]) -> dict[str, Any]:
    result = {
        "ruleId": finding.check, "ruleIndex": rule, "level": _LEVELS[finding.severity],
        "message": {"text": visible(f"{finding.title}: {finding.explanation} {finding.recommendation}".strip())},
        "locations": [_location(finding.subject, name, lines)],
        "partialFingerprints": {"primaryLocationLineHash": finding.fingerprint},
        "properties": {"severity": finding.severity.value, "confidence": finding.confidence.value,
                       "pillar": finding.pillar},
    }  # fmt: skip
    if finding.related:
        result["relatedLocations"] = [
            {"id": number, "message": {"text": visible(f"{subject.kind} {subject.name}")},
             **_location(subject, name, lines)}
            for number, subject in enumerate(finding.related, start=1)
        ]  # fmt: skip
    if finding.suppressed is not None:
        until = f" (until {finding.suppressed.until})" if finding.suppressed.until else ""
        result["suppressions"] = [
            {"kind": "external", "status": "accepted", "justification": visible(finding.suppressed.reason) + until}
        ]
    return result


def _location(subject: Subject, name: str, lines: Mapping[Subject, int]) -> dict[str, Any]:
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": _uri(name), "index": 0}, "region": {"startLine": lines[subject]},
        },
        "logicalLocations": [{"fullyQualifiedName": visible(subject.name), "kind": subject.kind}],
    }  # fmt: skip


def _notifications(audit: Audit, left_out: int) -> list[dict[str, Any]]:
    """Say in the run what was not judged: silence must not pass for health."""
    told = [
        ("error" if result.outcome is Outcome.ERROR else "warning", f"{result.check}: {result.reason or 'no reason'}")
        for result in audit.checks
        if result.outcome in (Outcome.ERROR, Outcome.NOT_ASSESSED)
    ]
    told += [
        ("note", f"probe {probe.probe}: {probe.outcome.value}, {probe.reason or 'no reason'}")
        for probe in audit.probes
        if probe.outcome is not ProbeOutcome.OK
    ]
    if left_out:
        told.append(("warning", f"{left_out} findings are left out: code scanning takes at most {MOST_RESULTS}"))
    return [{"level": level, "message": {"text": visible(text)}} for level, text in told]


def _id(name: str) -> str:
    return "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "-" for c in name)


def _uri(name: str) -> str:
    return quote(name, errors="replace")
