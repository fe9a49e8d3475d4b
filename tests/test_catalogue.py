"""The catalogue keeps its own rules: names, documentation, vocabulary, and pages that match the code."""

from __future__ import annotations

import ast
import inspect
import sys
from pathlib import Path

import pytest

from auditor.catalogue import pages
from auditor.documentation import said_of
from auditor.model.check import HEADINGS, LoadedCheck
from auditor.model.vocabulary import Pillar
from auditor.registry import load_checks, load_connectors
from auditor.rendering.view import SECTIONS
from tests.words import foreign_words

CHECKS = list(load_checks().values())
DOCS = Path(__file__).parent.parent / "docs" / "checks"
PROBES = {info.probe for connector in load_connectors().values() for info in connector.probes()} | {"slow-log"}


@pytest.mark.parametrize("loaded", CHECKS, ids=lambda loaded: loaded.id)
def test_a_check_is_named_documented_and_limited(loaded: LoadedCheck) -> None:
    check = loaded.check
    module = sys.modules[loaded.judge.__module__]
    assert Path(inspect.getfile(module)).stem == loaded.id.replace("-", "_")
    assert len(check.title) <= 90
    assert not check.title.startswith("Ensure")
    assert not check.title.endswith(".")
    assert check.passed
    assert check.passed != check.title
    assert all(loaded.sections[heading] for heading in HEADINGS)
    assert {name for need in check.needs for name in need.split("|")} <= PROBES
    assert all(isinstance(limit, (int, float)) for limit in loaded.limits.values())
    assert loaded.judge.__doc__


@pytest.mark.parametrize("loaded", CHECKS, ids=lambda loaded: loaded.id)
@pytest.mark.parametrize("engine", sorted(load_connectors()))
def test_a_page_says_of_each_engine_what_is_true_there(loaded: LoadedCheck, engine: str) -> None:
    if loaded.check.engines and engine not in loaded.check.engines:
        return
    probes = {probe.probe for probe in load_connectors()[engine].probes()}
    if not set(loaded.check.needed(probes)) <= probes:
        return
    for heading in SECTIONS:
        text = said_of(engine, loaded.sections[heading])
        assert text, heading
        assert foreign_words(engine, text) == [], heading


def test_paragraphs_about_other_engines_are_left_out() -> None:
    text = "For all: this.\n\nPostgreSQL: That.\n\nMySQL, MariaDB: Another."
    assert said_of("postgresql", text) == "For all: this.\n\nThat."
    assert said_of("mariadb", text) == "For all: this.\n\nAnother."


@pytest.mark.parametrize("loaded", CHECKS, ids=lambda loaded: loaded.id)
def test_a_check_is_pure(loaded: LoadedCheck) -> None:
    module = sys.modules[loaded.judge.__module__]
    allowed = ("__future__", "auditor", "collections", "dataclasses", "datetime", "enum", "fnmatch", "functools",
               "itertools", "json", "math", "re", "string", "typing", "ipaddress")  # fmt: skip
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        for name in names:
            assert name.partition(".")[0] in (*allowed, "auditor_checks", "msgspec"), name


def test_every_pillar_has_checks() -> None:
    assert {loaded.check.pillar for loaded in CHECKS} == set(Pillar)


def test_the_pages_are_those_that_the_checks_make() -> None:
    wanted = pages(load_checks())
    found = {path.name: path.read_text(encoding="utf-8") for path in DOCS.glob("*.md")}
    assert found == wanted, "run: make docs"
