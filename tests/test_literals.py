"""No literal outlives the scanner, whatever its form; what is no literal stays readable."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor_connectors.postgresql.literals import LIMIT, redact
from tests.servers import AnyServer

MARKER = "hunter2"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT * FROM t WHERE a = 'x''y' AND b = $1", "SELECT * FROM t WHERE a = ? AND b = $1"),
        (r"SELECT E'it\'s', e'a\\', 'plain'", "SELECT ?, ?, ?"),
        ("SELECT $$a $b$ c$$, $tag$ $$ $tag$", "SELECT ?, ?"),
        ("SELECT b'101', X'1F', N'a', U&'\\0061'", "SELECT ?, ?, ?, ?"),
        ("SELECT -1, 1.5e-10, .5, 1., 0x1F, 1_000", "SELECT -?, ?, ?, ?, ?, ?"),
        ("SELECT a1, t2.c3, foo$1$bar FROM s4", "SELECT a1, t2.c3, foo$1$bar FROM s4"),
        ('SELECT "a b ""1""", U&"d\\0061t" FROM "T 2"', 'SELECT "a b ""1""", U&"d\\0061t" FROM "T 2"'),
        ("SELECT a /* one /* two */ 'x' */ + b -- 'y'\nFROM t", "SELECT a + b FROM t"),
        ("  SELECT\n\ta ,  b\r\n", "SELECT a , b"),
        ("SELECT a[1:2], '{}'::int[]", "SELECT a[?:?], ?::int[]"),
        ("CREATE ROLE r PASSWORD 'x' VALID UNTIL 'y'", "CREATE ROLE r PASSWORD ? VALID UNTIL ?"),
        ("ALTER USER r WITH PASSWORD hunter2", "ALTER USER r WITH PASSWORD ?"),
        ("SELECT password FROM users", "SELECT password FROM users"),
        ("SET my.token = hunter2", "SET my.token = ?"),
        ("BEGIN; SET LOCAL my.token TO hunter2, x; SELECT 1", "BEGIN; SET LOCAL my.token TO ?"),
        ("ALTER ROLE r IN DATABASE d SET a.b TO hunter2", "ALTER ROLE r IN DATABASE d SET a.b TO ?"),
        ("UPDATE t SET a = b", "UPDATE t SET a = b"),
        ("SET ROLE x", "SET ROLE x"),
        ("DO $do$ BEGIN PERFORM 'hunter2'; END $do$", "DO ?"),
        ("COPY t FROM PROGRAM 'curl hunter2' WITH (FORMAT csv)", "COPY t FROM PROGRAM ? WITH (FORMAT csv)"),
        ("SELECT 'cut off hunter2", "SELECT ?"),
        ("SELECT 1 /* cut off hunter2", "SELECT ?"),
        ("SELECT $x$ cut off hunter2", "SELECT ?"),
        ('SELECT "cut off hunter2', "SELECT ?"),
        # Whether the second quote ends the string is a setting of the session, so that nothing after it is safe.
        (r"SELECT 'c:\', 'hunter2'", "SELECT ?"),
        (r"SELECT 'it\'s hunter2', a", "SELECT ?"),
        # To the server the pile is part of a word, so that no escape string begins there.
        ("SELECT \U0001f4a9E'a\\'", "SELECT \U0001f4a9E?"),
        ("<insufficient privilege>", ""),
        ("", ""),
    ],
)
def test_statements_lose_their_literals(text: str, expected: str) -> None:
    assert redact(text) == expected


def test_a_long_statement_is_cut_after_its_literals_are_out() -> None:
    text = "SELECT " + ", ".join(f"column_{number} + 'hunter2'" for number in range(1000))
    result = redact(text)
    assert len(result) == LIMIT
    assert result.endswith("…")
    assert MARKER not in result
    assert len(redact(text, limit=len(text))) > LIMIT


QUOTED = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12).map(
    lambda text: f"{text}{MARKER}{text}"
)
TAGS = st.sampled_from(["", "a", "body", "_1", "é"])
LITERALS = st.one_of(
    # A backslash before a quote is ambiguous in a plain string and is tested on its own.
    QUOTED.map(lambda text: "'" + text.replace("\\", "").replace("'", "''") + "'"),
    QUOTED.map(lambda text: "E'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"),
    QUOTED.map(lambda text: "U&'" + text.replace("\\", "").replace("'", "''") + "'"),
    st.tuples(TAGS, QUOTED)
    .filter(lambda pair: f"${pair[0]}$" not in pair[1] and not pair[1].endswith("$"))
    .map(lambda pair: f"${pair[0]}${pair[1]}${pair[0]}$"),
    st.just(f"/* {MARKER} /* nested {MARKER} */ */ 1"),
    st.just(f"-- {MARKER}\n1"),
)
NUMBERS = st.one_of(
    st.integers(0, 10**30).map(str), st.floats(0, allow_infinity=False, allow_nan=False).map(repr), st.just("0xBEEF")
)
NAMES = st.sampled_from(["a", "t1", "e", "n", "b", "x", "u", '"A b"', '"it\'s"', "x$1", "$1", "\u00e9E", "NULL"])
GLUE = st.sampled_from([" ", ", ", " = ", "\n", " + ", "::", " /* c */ ", "(", ") "])


@given(st.lists(st.tuples(st.one_of(LITERALS, NUMBERS, NAMES), GLUE), min_size=1, max_size=12))
def test_no_literal_survives(parts: list[tuple[str, str]]) -> None:
    text = "".join(piece + glue for piece, glue in parts)
    result = redact(text)
    assert MARKER not in result
    assert "--" not in result
    assert "BEEF" not in result


@given(st.lists(st.tuples(NAMES, GLUE), max_size=12))
def test_a_text_without_literals_keeps_its_words(parts: list[tuple[str, str]]) -> None:
    text = "".join(piece + glue for piece, glue in parts)
    assert "".join(redact(text).split()) == "".join(text.replace("/* c */", "").split())


@given(st.text())
def test_any_text_is_answered_within_the_limit(text: str) -> None:
    assert len(redact(text)) <= LIMIT


@pytest.fixture(scope="module")
def connection(server: AnyServer) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(server.url(), autocommit=True) as connection:
        yield connection


@given(LITERALS)
def test_the_server_agrees_on_where_a_literal_ends(connection: psycopg.Connection[Any], text: str) -> None:
    """What the scanner takes for one literal is one value to the server, so that nothing of it is left outside."""
    assert redact(text) == "?"
    row = connection.execute(f"SELECT {text}".encode()).fetchone()
    assert row is not None
    assert len(row) == 1
