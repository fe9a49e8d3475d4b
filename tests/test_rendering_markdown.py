"""Markdown: tables keep their shape, blocks their fences, and nothing from a database becomes syntax."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from auditor.model.report import Audit, Diagram, Reference, Relation
from auditor.rendering import render
from auditor.rendering.mermaid import EDGES, TABLES, write_mermaid
from auditor.rendering.to_markdown import code, escape, fence
from auditor.text import visible
from tests.sample_audit import HOSTILE, empty_audit, hostile_audit, large_audit, shop_audit
from tests.test_rendering import FUZZ, NAMES

PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
OURS = re.compile(r'</?(details|summary|code)>|<a id="[\w-]+">|</a>|<!-- -->')


def text_of(audit: Audit) -> str:
    return render(audit, "md").main.decode("utf-8")


def flat(text: str) -> list[Token]:
    tokens = PARSER.parse(text)
    return [token for parent in tokens for token in (parent, *(parent.children or ()))]


def check_structure(text: str) -> None:
    tokens = flat(text)
    assert [token.content for token in tokens if token.type == "image"] == []
    links = [str(token.attrs["href"]) for token in tokens if token.type == "link_open"]
    anchors = set(re.findall(r'<a id="([\w-]+)">', text)) | {"what-was-assessed"}
    assert {link.removeprefix("#") for link in links} <= anchors
    foreign = [t.content for t in tokens if t.type in ("html_inline", "html_block") and OURS.sub("", t.content).strip()]
    assert [text for text in foreign if not re.search("<summary>", text)] == []
    blocks = [token.info for token in tokens if token.type == "fence"]
    assert set(blocks) <= {"sql", "mermaid"}
    outside = re.sub(r"(?ms)^(`{3,})[a-z]+\n.*?^\1$", "", text)
    for table in re.findall(r"(?m)(?:^\|.*\n)+", outside):
        widths = {len(re.findall(r"(?<!\\)(?:\\\\)*\|", row)) for row in table.splitlines()}
        assert len(widths) == 1, table


@pytest.mark.parametrize(
    "audit",
    [shop_audit(), hostile_audit(), empty_audit(), large_audit(60, 9)],
    ids=["shop", "hostile", "empty", "large"],
)
def test_the_structure_holds(audit: Audit) -> None:
    check_structure(text_of(audit))


@FUZZ
@given(names=NAMES)
def test_no_name_changes_the_structure(names: list[str]) -> None:
    check_structure(text_of(hostile_audit(names)))


@FUZZ
@given(text=st.one_of(st.sampled_from(HOSTILE), st.text()))
def test_escaped_text_reads_as_it_was(text: str) -> None:
    wanted = visible(" ".join(text.split()) if "\n" in text else text)
    tokens = PARSER.parse(f"x {escape(text)} y")[1].children or []
    assert {token.type for token in tokens} <= {"text", "text_special", "html_inline"}
    read = "".join(token.content for token in tokens if token.type != "html_inline")
    assert read.split() == f"x {wanted} y".split()


@FUZZ
@given(text=st.one_of(st.sampled_from(HOSTILE), st.text(min_size=1)))
def test_code_in_a_cell_reads_as_it_was(text: str) -> None:
    cells = [token for token in PARSER.parse(f"| a | b |\n| - | - |\n| {code(text)} | z |\n") if token.type == "inline"]
    assert len(cells) == 4
    read = "".join(t.content for t in cells[2].children or [] if t.type in ("text", "text_special", "code_inline"))
    assert read.split() == visible(text).split()


@FUZZ
@given(text=st.one_of(st.sampled_from(HOSTILE), st.text(min_size=1)))
def test_a_fence_holds_its_statement(text: str) -> None:
    tokens = [token for token in PARSER.parse(fence(text)) if token.type == "fence"]
    assert len(tokens) == 1
    assert tokens[0].info == "sql"


def test_a_statement_with_hidden_characters_says_so() -> None:
    assert fence('SELECT "a\u202eb"').startswith("Characters that would hide are spelled out")
    assert fence("SELECT 1;\nSELECT\t2;") == "```sql\nSELECT 1;\nSELECT\t2;\n```"


def test_the_report_reads_in_order() -> None:
    headings = re.findall(r"(?m)^## (.*)$", text_of(shop_audit()))
    assert headings == [
        "Decisions that matter", "Plan at a glance", "Findings", "Plan in full", "Inventory", "What was assessed",
    ]  # fmt: skip


def test_mermaid_has_only_what_its_grammar_takes() -> None:
    text = write_mermaid(hostile_audit().diagram or Diagram(relations=(), references=()))
    name = r'"[^"\\`%#;<>{}\n]+"'
    for line in text.splitlines():
        assert re.fullmatch(
            rf"erDiagram|  {name}( {{)?|    [A-Za-z_]\w* [A-Za-z_]\w*( [PFU]K(, [PFU]K)*)?|  }}"
            rf"|  {name} (\|\||\|o)--(o\{{|o\|) {name} : {name}|  %% left out: \d+ tables, \d+ references",
            line,
        ), line


def test_mermaid_is_cut_and_says_what_is_left_out() -> None:
    relations = tuple(Relation(schema="s", name=f"t{n}", columns=(("id", "int", "PK"),)) for n in range(60))
    references = tuple(
        Reference(source=n % 60, target=(n * 7 + 1) % 60, columns=(f"c{n}",), nullable=False, unique=False)
        for n in range(900)
    )
    text = write_mermaid(Diagram(relations=relations, references=references, left_out=5))
    assert text.count("{\n") == TABLES
    assert text.count("--") == EDGES
    assert re.search(r"%% left out: 25 tables, \d+ references", text)


def test_entities_whose_names_are_cleaned_to_the_same_stay_apart() -> None:
    relations = tuple(Relation(schema="s", name=name, columns=()) for name in ('a"b', "a_b", "a`b"))
    names = re.findall(r'"[^"]+"', write_mermaid(Diagram(relations=relations, references=())))
    assert len(set(names)) == 3
