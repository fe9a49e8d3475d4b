"""The certificate of a rehearsal in the reports."""

from __future__ import annotations

import re

import pytest
from msgspec.structs import replace

from auditor.model.report import Audit
from auditor.rendering import read_report, render
from tests.sample_audit import proof_of, shop_audit

SHOP = shop_audit()
FAILED = replace(SHOP, proof=proof_of(SHOP.plan, "Nobody saw why", passed=False))


def words(audit: Audit, form: str) -> str:
    text = render(audit, form).main.decode()
    return " ".join(re.sub(r"<[^>]*>|\*\*|\\", " ", text).split())


@pytest.mark.parametrize("form", ["html", "md"])
def test_the_certificate_says_what_was_proved_and_for_what(form: str) -> None:
    said = words(SHOP, form)
    assert "Passed on Sample 18.6 with 412,000 rows (25% of the real ones)" in said
    assert "Good until 2026-11-29 11:00 UTC, and for the plan 0f0f0f0f0f0f0f0f only" in said
    assert "M14 The longest wait of a client" in said
    assert "Clients asked 91,000 questions meanwhile" in said
    assert "Failed" not in said


@pytest.mark.parametrize("form", ["html", "md"])
def test_what_failed_is_named_with_its_step(form: str) -> None:
    said = words(FAILED, form)
    assert "Failed on Sample 18.6" in said
    assert re.search(r"Failed (step 5|expand-\d+|\S+) ?: Nobody saw why", said)


@pytest.mark.parametrize("form", ["html", "md"])
def test_a_plan_that_was_not_rehearsed_says_so(form: str) -> None:
    assert "This plan was not rehearsed" in words(replace(SHOP, proof=None), form)


def test_every_step_says_what_became_of_it() -> None:
    proof = SHOP.proof
    assert proof is not None
    said = words(SHOP, "md")
    assert said.count("In the rehearsal: rehearsed.") == sum(step.outcome == "rehearsed" for step in proof.steps)
    assert said.count("In the rehearsal: not rehearsed.") == sum(
        step.outcome == "not-rehearsed" for step in proof.steps
    )


@pytest.mark.parametrize("form", ["json", "html"])
def test_the_certificate_is_read_back(form: str) -> None:
    assert read_report(render(FAILED, form).main).proof == FAILED.proof
