"""The reader of case files: splitting SQL as psql does, and refusing what it does not understand."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.model.vocabulary import Confidence, Severity
from tests.case_format import Case, CaseError, Expectation, load


def read(tmp_path: Path, text: str) -> tuple[Case, ...]:
    path = tmp_path / "table-no-pk.sql"
    path.write_text(text, encoding="utf-8")
    return load(path)


def statements(tmp_path: Path, sql: str) -> list[str]:
    (case,) = read(tmp_path, f"-- expect nothing\n{sql}")
    return [statement.text for statement in case.statements]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 'a;b'",
        "SELECT 'it''s; fine'",
        r"SELECT E'it\'s; fine'",
        'SELECT e\'\\\\\' AS "odd; ""name"',
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1; $$",
        "DO $body$ BEGIN PERFORM 1; EXECUTE $$ SELECT 2; $$; END $body$",
        "SELECT $1x, a$b, 'c;d'",
        "SELECT 1 /* a; /* nested; */ b; */ + 1",
        "SELECT 1 -- a; b\n + 1",
        "CREATE FUNCTION g(a int) RETURNS int BEGIN ATOMIC SELECT CASE WHEN a > 0 THEN 1 END; SELECT 2; END",
        "CREATE OR REPLACE PROCEDURE p() BEGIN ATOMIC SELECT 1; END",
        "CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2)",
        "SELECT 'Grüße; 🙂' AS \"größe;\"",
    ],
)
def test_a_semicolon_inside_does_not_end_a_statement(tmp_path: Path, sql: str) -> None:
    assert statements(tmp_path, f"{sql};\nSELECT 2;") == [sql, "SELECT 2"]


def test_a_transaction_block_is_several_statements(tmp_path: Path) -> None:
    assert statements(tmp_path, "BEGIN; SELECT 1; END;") == ["BEGIN", "SELECT 1", "END"]


def test_the_last_semicolon_may_be_left_out(tmp_path: Path) -> None:
    assert statements(tmp_path, "SELECT 1;\n-- That was all\nSELECT 2\n") == ["SELECT 1", "SELECT 2"]


def test_a_file_without_a_case_line_is_one_case(tmp_path: Path) -> None:
    (case,) = read(tmp_path, "-- expect: table public.t high likely\nCREATE TABLE t (a int);\n")
    assert case.id == "table-no-pk"
    assert case.expected == (Expectation("table", "public.t", severity=Severity.HIGH, confidence=Confidence.LIKELY),)
    assert case.majors() == (18,)


def test_what_stands_before_the_first_case_belongs_to_all(tmp_path: Path) -> None:
    first, second = read(
        tmp_path,
        "-- versions: 15-\nCREATE TABLE t (a int);\n"
        "-- case: Bare, and big\n-- expect: table public.t\nSELECT 1;\n-- case: two\n-- expect nothing\nSELECT 2;\n",
    )
    assert (first.id, second.id) == ("table-no-pk:bare-and-big", "table-no-pk:two")
    assert [[s.text for s in case.statements] for case in (first, second)] == [
        ["CREATE TABLE t (a int)", "SELECT 1"],
        ["CREATE TABLE t (a int)", "SELECT 2"],
    ]
    assert second.majors(everywhere=True) == (15, 16, 17, 18)


def test_sessions_and_repetition(tmp_path: Path) -> None:
    (case,) = read(
        tmp_path,
        "-- expect nothing\n-- repeat: 3\nSELECT 1;\nSELECT 2;\n-- session holder\nBEGIN;\n"
        "-- session waiter background\nLOCK t;\n-- main\nSELECT 3;\n",
    )
    assert [(s.text, s.session, s.background, s.repeat, s.line) for s in case.statements] == [
        ("SELECT 1", "", False, 3, 3),
        ("SELECT 2", "", False, 1, 4),
        ("BEGIN", "holder", False, 1, 6),
        ("LOCK t", "waiter", True, 1, 8),
        ("SELECT 3", "", False, 1, 10),
    ]


def test_where_a_case_runs_and_who_audits(tmp_path: Path) -> None:
    (case,) = read(
        tmp_path,
        "-- expect not-assessed\n-- server: wal_level=replica log_line_prefix='%m [%p] ' fsync=\n-- own server\n"
        "-- hba: host all all 0.0.0.0/0 md5\n-- hba: local all all peer\n-- as: pg_monitor app_read\n"
        "-- after: 36 hours\n"
        "-- limits: min_days=1 share=0.2\n-- on: 14 16\n-- replica audited\n-- slow log\nCREATE ROLE app_read;\n",
    )
    assert case.outcome == "not-assessed"
    assert case.settings == {"wal_level": "replica", "log_line_prefix": "%m [%p] ", "fsync": ""}
    assert case.hba == ("host all all 0.0.0.0/0 md5", "local all all peer")
    assert case.roles == ("pg_monitor", "app_read")
    assert case.after_days == 1.5
    assert case.limits == {"min_days": 1, "share": 0.2}
    assert case.majors(everywhere=True) == (14, 16)
    assert (case.replica, case.slow_log, case.exclusive) == ("audited", True, True)


def test_an_auditor_that_may_only_connect(tmp_path: Path) -> None:
    (case,) = read(tmp_path, "-- expect nothing\n-- as: nobody\n")
    assert case.roles == ()


@pytest.mark.parametrize(
    ("written", "kind", "name", "matches"),
    [
        ("table shop.orders", "table", "shop.orders", True),
        ("table shop.orders", "table", "shop.orders_2", False),
        ("table shop.orders", "view", "shop.orders", False),
        ("query *", "query", "a\nb", True),
        ("index shop.*_idx", "index", "shop.a.b_idx", True),
        ("index shop.*_idx", "index", "shop.a_index", False),
        ('table "shop.odd \\"name\\"\\n" high', "table", 'shop.odd "name"\n', True),
        ('table "shop.*"', "table", "shop.orders", False),
        ('table "shop.*"', "table", "shop.*", True),
    ],
)
def test_expected_names(tmp_path: Path, written: str, kind: str, name: str, matches: bool) -> None:
    (case,) = read(tmp_path, f"-- expect: {written}\n")
    assert case.expected[0].matches(kind, name) is matches


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("SELECT 1;", "table-no-pk.sql:1: the case expects nothing"),
        ("-- expect: table t\n-- expect nothing\n", "both findings and none"),
        ("-- expect nothing\n-- expect passed\n", ":2: the case already says"),
        ("-- expect: table\n", "write a kind and a name"),
        ("-- expect: table public.odd name\n", "'name' is no severity"),
        ("-- expect: table t high low\n", "'low' is no severity"),
        ("-- expect table t\n", "write 'expect: KIND NAME'"),
        ("-- expct: table t\n", "did you mean 'expect:'"),
        ("-- note: this is it\n", "a comment begins with a capital letter"),
        ("--expect: table t\n", "a directive begins with '-- '"),
        ("-- expect nothing\nSELECT 1\n-- case: two\n", ":3: '-- case: two' stands inside a statement"),
        ("-- expect nothing\n-- versions: 9-12\n", "no server of these versions"),
        ("-- expect nothing\n-- on: 18 19\n", "'19' is not one of 14"),
        ("-- expect nothing\n-- after: 2 weeks\n", "write a number and 'days' or 'hours'"),
        ("-- expect nothing\n-- server: fsync on\n", "'fsync' is not NAME=VALUE"),
        ("-- expect nothing\n-- repeat: many\nSELECT 1;", "'many' is not a positive whole number"),
        ("-- expect nothing\n-- repeat: 5\n", "stands before no statement"),
        ("-- expect nothing\n\\d t\n", "backslash"),
        ("-- expect nothing\nCOPY t FROM STDIN;\n", "COPY FROM stdin"),
        ("-- expect nothing\nSELECT 'abc;\n", ":2: the quote ' is not closed"),
        ("-- expect nothing\nDO $x$ BEGIN END $y$;\n", "the quote $x$ is not closed"),
        ("-- expect nothing\n/* a /* b */\n", "the comment /* is not closed"),
        ("-- expect nothing\nCREATE ROLE app;\n", ":2: this outlives the database"),
        ("-- expect nothing\nDO $$ BEGIN EXECUTE 'create user app'; END $$;\n", "this outlives the database"),
        ("-- expect nothing\nALTER SYSTEM SET fsync = on;\n", "this outlives the database"),
        ("-- case: a!\n-- expect nothing\n-- case: a?\n-- expect nothing\n", "two cases have the same name"),
    ],
)
def test_what_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(CaseError, match=r"table-no-pk\.sql") as caught:
        read(tmp_path, text)
    assert message in str(caught.value)


def test_a_user_mapping_belongs_to_the_database(tmp_path: Path) -> None:
    assert statements(tmp_path, "CREATE USER MAPPING FOR postgres SERVER far;") != []


def read_commands(tmp_path: Path, text: str) -> tuple[Case, ...]:
    path = tmp_path / "mongodb" / "ttl-wrong-type.jsonc"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return load(path)


def test_a_file_of_commands_has_the_same_lines_behind_another_mark(tmp_path: Path) -> None:
    first, second = read_commands(
        tmp_path,
        '{"create": "orders"}\n// case: one\n// expect: index shop.orders.at high\n// repeat: 3\n{"find": "orders",\n'
        ' "filter": {"url": "http://x//y"}}\n// session holder\n{"find": "a"}\n// innocent: this\n// main\n'
        '{"find": "b"}\n// case: two\n// expect nothing\n// as: clusterMonitor; read@shop\n'
        "// server: members=3 auth=on\n",
    )
    assert first.engines == ("mongodb",)
    assert first.expected == (Expectation("index", "shop.orders.at", severity=Severity.HIGH),)
    assert [(s.text, s.session, s.repeat, s.line) for s in first.statements] == [
        ('{"create": "orders"}', "", 1, 1),
        ('{"find": "orders",\n "filter": {"url": "http://x//y"}}', "", 3, 5),
        ('{"find": "a"}', "holder", 1, 8),
        ('{"find": "b"}', "", 1, 11),
    ]
    assert (second.roles, second.settings) == (("clusterMonitor", "read@shop"), {"members": "3", "auth": "on"})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("// expect nothing\n{'create': 'a'}", "2: Expecting property name"),
        ('// expect nothing\n{"create": "a"', "Expecting ',' delimiter"),
        ("// expect nothing\n[1]", "2: a command is a document"),
        ("// expect nothing\n{}", "2: a command is a document"),
        ('// expect nothing\n// repeat: 3\n{"a": 1}\n// repeat: 2\n', "// repeat: stands before no statement"),
        ('{"create": "a"}', "nothing: add '// expect: KIND NAME'"),
        ('// expcet: index a\n{"create": "a"}', "did you mean 'expect:'"),
        ('// expect nothing\n{"setDefaultRWConcern": 1, "$db": "admin"}', "the case needs '// own server'"),
        ('// expect nothing\n{"profile": 1, "slowms": 0}', "the case needs '// own server'"),
    ],
)
def test_a_file_of_commands_is_refused_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(CaseError) as caught:
        read_commands(tmp_path, text)
    assert message in str(caught.value)
