"""What the connector for MySQL makes of texts: grants, literals, versions, names, products. No server is needed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor_connectors.mysql.assemble.values import masked
from auditor_connectors.mysql.flavour import detect
from auditor_connectors.mysql.grants import Privileges, parse
from auditor_connectors.mysql.literals import redact
from auditor_connectors.mysql.quoting import account, ident, pattern
from auditor_connectors.mysql.session import Identity, version_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT 1", "SELECT ?"),
        ("SELECT 'it''s' , \"a \"\"b\"\"\"", "SELECT ? , ?"),
        ("SELECT `a``b`.c FROM `t` WHERE x = 0x1F OR y = x'ff' OR z = b'01'",
         "SELECT `a``b`.c FROM `t` WHERE x = ? OR y = ? OR z = ?"),
        ("SELECT _utf8mb4'geheim', N'x', _binary x'00'", "SELECT ?, ?, ?"),
        ("SELECT 'a\\\\' , 'b'", "SELECT ? , ?"),
        ("SELECT a # a comment with 'secret'\nFROM t", "SELECT a FROM t"),
        ("SELECT a -- secret\nFROM t", "SELECT a FROM t"),
        ("SELECT 5--1", "SELECT ?--?"),
        ("SELECT /* secret */ a /*!50000 , 'b' */", "SELECT a , ?"),
        ("SELECT /*+ MAX_EXECUTION_TIME(1) */ @a, @@global.b, 1e-5, .5, 12abc", "SELECT @a, @@global.b, ?, ?, ?"),
        ("CREATE USER 'a'@'%' IDENTIFIED BY 'pw'", "CREATE USER ?@? IDENTIFIED BY ?"),
        ("SET PASSWORD FOR a = 'pw'", "SET PASSWORD FOR a = ?"),
        ("SET @x := secret, y = 2", "SET @x := ?"),
        ("SET TRANSACTION READ ONLY", "SET TRANSACTION READ ONLY"),
        ("SELECT 'open", "SELECT ?"),
        ("SELECT `open secret", "SELECT ?"),
    ],
)  # fmt: skip
def test_literals_are_taken_out_and_nothing_else(text: str, expected: str) -> None:
    assert redact(text) == expected


@pytest.mark.parametrize("quote", ["'", '"'])
def test_after_an_ambiguous_backslash_nothing_is_kept(quote: str) -> None:
    text = f"SELECT {quote}a\\{quote}, {quote} secret{quote}, b FROM t"
    assert redact(text) == "SELECT ?"


@given(st.text(), st.sampled_from(["'", '"']))
def test_what_stands_in_quotes_never_comes_through(body: str, quote: str) -> None:
    secret = body.replace("\\", "").replace("'", "").replace('"', "") + "geheim"
    assert "geheim" not in redact(f"INSERT INTO t VALUES ({quote}{secret}{quote}, 1)")
    assert "geheim" not in redact(f"INSERT INTO t VALUES ({quote}{secret}")


def test_a_long_statement_is_cut_after_its_literals_are_out() -> None:
    text = redact("SELECT " + ", ".join(f"'{'x' * 50}'" for _ in range(5000)), limit=100)
    assert len(text) == 100
    assert "x" not in text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("9.7.4-2", ("mysql", "9.7.4", 90704)),
        ("8.0.36-28.1", ("mysql", "8.0.36", 80036)),
        ("10.11.19-MariaDB-0+deb12u1-log", ("mariadb", "10.11.19", 101119)),
        ("5.5.5-10.6.12-MariaDB", ("mariadb", "10.6.12", 100612)),
        ("unheard of", ("mysql", "0.0.0", 0)),
    ],
)
def test_the_version_text_says_the_product(text: str, expected: tuple[str, str, int]) -> None:
    assert version_of(text) == expected


def test_privileges_are_read_at_every_level() -> None:
    found = parse(
        [
            "GRANT SELECT, PROCESS ON *.* TO `a`@`%` WITH GRANT OPTION",
            "GRANT BACKUP_ADMIN,SHOW_ROUTINE ON *.* TO `a`@`%`",
            "GRANT USAGE ON *.* TO 'a'@'%' IDENTIFIED BY PASSWORD '*0123'",
            "GRANT SHOW VIEW, TRIGGER ON `my\\_shop`.* TO `a`@`%`",
            "GRANT ALL PRIVILEGES ON `we``ird`.* TO `a`@`%`",
            "GRANT SELECT (`id`, `a,b`), INSERT ON `shop`.`t` TO `a`@`%`",
            "GRANT EXECUTE ON PROCEDURE `shop`.`p` TO `a`@`%`",
            "GRANT `reader`@`%` TO `a`@`%`",
            "GRANT PROXY ON ``@`` TO 'root'@'localhost' WITH GRANT OPTION",
            "SET DEFAULT ROLE `reader` FOR `a`@`%`",
            "REVOKE SELECT ON `hidden`.* FROM `a`@`%`",
        ]
    )
    assert found.everywhere == {"SELECT", "PROCESS", "BACKUP_ADMIN", "SHOW_ROUTINE"}
    assert found.globally("SUPER", "PROCESS")
    assert not found.globally("SUPER")
    assert found.on_database("my_shop", ("TRIGGER",))
    assert not found.on_database("myxshop", ("TRIGGER",))
    assert found.on_database("we`ird", ("TRIGGER",))
    assert found.on_database("anything", ("SELECT",))
    assert not found.on_database("hidden", ("SELECT",))
    assert found.tables == {("shop", "t"): {"INSERT"}}
    assert found.on_table("shop", "t")


def test_wildcards_in_grants_are_wildcards() -> None:
    found = parse(["GRANT SELECT ON `app_%`.* TO `a`@`%`"])
    assert found.on_database("app_one", ("SELECT",))
    assert found.on_database("appXone", ("SELECT",))
    assert not found.on_database("other", ("SELECT",))


def test_the_names_that_mariadb_gave_privileges_count_as_the_old_ones() -> None:
    assert parse(["GRANT BINLOG MONITOR ON *.* TO `a`@`%`"]).globally("REPLICATION CLIENT")


def test_names_are_quoted_for_the_server() -> None:
    assert ident("a`b") == "`a``b`"
    assert pattern("a_b%c") == "`a\\_b\\%c`"
    assert account("o'k@10.0.0.%") == "'o''k'@'10.0.0.%'"


@pytest.mark.parametrize(
    ("comment", "settings", "expected"),
    [
        ("9.7.4 MySQL Community Server - GPL", {"basedir": "/usr/"}, (None, False, False)),
        ("8.0.36-28 Percona Server (GPL), Release 28", {}, ("Percona Server", False, False)),
        ("8.0.28 Source distribution", {"aurora_version": "3.05.1"}, ("Amazon Aurora", True, True)),
        ("8.0.35 Source distribution", {"basedir": "/rdsdbbin/mysql/"}, ("Amazon RDS", True, True)),
        ("8.0.31-google (Google)", {}, ("Google Cloud SQL", True, True)),
        ("8.0.11-TiDB-v7.5.0 TiDB Server (Apache License 2.0)", {}, ("TiDB", False, True)),
        ("8.0.30-Vitess Version: 17.0.0", {}, ("Vitess", False, True)),
        ("5.7.32 SingleStoreDB source distribution", {"memsql_version": "8.1"}, ("SingleStore", False, True)),
    ],
)
def test_products_are_told_by_what_they_say(
    comment: str, settings: dict[str, str], expected: tuple[str | None, bool, bool]
) -> None:
    identity = Identity(
        product="mysql", version=80036, version_text="8.0.36", version_comment=comment, account="a@%", database=None,
        moment=datetime(2026, 11, 1, tzinfo=UTC), privileges=Privileges(),
    )  # fmt: skip
    assert detect(identity, settings) == expected


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("report_password", "hunter2", "***"),
        ("wsrep_sst_auth", "sst:hunter2", "***"),
        ("init_connect", "SET @p = 'hunter2'", "***"),
        ("disconnect_on_expired_password", "ON", "ON"),
        ("validate_password.policy", "MEDIUM", "MEDIUM"),
        ("default_password_lifetime", "0", "0"),
        ("datadir", "/var/lib/mysql/", "/var/lib/mysql/"),
    ],
)
def test_variables_are_shown_without_secrets(name: str, value: str, shown: str) -> None:
    assert masked(name, value) == shown
