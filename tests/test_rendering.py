"""What holds for every format, the JSON contract, and reports read back."""

from __future__ import annotations

import base64
import bz2
import json
import re
import time

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from auditor.errors import UsageError
from auditor.model.plan import Plan, PlanPhase, Step
from auditor.model.report import Audit
from auditor.model.vocabulary import Phase, Severity
from auditor.rendering import FORMATS, read_report, render
from auditor.rendering.decisions import decisions, worth
from auditor.rendering.view import View
from tests.sample_audit import HOSTILE, empty_audit, hostile_audit, large_audit, shop_audit

AUDITS = {"shop": shop_audit(), "hostile": hostile_audit(), "empty": empty_audit(), "large": large_audit(60, 5)}
NAMES = st.lists(st.one_of(st.sampled_from(HOSTILE), st.text(min_size=1, max_size=70)), min_size=1, max_size=12)
FUZZ = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("name", AUDITS)
def test_every_format_renders_every_audit_twice_the_same(form: str, name: str) -> None:
    first, second = render(AUDITS[name], form), render(AUDITS[name], form)
    assert first == second
    first.main.decode("utf-8")


@FUZZ
@given(names=NAMES, form=st.sampled_from(list(FORMATS)))
def test_no_name_breaks_a_format(names: list[str], form: str) -> None:
    rendered = render(hostile_audit(names), form)
    text = rendered.main.decode("utf-8")
    assert not set("\x1b\x00\x07\x7f\u202e\u2067\u2028") & set(text if form != "json" else "")


def test_an_unknown_format_is_answered_with_the_nearest() -> None:
    with pytest.raises(UsageError) as caught:
        render(AUDITS["empty"], "htm")
    assert "html" in caught.value.hint


def test_json_has_every_key_of_the_contract() -> None:
    report = json.loads(render(AUDITS["shop"], "json").main)
    assert list(report)[:9] == [
        "schema_version", "tool", "target", "score", "findings", "checks", "probes", "plan", "inventory",
    ]  # fmt: skip
    assert set(report["tool"]) == {"name", "version"}
    target = {"engine", "flavour", "version", "name", "collected_at", "stats_since", "stats_days"}
    assert target <= set(report["target"])
    assert report["target"]["flavour"] is None
    assert {"overall", "grade", "coverage", "pillars"} <= set(report["score"])
    assert {"pillar", "score", "coverage", "worst"} <= set(report["score"]["pillars"][0])
    finding = {
        "check", "fingerprint", "title", "pillar", "severity", "confidence", "subject", "related", "evidence", "impact",
        "explanation", "recommendation", "operations", "suppressed",
    }  # fmt: skip
    assert all(set(item) == finding for item in report["findings"])
    assert set(report["findings"][0]["subject"]) == {"kind", "name"}
    assert set(report["findings"][0]["evidence"][0]) == {"name", "value", "unit", "probe"}
    assert {"check", "outcome", "examined", "of", "reason"} <= set(report["checks"][0])
    assert all(
        set(item) == {"probe", "outcome", "rows", "milliseconds", "reason", "grant"} for item in report["probes"]
    )
    assert set(report["plan"]) == {"operations", "phases", "conflicts", "hash", "shapes"}
    assert all({"id", "kind"} <= set(item) for item in report["plan"]["operations"])
    step = {
        "id", "title", "operation", "depends_on", "statements", "transactional", "lock", "blocks", "blocking_seconds",
        "duration_seconds", "disk_bytes", "precondition", "verify", "rollback", "reversible", "point_of_no_return",
        "findings",
    }  # fmt: skip
    assert all(step <= set(item) for phase in report["plan"]["phases"] for item in phase["steps"])
    assert set(report["plan"]["conflicts"][0]) == {"operations", "decision", "reason"}


@pytest.mark.parametrize("form", ["json", "html"])
@pytest.mark.parametrize("name", AUDITS)
def test_reports_read_back_to_the_same_audit(form: str, name: str) -> None:
    assert read_report(render(AUDITS[name], form).main) == AUDITS[name]


@FUZZ
@given(names=NAMES)
def test_hostile_names_survive_the_way_through_a_page(names: list[str]) -> None:
    audit = hostile_audit(names)
    assert read_report(render(audit, "html").main) == audit


def _changed(audit: Audit, **fields: object) -> bytes:
    return json.dumps({**json.loads(msgspec.json.encode(audit)), **fields}).encode()


def _packed(data: bytes) -> bytes:
    written = base64.b85encode(data, pad=True).replace(b"<", b",")
    return b'<script type="application/octet-stream" id="audit">' + written + b"</script>"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is not a report"),
        (b"\x00\xff\xfe", "is not a report"),
        (b"[1, 2]", "is not a report"),
        (b'{"a": 1}', "no score and findings"),
        (b"<!doctype html><p>something else", "carries no data"),
        (render(AUDITS["shop"], "json").main[:5000], "is not a report"),
        (render(AUDITS["shop"], "html").main[:60_000], "carries no data"),
        (_changed(AUDITS["empty"], schema_version="2"), "version 2"),
        (_changed(AUDITS["empty"], schema_version=7), "version 7"),
        (_changed(AUDITS["empty"], findings=[{"check": 1}]), "is not a valid report"),
        (b'{"schema_version": "1", "probes": [], "catalog": {}, "target": {}}', "is a snapshot"),
        (_packed(bz2.compress(b"{}")[:-4]), "is cut off"),
        (_packed(bz2.compress(b"{}")[4:]), "is damaged"),
        (b'<script type="application/octet-stream" id="audit">" "</script>', "is damaged"),
        (b'<script type="application/octet-stream" id="audit">AAAA</script>', "is damaged"),
    ],
    ids=range(15),
)
def test_what_is_no_report_is_refused_in_one_line(data: bytes, reason: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_report(data, "old.html")
    assert reason in caught.value.message
    assert "old.html" in caught.value.message
    assert "\n" not in caught.value.message


def test_decisions_are_few_gravest_first_and_lead_to_a_card() -> None:
    view = View(AUDITS["shop"])
    found = decisions(view)
    assert 3 <= len(found) <= 5
    assert [decision.severity.rank for decision in found] == sorted(decision.severity.rank for decision in found)
    assert found[0].severity is Severity.CRITICAL
    cards = {card.anchor for group in view.cards.values() for card in group}
    assert {decision.card for decision in found} <= cards
    assert any(decision.title == "Build 16 missing indexes" for decision in found)


def test_bytes_are_given_back_by_decisions_that_take_something_away() -> None:
    audit = AUDITS["shop"]
    finding = next(
        item for item in audit.findings if item.operations[:1] and item.operations[0].startswith("add-index")
    )
    worth_bytes = replace(finding, impact=replace(finding.impact, bytes=155_648))
    replacing = replace(
        worth_bytes,
        check="index-too-wide",
        operations=(*finding.operations, "drop-index:shop.wide"),
        fingerprint="other",
    )
    changed = replace(audit, findings=(worth_bytes, replacing, *(f for f in audit.findings if f is not finding)))
    before, after = ({d.title: d for d in decisions(View(item))} for item in (audit, changed))
    title = "Build 16 missing indexes"
    assert after[title].buys == before[title].buys
    alone = decisions(View(replace(audit, findings=(replacing,))))
    assert [(d.title, d.buys[0]) for d in alone] == [(replacing.title, "gives back 152 KiB")]


def test_of_equally_grave_decisions_the_cheapest_points_come_first() -> None:
    audit = AUDITS["shop"]
    finding, result = audit.findings[0], audit.checks[0]
    steps = {
        "coded": Step(id="1", title="t", operation="coded", audience="application"),
        "final": Step(id="2", title="t", operation="final", point_of_no_return=True, reversible=False),
        "brief": Step(id="3", title="t", operation="brief", duration_seconds=0.01),
        "long": Step(id="4", title="t", operation="long", duration_seconds=36_000.0),
    }
    made = replace(
        audit,
        findings=tuple(replace(finding, check=n, title=n, fingerprint=n, operations=(n,)) for n in steps),
        checks=tuple(replace(result, check=name, lost=4.0) for name in steps),
        plan=Plan(phases=(PlanPhase(phase=Phase.EXPAND, steps=tuple(steps.values())),)),
    )
    assert [one.title for one in decisions(View(made))] == ["brief", "final", "coded", "long"]
    dearer = replace(made, checks=tuple(replace(one, lost=90.0 if one.check == "long" else 4.0) for one in made.checks))
    assert decisions(View(dearer))[0].title == "long", "it wins more for each hour"


def test_shares_are_written_in_per_cent() -> None:
    seen = render(AUDITS["shop"], "md").main.decode()
    assert "| share used | 90% | sequences |" in seen
    assert re.search(r"\d %(?!\w)", seen) is None


def test_decisions_of_an_audit_without_findings_are_none() -> None:
    assert decisions(View(AUDITS["empty"])) == []


def test_an_object_that_two_findings_speak_of_is_worth_its_highest_figure_once() -> None:
    audit = AUDITS["shop"]
    finding = next(item for item in audit.findings if item.impact.bytes)
    other = replace(finding, check="index-unused", fingerprint="other")
    twice = replace(audit, findings=(*audit.findings, other))
    assert worth(View(twice)).bytes == worth(View(audit)).bytes > 0


def test_accepted_findings_count_nowhere_but_are_listed() -> None:
    view = View(AUDITS["shop"])
    accepted = view.accepted[0]
    assert sum(view.counts.values()) == len(AUDITS["shop"].findings) - len(view.accepted)
    assert accepted.fingerprint not in view.places
    assert b"Written once, archived monthly" in render(AUDITS["shop"], "html").main


def test_every_finding_and_step_has_a_place_on_the_page() -> None:
    view = View(AUDITS["large"])
    assert set(view.places) == {finding.fingerprint for finding in view.open}
    assert set(view.step_places) == {placed.number for placed in view.steps}


@pytest.mark.timing
def test_twenty_thousand_findings_are_written_in_seconds() -> None:
    audit = large_audit(10_000, 2)
    for form in FORMATS:
        began = time.process_time()
        render(audit, form)
        assert time.process_time() - began < 6.0, form  # one to two seconds where nothing else runs
