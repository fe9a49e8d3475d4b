"""Names that a database may hold, and that must not break or steer anything that they are shown in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import psycopg
import pytest
from markdown_it import MarkdownIt

from tests.collecting import SECRET
from tests.commands import Program
from tests.servers import AnyServer, Database, connect
from tests.test_rendering_html import Page, check_structure

NAMES = {
    "quotes": "o'r\"d`e\\r",
    "markup": "<script>alert(1)</script>",
    "newline": "two\nlines\r\tx",
    "direction": "\u202egnorw\u2066x",
    "emoji": "\U0001f468\u200d\U0001f469\u200d\U0001f467 &amp;",
    "escape": "\x1b[31mred\x1b]0;title\x07",
    "long": "\u00e9" * 31 + "x",
    "dots": "a.b.c",
    "markdown": "](http://x) | **b** `",
    "template": "{{ 7*7 }}{% raw %}",
    "statement": '"; DROP TABLE x; --',
    "percent": "%s %(locked)s $1 :x",
    "dollar": "$$ $auditor$",
    "line": "a\u2028b\u0085c\x7f",
}
FORBIDDEN = set("\x1b\x07\x7f\x85\r\u202e\u2066\u2028")
DATABASE = "\x1b[31m<script>\"'`\\\n\u202e{{7*7}} %s $$; --\U0001f468/../é"


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def build(database: Database, name: str) -> None:
    """Make flawed objects that all have the name."""
    n = quoted(name)
    other = quoted(name[:20] + "_2")
    text = "'" + name.replace("'", "''") + "'"
    database.run(
        f"CREATE SCHEMA {n}", f"CREATE TABLE {n}.{n} ({n} bigint PRIMARY KEY, note json, at timestamp)",
        f"CREATE TABLE {n}.{other} (id int, {n} bigint, CONSTRAINT {n} FOREIGN KEY ({n}) REFERENCES {n}.{n},"
        f" twice text DEFAULT {text} CHECK (twice <> {text} || 'x'))",
        f"CREATE INDEX {quoted(name[:20] + '_i')} ON {n}.{other} (id)",
        f"CREATE INDEX {quoted(name[:20] + '_j')} ON {n}.{other} (id)",
        f"CREATE INDEX {quoted(name[:20] + '_k')} ON {n}.{other} (twice) WHERE twice = {text}",
        f"CREATE VIEW {quoted(name[:20] + '_v')} AS SELECT * FROM {n}.{other}",
        f"CREATE FUNCTION {n}.{n}({n} int) RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
        f"CREATE TYPE {n}.{quoted(name[:20] + '_t')} AS ENUM ({text})",
        f"CREATE SEQUENCE {n}.{quoted(name[:20] + '_s')}",
        f"COMMENT ON TABLE {n}.{n} IS {text}",
        f"INSERT INTO {n}.{n} SELECT g FROM generate_series(1, 3000) g",
        f"INSERT INTO {n}.{other} SELECT g, g FROM generate_series(1, 3000) g", "ANALYZE",
        f"GRANT ALL ON {n}.{n} TO PUBLIC",
    )  # fmt: skip


@pytest.fixture(scope="module")
def url(server: AnyServer) -> Iterator[str]:
    """The URL of a database full of such names, for a role with few rights; both have such a name too."""
    name = quoted(DATABASE)
    with connect(server) as admin:
        admin.execute(f"CREATE DATABASE {name}".encode())
        admin.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{SECRET}'".encode())
        try:
            for each in NAMES.values():
                build(Database(server, DATABASE), each)
            yield server.url(DATABASE, DATABASE, SECRET)
        finally:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
            admin.execute(f"DROP ROLE {name}".encode())


def harmless(text: str) -> None:
    """Nothing in the text steers a terminal or reorders what a person reads."""
    assert not FORBIDDEN & set(text), sorted(map(ascii, FORBIDDEN & set(text)))


def test_nothing_raw_comes_out_anywhere(tmp_path: Path, url: str) -> None:
    program = Program(tmp_path, url)
    outputs = ("html:r.html", "md:r.md", "sarif:r.sarif", "junit:r.xml", "json:r.json")
    said = program("audit", "env:TARGET", "--erd", *(part for output in outputs for part in ("-o", output)))
    assert said.status == 0, said.err
    harmless(said.text)
    for file in ("r.html", "r.md", "r.sarif", "r.xml", "r.objects.txt"):
        harmless((tmp_path / file).read_text())
    audit = json.loads((tmp_path / "r.json").read_bytes())
    assert audit["target"]["name"] == DATABASE
    assert not [check for check in audit["checks"] if check["outcome"] == "error"]
    subjects = {finding["subject"]["name"] for finding in audit["findings"]}
    assert {f"{name}.{name[:20]}_2" for name in NAMES.values()} <= subjects
    page = Page((tmp_path / "r.html").read_text())
    check_structure(page)
    assert "<script>alert" not in page.text
    assert "49{% raw" not in page.seen
    ET.parse(tmp_path / "r.xml")
    assert json.loads((tmp_path / "r.sarif").read_bytes())["runs"]
    tokens = MarkdownIt("commonmark").enable("table").parse((tmp_path / "r.md").read_text())
    inner = [token for block in tokens for token in (block, *(block.children or ()))]
    assert not [token for token in inner if token.type.startswith("html") and "script" in token.content]
    assert not [token for token in inner if str(token.attrs.get("href", "#"))[0] != "#"]
    assert "\n- Mends: " in (tmp_path / "r.md").read_text()
    assert not re.search(r"\\- [A-Z]|\S- [A-Z][a-z]+: ", (tmp_path / "r.md").read_text())
    assert program("render", "r.html", "-o", "json:again.json").status == 0
    assert (tmp_path / "again.json").read_bytes() == (tmp_path / "r.json").read_bytes()


def test_talk_and_errors_are_harmless(tmp_path: Path, url: str) -> None:
    program = Program(tmp_path, url)
    said = [
        program("doctor", "env:TARGET"),
        program("audit", "env:TARGET", "--only", "fk-*", "-o", "json:a.json"),
        program("audit", "env:TARGET", "--skip", "fk-*", "-o", "json:b.json"),
        program("diff", "a.json", "b.json"),
        program("baseline", "create", "b.json", "--reason", DATABASE),
        program("audit", "env:TARGET", "--baseline", "auditor-baseline.json", "-o", "md:c.md"),
        program("audit", url.replace(f":{SECRET}@", ":wrong@")),
        program("audit", url + "x"),
        program("audit", "env:TARGET", "-o", f"html:{DATABASE.replace('/', '')}.html"),
    ]
    assert [one.status for one in said] == [0, 0, 0, 0, 0, 0, 3, 3, 0]
    for one in said:
        harmless(one.text)
    shown = program.on_terminal("doctor", "env:TARGET")
    assert shown.status == 0
    harmless(re.sub(r"\x1b\[2K|\x1b\[\d*m|\r", "", shown.out))


def test_the_grants_of_the_doctor_run(tmp_path: Path, url: str, server: AnyServer) -> None:
    program = Program(tmp_path, url)
    said = program("doctor", "env:TARGET")
    statements = re.findall(r"(?:[^;\"]|\"[^\"]*\")+;", said.out)
    assert statements
    assert len(said.out.splitlines()) == len(statements)
    with connect(server, DATABASE) as admin:
        for statement in statements:
            admin.execute(statement.encode())
    after = program("doctor", "env:TARGET")
    assert "No grant would show more." in after.err, after.text


def run_plan(url: str, audit: dict[str, dict[str, list[dict[str, list[dict[str, object]]]]]], kinds: set[str]) -> int:
    """Run the steps of a plan that the database takes, for the operations of some kinds; return how many."""
    kind_of = {str(operation["id"]): operation["kind"] for operation in audit["plan"]["operations"]}
    done = 0
    with psycopg.connect(url, autocommit=True) as connection:
        for phase in audit["plan"]["phases"]:
            for step in phase["steps"]:
                if kind_of[str(step["operation"])] not in kinds or step["audience"] != "database":
                    continue
                statements = [str(statement) for statement in step["statements"]]  # type: ignore[attr-defined]
                if step["transactional"]:
                    with connection.transaction():
                        for statement in statements:
                            connection.execute(statement.encode())
                else:
                    for statement in statements:
                        connection.execute(statement.encode())
                done += 1
    return done


def test_the_plan_runs_as_it_is_written(tmp_path: Path, url: str, server: AnyServer) -> None:
    program = Program(tmp_path, server.url(DATABASE))
    checks = ("fk-no-index", "idx-duplicate", "table-no-pk")
    only = [part for check in checks for part in ("--only", check)]
    assert program("audit", "env:TARGET", "-o", "json:r.json", *only).status == 0
    audit = json.loads((tmp_path / "r.json").read_bytes())
    found = {finding["check"] for finding in audit["findings"]}
    assert found == set(checks)
    kinds = {operation["kind"] for operation in audit["plan"]["operations"]}
    assert {"add-index", "drop-index"} <= kinds
    assert run_plan(server.url(DATABASE), audit, {"add-index", "drop-index"}) >= 2 * len(NAMES)
    assert program("audit", "env:TARGET", "-o", "json:r.json", *only).status == 0
    left = {finding["check"] for finding in json.loads((tmp_path / "r.json").read_bytes())["findings"]}
    assert left == {"table-no-pk"}
