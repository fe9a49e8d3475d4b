"""What the tests of failures read from a run and from its report."""

from __future__ import annotations

import json
from pathlib import Path

from tests.commands import Said


def refused(said: Said, status: int, *words: str) -> None:
    """An error is one line and at most one hint, on standard error alone, and it leaves no file."""
    errors = [line for line in said.lines() if line.startswith("error: ")]
    hints = [line for line in said.lines() if line.startswith("hint: ")]
    notes = [line for line in said.lines() if line.startswith("note: ")]
    assert said.status == status, said.text
    assert said.out == ""
    assert len(errors) == 1, said.err
    assert len(hints) <= 1
    assert len(errors + hints + notes) == len(said.lines()), said.err
    for word in words:
        assert word in said.err


def report_of(folder: Path, name: str = "auditor-report/report.json") -> dict[str, list[dict[str, str]]]:
    document: dict[str, list[dict[str, str]]] = json.loads((folder / name).read_bytes())
    return document


def probes(folder: Path) -> dict[str, dict[str, str]]:
    return {probe["probe"]: probe for probe in report_of(folder)["probes"]}
