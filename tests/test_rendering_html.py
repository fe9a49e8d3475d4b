"""The page: locked, self-contained, well-formed, within its size, and safe against the names that it prints."""

from __future__ import annotations

import base64
import hashlib
import html
import itertools
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given

from auditor.model.report import Audit
from auditor.rendering import render
from auditor.rendering.reading import PACKED, PLAIN
from auditor.rendering.view import View
from auditor.text import visible
from tests.sample_audit import HOSTILE, empty_audit, hostile_audit, large_audit, shop_audit
from tests.test_rendering import FUZZ, NAMES

VOID = {"meta", "br", "input", "rect", "path"}
CLOSED_BY = {
    "td": {"td", "th"}, "th": {"td", "th"}, "tr": {"td", "th", "tr"}, "tbody": {"td", "th", "tr", "thead"},
    "li": {"li"}, "dt": {"dt", "dd"}, "dd": {"dt", "dd"},
}  # fmt: skip
"""Elements whose end tag may be left out, by the start tags that then close them (HTML, "Optional tags")."""
OPTIONAL = set().union(*CLOSED_BY.values()) | {"tbody"}


class Page(HTMLParser):
    """A page taken apart: its elements in order, and whether every one is closed where it should be."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text = text
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.stack: list[str] = []
        self.faults: list[str] = []
        self.seen = ""
        self.feed(text)
        self.close()
        self.faults += [f"{tag} is not closed" for tag in self.stack]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        while self.stack and self.stack[-1] in CLOSED_BY.get(tag, set()):
            self.stack.pop()
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        while self.stack and self.stack[-1] != tag and self.stack[-1] in OPTIONAL:
            self.stack.pop()
        if not self.stack or self.stack[-1] != tag:
            self.faults.append(f"</{tag}> closes {self.stack[-1:]}")
        elif self.stack:
            self.stack.pop()

    def handle_data(self, data: str) -> None:
        if self.stack and self.stack[-1] not in ("script", "style"):
            self.seen += data

    def all(self, name: str) -> list[str]:
        return [str(attributes[name]) for _, attributes in self.elements if attributes.get(name) is not None]


def page_of(audit: Audit) -> Page:
    return Page(render(audit, "html").main.decode("utf-8"))


PAGES = {
    "shop": page_of(shop_audit()), "hostile": page_of(hostile_audit()), "empty": page_of(empty_audit()),
    "large": page_of(large_audit(80, 12)),
}  # fmt: skip


def check_structure(page: Page) -> None:
    assert page.faults == []
    ids = page.all("id")
    assert len(ids) == len(set(ids))
    links = page.all("href")
    assert {link[1:] for link in links if link.startswith("#")} <= set(ids)
    assert all(link.startswith("#") for link in links)
    assert [tag for tag, _ in page.elements].count("h1") == 1
    assert page.all("src") == []
    assert page.all("style") == []
    assert not {name for _, attributes in page.elements for name in attributes if name.startswith("on")}
    assert [tag for tag, _ in page.elements if tag in ("img", "iframe", "object", "link", "base", "embed")] == []
    assert sum(tag == "script" for tag, _ in page.elements) == 2


@pytest.mark.parametrize("name", PAGES)
def test_pages_are_well_formed_and_their_links_resolve(name: str) -> None:
    check_structure(PAGES[name])


@FUZZ
@given(names=NAMES)
def test_no_name_changes_the_structure(names: list[str]) -> None:
    check_structure(page_of(hostile_audit(names)))


@pytest.mark.parametrize("name", PAGES)
def test_the_policy_names_the_hashes_of_style_and_script(name: str) -> None:
    page = PAGES[name]
    (policy,) = [attributes["content"] for tag, attributes in page.elements if "http-equiv" in attributes]
    style = re.search(r"<style>(.*?)</style>", page.text, re.DOTALL)
    script = re.search(r"<script>(.*?)</script>", page.text, re.DOTALL)
    assert policy
    assert style
    assert script
    for element, directive in ((style, "style-src"), (script, "script-src")):
        digest = base64.b64encode(hashlib.sha256(element[1].encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy


def test_nothing_points_outside() -> None:
    page = PAGES["shop"]
    assert re.findall(r"(?:https?:)?//[a-z]", re.sub(r"<script type.*?</script>", "", page.text)) == []
    assert "url(" not in page.text.replace("url(#arrow)", "")
    assert "@import" not in page.text


def test_headings_descend_one_level_at_a_time() -> None:
    for page in PAGES.values():
        levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h[1-6]", tag)]
        assert levels[0] == 1
        assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_tables_have_captions_and_scopes() -> None:
    for page in PAGES.values():
        tags = [tag for tag, _ in page.elements]
        assert tags.count("table") == tags.count("caption")
        assert all("scope" in attributes for tag, attributes in page.elements if tag == "th")


def test_hostile_names_are_shown_spelled_out() -> None:
    page = PAGES["hostile"]
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x1b\x7f]", page.text)
    for name in HOSTILE:
        assert visible(name) in page.seen


def test_statements_look_safe_and_copy_true() -> None:
    name = "a\u202eb\nc\td\u2067"
    page = page_of(hostile_audit([name]))
    statement = re.search(r"<pre>(CREATE INDEX.*?)</pre>", page.text, re.DOTALL)
    assert statement
    assert 'data-u="\\u202e"' in statement[1]
    copied = html.unescape(re.sub(r"<[^>]+>", "", statement[1]))
    assert copied == f'CREATE INDEX ON "{name}" (x);'


def test_small_data_is_plain_and_large_data_packed() -> None:
    assert f'<script type="{PLAIN}" id="audit">' in PAGES["empty"].text
    assert f'<script type="{PACKED}" id="audit">' in PAGES["large"].text


@pytest.mark.parametrize(("tables", "per_table", "limit"), [(50, 6, 300_000), (2000, 2, 2_000_000)])
def test_pages_stay_within_their_size(tables: int, per_table: int, limit: int) -> None:
    assert len(render(large_audit(tables, per_table), "html").main) <= limit


def test_long_lists_are_cut_with_a_count() -> None:
    audit = large_audit(2000, 2)
    page = page_of(audit)
    shown = sum(bool(re.match("f-", identifier)) for identifier in page.all("id"))
    left_out = sum(card.left_out for group in View(audit).cards.values() for card in group)
    assert shown + left_out == len(audit.findings)
    assert "listed in the JSON report" in page.seen
    assert "more steps need scripts" in page.seen


def test_the_page_says_what_was_not_seen_and_how_to_see_it() -> None:
    seen = PAGES["shop"].seen
    for text in (
        "GRANT pg_monitor TO auditor;", "the probe passwords was denied", "20 of 22", "ZeroDivisionError",
        "Written once, archived monthly", "2027-06-30", "no log file was given", "Point of no return",
    ):  # fmt: skip
        assert text in seen


def test_an_audit_of_nothing_says_so() -> None:
    seen = PAGES["empty"].seen
    for text in ("Nothing could be assessed", "No finding is open", "There is nothing to carry out"):
        assert text in seen
