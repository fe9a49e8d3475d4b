"""What the assembly for MySQL makes of rows: names of files, accounts, sources, triggers. No server is needed."""

from __future__ import annotations

from typing import Any

import pytest

from auditor_connectors.mysql.assemble.objects import triggers
from auditor_connectors.mysql.assemble.replication import sources
from auditor_connectors.mysql.assemble.security import security
from auditor_connectors.mysql.assemble.tables import file_name
from auditor_connectors.mysql.grants import parse

ACCOUNT = {
    "User": "app", "Host": "%", "plugin": "caching_sha2_password", "ssl_type": "", "max_user_connections": 0,
    "Select_priv": "N", "Insert_priv": "N", "Update_priv": "N", "Delete_priv": "N", "Drop_priv": "N",
    "Grant_priv": "N", "Super_priv": "N", "Create_user_priv": "N", "Repl_slave_priv": "N", "File_priv": "N",
    "Process_priv": "N", "Shutdown_priv": "N", "Reload_priv": "N", "account_locked": "N", "is_role": "N",
}  # fmt: skip


@pytest.mark.parametrize(
    ("written", "meant"),
    [("shop", "shop"), ("an@0020odd@002dname@0024", "an odd-name$"), ("@4e2d@6587", "中文"), ("a@b", "a@b")],
)
def test_names_of_files_are_read_as_they_were_given(written: str, meant: str) -> None:
    assert file_name(written) == meant


def roles(*rows: dict[str, Any], passwords: tuple[dict[str, Any], ...] = ()) -> list[Any]:
    raw = {"roles": [{**ACCOUNT, **row} for row in rows]}
    if passwords:
        raw["passwords"] = list(passwords)
    return list(security(raw).roles)


def secret(**row: Any) -> dict[str, Any]:
    return {"user": "app", "host": "%", "without": 0, "plugin": None, "locked": None, **row}


def test_an_account_is_what_its_privileges_make_of_it() -> None:
    (plain,) = roles({})
    assert (plain.name, plain.user, plain.host, plain.login, plain.superuser) == ("app@%", "app", "%", True, False)
    assert (plain.password, plain.all_data, plain.powers, plain.connection_limit) == (None, None, (), -1)
    (mighty,) = roles({"Super_priv": "Y", "File_priv": "Y", "Update_priv": "Y", "ssl_type": "ANY"})
    assert (mighty.superuser, mighty.powers, mighty.all_data, mighty.requires_tls) == (True, ("FILE",), "write", True)
    (grantor,) = roles({"Grant_priv": "Y", "Create_user_priv": "Y", "Select_priv": "Y"})
    assert (grantor.superuser, grantor.create_role, grantor.all_data) == (True, True, "read")
    (locked,) = roles({"account_locked": "Y"})
    assert (locked.login, locked.locked) == (False, True)


def test_a_role_logs_in_nowhere() -> None:
    (of_mysql,) = roles({"User": "reader", "is_role": "Y", "account_locked": "Y"})
    assert (of_mysql.name, of_mysql.login) == ("reader@%", False)
    (of_mariadb,) = roles({"User": "reader", "Host": "", "is_role": "Y", "account_locked": None})
    assert (of_mariadb.name, of_mariadb.host, of_mariadb.login) == ("reader", None, False)


def test_whether_there_is_a_password_depends_on_the_way_to_log_in() -> None:
    assert [role.password for role in roles({}, passwords=(secret(without=1),))] == ["none"]
    assert [role.password for role in roles({}, passwords=(secret(),))] == ["other"]
    by_socket = roles({"plugin": "unix_socket"}, passwords=(secret(without=1),))
    assert [role.password for role in by_socket] == ["other"]
    unknown = roles({"account_locked": None}, passwords=(secret(locked="1"),))
    assert [(role.locked, role.login) for role in unknown] == [(True, False)]
    assert roles({"account_locked": None})[0].locked is None


def test_both_products_tell_of_their_sources() -> None:
    mysql = {
        "Channel_Name": "west", "Replica_IO_Running": "Connecting", "Replica_SQL_Running": "Yes",
        "Seconds_Behind_Source": None, "Last_IO_Errno": 2003, "Last_SQL_Errno": 0, "SQL_Delay": 60,
        "Replicate_Ignore_DB": "a,b", "Auto_Position": 1, "Source_SSL_Allowed": "No", "Source_Host": "db.internal",
        "Source_User": "follower", "Last_IO_Error": "error connecting to source 'follower@db.internal'",
    }  # fmt: skip
    mariadb = {
        "Connection_name": "", "Slave_IO_Running": "Yes", "Slave_SQL_Running": "Yes", "Seconds_Behind_Master": 7,
        "Last_IO_Errno": 0, "Last_SQL_Errno": 0, "Using_Gtid": "No", "Master_SSL_Allowed": "Yes",
    }  # fmt: skip
    (west,), (only,) = sources({"sources": [mysql]}), sources({"sources": [mariadb]})
    assert (west.name, west.receiving, west.connecting, west.applying) == ("west", False, True, True)
    assert (west.lag_seconds, west.error, west.delay_seconds, west.filters) == (None, 2003, 60.0, 2)
    assert (west.positions, west.encrypted) == ("gtid", False)
    assert (only.name, only.receiving, only.applying, only.lag_seconds) == ("", True, True, 7.0)
    assert (only.positions, only.encrypted, only.error) == ("file", True, None)
    assert "internal" not in repr(west)


@pytest.mark.parametrize(
    ("body", "written"),
    [
        ("INSERT INTO film_text (id) VALUES (NEW.id)", {"film_text"}),
        ("BEGIN DELETE FROM `film_text` WHERE id = OLD.id; UPDATE shop.film SET n = 1; END", {"film_text", "film"}),
        ("REPLACE INTO `we``ird` SELECT 1", {"we`ird"}),
        ("SET @x = 'insert into film_text'", set()),
        ("-- update film_text\nSET @x = 1", set()),
        ("INSERT INTO nowhere VALUES (1)", set()),
        ("INSERT IGNORE INTO film_text VALUES (1)", {"film_text"}),
        ("INSERT INTO `it's` SELECT 1 FROM film_text WHERE 'update film' = n", {"it's"}),
    ],
)
def test_a_trigger_tells_what_it_writes_to(body: str, written: set[str]) -> None:
    raw = {
        "tables": [{"schema": "shop", "name": name} for name in ("film", "film_text", "we`ird", "it's")],
        "triggers": [{"schema": "shop", "table": "film", "name": "t", "timing": "AFTER", "event": "DELETE",
                      "definer": "a@b", "body": body}],
    }  # fmt: skip
    (trigger,) = triggers(raw)
    assert set(trigger.writes) == {("shop", name) for name in written}
    assert trigger.owner == "a@b"


def test_privileges_on_columns_let_read_these_columns() -> None:
    found = parse(
        [
            "GRANT SELECT (`Host`, `a``b`), UPDATE (`c`) ON `mysql`.`user` TO `a`@`%`",
            "GRANT SELECT (`User`) ON `mysql`.`user` TO `a`@`%`",
        ]
    )
    assert found.on_columns("mysql", "user", ("Host", "a`b", "User"))
    assert not found.on_columns("mysql", "user", ("Host", "c"))
    assert not found.on_table("mysql", "user")
    assert parse(["GRANT SELECT ON `mysql`.* TO `a`@`%`"]).on_columns("mysql", "user", ("Host", "c"))
