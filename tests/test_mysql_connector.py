"""What the connector for MySQL and MariaDB reads, and what an account with few rights is told."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

import pytest
from msgspec import json, structs

from auditor.checking import run_check
from auditor.connector import CollectOptions
from auditor.errors import UnreachableError
from auditor.model.catalog import Column
from auditor.model.facts import Facts
from auditor.model.snapshot import Snapshot
from auditor.model.statistics import ColumnStatistics
from auditor.model.vocabulary import Outcome, ProbeOutcome
from auditor.pipeline import audit_snapshot
from auditor.registry import load_checks, load_connectors
from auditor.target import parse_target
from auditor_connectors.mysql.probes import PROBES
from tests.mysql_servers import ENGINES, Account, account, database
from tests.servers import Pool

SHOP = """
CREATE TABLE customer (id int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, email varchar(80) NOT NULL,
  joined timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP, UNIQUE KEY one_email (email)) COMMENT = 'who buys';
CREATE TABLE orders (id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY, customer_id int unsigned NOT NULL,
  note varchar(50) CHARACTER SET latin1 DEFAULT 'none', total decimal(10, 2) DEFAULT 1.5, paid tinyint(1) NOT NULL,
  kind enum('a', 'b'), extra json, at datetime ON UPDATE CURRENT_TIMESTAMP, ghost int INVISIBLE,
  twice decimal(12, 2) GENERATED ALWAYS AS (total * 2) VIRTUAL,
  KEY by_note (note(5)), KEY by_at (at DESC, id),
  CONSTRAINT buyer FOREIGN KEY (customer_id) REFERENCES customer (id) ON DELETE CASCADE,
  CONSTRAINT positive CHECK (total > 0));
CREATE TABLE reading (id int NOT NULL, at date NOT NULL, PRIMARY KEY (id, at))
  PARTITION BY RANGE (year(at)) (PARTITION p0 VALUES LESS THAN (2026), PARTITION p1 VALUES LESS THAN MAXVALUE);
CREATE VIEW buyers AS SELECT c.id, c.email FROM customer c JOIN orders o ON o.customer_id = c.id;
CREATE TRIGGER keep BEFORE INSERT ON orders FOR EACH ROW SET NEW.paid = 0;
CREATE PROCEDURE nothing() SELECT 1;
INSERT INTO customer (email) VALUES ('a@example.com'), ('b@example.com')
""".split(";\n")


def collect(server: Account, url: str) -> Snapshot:
    connector = load_connectors()[server.engine]
    return connector.collect(parse_target(url, connector.schemes, connector.example), CollectOptions())


def expected(server: Account) -> set[str]:
    """The probes that the product has anything for."""
    return {probe.name for probe in PROBES} - ({"row-versions"} if server.engine == "mariadb" else set())


def outcomes(snapshot: Snapshot) -> dict[str, tuple[ProbeOutcome, str | None]]:
    """What became of each probe, without those that the product has nothing for."""
    unsupported = ProbeOutcome.UNSUPPORTED
    return {p.probe: (p.outcome, p.reason) for p in snapshot.probes if p.outcome is not unsupported}


@pytest.fixture(params=[pytest.param(engine, marks=getattr(pytest.mark, engine)) for engine in ENGINES])
def server(request: pytest.FixtureRequest, pool: Pool) -> Account:
    """A server of one product after the other."""
    return pool.mysql(request.param)


@pytest.fixture
def shop(server: Account) -> Iterator[str]:
    """The database ``shop`` with some objects of every kind."""
    with database(server) as name:
        server.run(*SHOP, database=name)
        yield name


def test_the_server_says_what_it_is_whatever_the_url_says(server: Account, shop: str) -> None:
    other = "mariadb" if server.engine == "mysql" else "mysql"
    url = server.url(shop).replace(server.engine, other, 1)
    connector = load_connectors()[other]
    snapshot = connector.collect(parse_target(url, connector.schemes, connector.example), CollectOptions())
    target = snapshot.target
    assert (target.engine, target.name, target.managed, target.flavour) == (server.engine, shop, False, None)
    version = str(server.run("SELECT VERSION()")[0][0])
    assert version.startswith(target.version)
    major, minor, patch = map(int, target.version.split("."))
    assert snapshot.server.version_number == major * 10000 + minor * 100 + patch
    assert snapshot.target.stats_days is not None
    assert audit_snapshot(snapshot).target.engine == server.engine


def test_every_probe_answers_the_account_that_may_everything(server: Account, shop: str) -> None:
    snapshot = collect(server, server.url(shop))
    assert outcomes(snapshot) == dict.fromkeys(expected(server), (ProbeOutcome.OK, None))


def test_tables_and_columns_are_what_was_created(server: Account, shop: str) -> None:
    facts = Facts(collect(server, server.url(shop)))
    assert [table.path for table in facts.tables] == ["shop.customer", "shop.orders", "shop.reading"]
    customer, orders, reading = facts.tables
    assert (customer.engine, customer.comment, customer.kind) == ("InnoDB", "who buys", "table")
    assert (reading.partition_strategy, reading.partition_columns) == ("range", ("at",))
    assert orders.bytes is not None
    assert orders.bytes > 0
    columns = {column.name: column for column in orders.columns}
    families = {name: column.family for name, column in columns.items()}
    assert families == {
        "id": "integer", "customer_id": "integer", "note": "text", "total": "decimal", "paid": "boolean",
        "kind": "enum", "extra": "json", "at": "timestamp", "ghost": "integer", "twice": "decimal",
    }  # fmt: skip
    assert columns["customer_id"] == Column(
        name="customer_id", position=2, type="int unsigned", family="integer", bits=32, unsigned=True, nullable=False
    )
    note = columns["note"]
    assert (note.default, note.length, note.character_set) == ("'none'", 50, "latin1")
    assert columns["total"].default == "1.50"
    assert columns["kind"].default is None
    assert columns["twice"].generated == "virtual"
    assert (columns["at"].on_update or "").lower().startswith("current_timestamp")
    assert [name for name, column in columns.items() if column.hidden] == ["ghost"]
    assert [name for name, column in columns.items() if column.on_update] == ["at"]
    assert customer.columns[2].family == "timestamp-tz"


def test_indexes_and_constraints_have_addresses_of_their_own(server: Account, shop: str) -> None:
    facts = Facts(collect(server, server.url(shop)))
    indexes = {index.path: index for index in facts.indexes}
    assert set(indexes) == {
        "shop.customer.PRIMARY", "shop.customer.one_email", "shop.orders.PRIMARY", "shop.orders.by_note",
        "shop.orders.by_at", "shop.orders.buyer", "shop.reading.PRIMARY",
    }  # fmt: skip
    assert indexes["shop.orders.by_note"].parts[0].length == 5
    assert [part.descending for part in indexes["shop.orders.by_at"].parts] == [True, False]
    assert indexes["shop.customer.one_email"].constraint == "one_email"
    buyer, *_ = facts.foreign_keys
    assert (buyer.path, buyer.on_delete, buyer.index) == ("shop.orders.buyer", "cascade", "customer.PRIMARY")
    assert buyer.referenced_key == ("shop", "customer")
    checks = [constraint.name for constraint in facts.constraints if constraint.kind == "check"]
    assert "positive" in checks
    assert [view.reads for view in facts.views] == [(("shop", "customer"), ("shop", "orders"))]
    assert [trigger.path for trigger in facts.triggers] == ["shop.orders.keep"]
    assert [routine.path for routine in facts.routines] == ["shop.nothing"]


def test_counters_tell_where_they_stand(server: Account, shop: str) -> None:
    facts = Facts(collect(server, server.url(shop)))
    sequences = {sequence.path: sequence for sequence in facts.sequences}
    assert set(sequences) == {"shop.customer.id", "shop.orders.id"}
    assert sequences["shop.customer.id"].last_value == 2
    assert sequences["shop.orders.id"].last_value is None
    column = facts.tables[0].columns[0]
    assert facts.sequence(column.sequence) == sequences["shop.customer.id"]


def test_what_was_read_and_written_is_counted(server: Account, shop: str) -> None:
    # What other tests asked the dictionary from a database of the same name is counted as well.
    server.run("TRUNCATE TABLE performance_schema.events_statements_summary_by_digest")
    server.run(
        "SELECT email FROM customer WHERE email = 'a@example.com'",
        "SELECT id FROM customer WHERE email = 'secret-value'",
        "UPDATE customer SET email = 'c@example.com' WHERE id = 1",
        database=shop,
    )
    facts = Facts(collect(server, server.url(shop)))
    customer, orders, _ = facts.tables
    assert customer.usage is not None
    assert (customer.usage.inserted, customer.usage.updated, customer.usage.deleted) == (2, 1, 0)
    assert orders.usage is not None
    assert orders.usage.writes == 0
    scans = {index.path: index.scans for index in facts.indexes}
    assert (scans["shop.customer.one_email"] or 0) > 0
    assert scans["shop.orders.by_note"] == 0
    texts = [statement.text for statement in facts.statements]
    assert any(text.startswith("SELECT `email` FROM `customer` WHERE `email` = ?") for text in texts), texts
    assert not any("secret-value" in text or "information_schema" in text for text in texts), texts
    assert {statement.database for statement in facts.statements} == {shop}


def test_bounds_of_partitions_are_moments_where_they_can_be_read(server: Account, shop: str) -> None:
    bounds = {
        "by_second": ("to_seconds(at)", "to_seconds('2020-02-03 04:05:06')", "2020-02-03T04:05:06Z"),
        "by_day": ("to_days(at)", "to_days('2020-02-29')", "2020-02-29T00:00:00Z"),
        "by_year": ("year(at)", "2021", "2021-01-01T00:00:00Z"),
        "by_other": ("month(at)", "6", None),
    }
    for name, (expression, bound, _) in bounds.items():
        server.run(
            f"CREATE TABLE {name} (at datetime NOT NULL) PARTITION BY RANGE ({expression})"
            f" (PARTITION a VALUES LESS THAN ({bound}), PARTITION b VALUES LESS THAN MAXVALUE)",
            database=shop,
        )
    server.run(
        "CREATE TABLE by_columns (at datetime NOT NULL, n int NOT NULL) PARTITION BY RANGE COLUMNS (at, n)"
        " (PARTITION a VALUES LESS THAN ('2020-02-03 04:05:06', 5), PARTITION b VALUES LESS THAN (MAXVALUE, 5))",
        database=shop,
    )
    facts = Facts(collect(server, server.url(shop)))
    parts = {table.name: table.parts for table in facts.tables if table.parts}
    for name, (_, _, until) in bounds.items():
        assert [(part.until, part.rest) for part in parts[name]] == [(until, False), (None, True)], name
    assert [(part.until, part.rest) for part in parts["by_columns"]] == [("2020-02-03T04:05:06Z", False), (None, True)]


def test_statements_are_matched_to_columns_that_are_keywords(server: Account, shop: str) -> None:
    server.run(
        "CREATE TABLE `role` (id int PRIMARY KEY, `name` varchar(20), status int)",
        "SELECT id FROM `role` WHERE `name` = 'x' AND status > 3",
        database=shop,
    )
    facts = Facts(collect(server, server.url(shop)))
    (entry,) = [entry for entry in facts.statement_uses["shop", "role"] if entry.parsed.kind == "select"]
    assert (entry.use.name, entry.use.equal, entry.use.ranges) == ("role", ("name",), ("status",))


def test_of_a_trigger_the_tables_that_it_writes_to_are_kept_and_nothing_else(server: Account, shop: str) -> None:
    server.run(
        "CREATE TABLE `odd.one 'x` (id int)",
        "CREATE TRIGGER follow AFTER DELETE ON orders FOR EACH ROW"
        " INSERT INTO `odd.one 'x` SELECT 1 FROM reading WHERE 'customer' = /* customer */ 'secret-value'",
        database=shop,
    )
    snapshot = collect(server, server.url(shop))
    (trigger,) = [trigger for trigger in snapshot.catalog.triggers if trigger.name == "follow"]
    assert trigger.writes == (("shop", "odd.one 'x"),)
    assert "secret-value" not in repr(snapshot.catalog)


def test_a_url_without_a_database_means_all_but_the_systems(server: Account, shop: str) -> None:
    with database(server, "other"):
        server.run("CREATE TABLE t (a int)", database="other")
        snapshot = collect(server, server.url())
        assert snapshot.target.name == "all databases"
        assert {table.schema for table in snapshot.catalog.tables} == {"shop", "other"}
        assert {schema.name for schema in snapshot.catalog.schemas} >= {"shop", "other"}
        connector = load_connectors()[server.engine]
        target = parse_target(server.url(), connector.schemes, connector.example)
        assert {"shop", "other"} <= set(connector.databases(target, CollectOptions()))


def test_names_of_every_kind_are_read_as_they_are(server: Account) -> None:
    names = [
        "a`b",
        "ünïcödé",
        "with space",
        "semi;colon",
        "per%cent",
        "new\nline",
        "quo'te\"s",
        "under_score",
        "SELECT",
    ]
    with database(server, "od`d _%"):
        for name in names:
            quoted = "`" + name.replace("`", "``") + "`"
            server.run(f"CREATE TABLE {quoted} ({quoted} int NOT NULL PRIMARY KEY)", database="od`d _%")
        snapshot = collect(server, server.url("od`d _%"))
        assert sorted(table.name for table in snapshot.catalog.tables) == sorted(names)
        assert sorted(index.name for index in snapshot.catalog.indexes) == sorted(f"{name}.PRIMARY" for name in names)
        assert {table.columns[0].name for table in snapshot.catalog.tables} == set(names)
        audit_snapshot(snapshot)


def test_databases_whose_names_differ_in_case_are_told_apart(server: Account, shop: str) -> None:
    if server.run("SELECT @@lower_case_table_names")[0][0]:
        pytest.skip("this server does not tell upper from lower case")
    with database(server, "Shop"):
        server.run("CREATE TABLE only_here (a int)", database="Shop")
        assert [table.name for table in collect(server, server.url("Shop")).catalog.tables] == ["only_here"]
        assert len(collect(server, server.url(shop)).catalog.tables) == 3
    with pytest.raises(UnreachableError, match="no database of this name"):
        collect(server, server.url("SHOP"))


# --- accounts with few rights ------------------------------------------------------------------------------------

OPEN = {"server", "settings", "status"}
"""What every account may read of the server."""
WITH_PROCESS = {"sessions", "replicas", "innodb-metrics", "row-versions", "changed-rows"}
UNTOLD = {"triggers", "jobs", "passwords"}
"""What takes a privilege that allows more than to read, so that no grant is proposed."""


@pytest.mark.parametrize("place", ["shop", ""])
@pytest.mark.parametrize(("grants", "seen"), [((), set()), (("PROCESS ON *.*",), WITH_PROCESS)])
def test_a_blind_account_passes_nothing(
    server: Account, shop: str, place: str, grants: tuple[str, ...], seen: set[str]
) -> None:
    seen = OPEN | seen | ({"innodb-metrics"} | ({"locks"} if seen else set()) if server.engine == "mariadb" else set())
    with account(server, *grants) as (user, password):
        snapshot = collect(server, server.url(place, user, password))
    assert {probe.probe for probe in snapshot.probes if probe.outcome is ProbeOutcome.OK} == seen - (
        {"row-versions"} if server.engine == "mariadb" else set()
    )
    audit = audit_snapshot(snapshot)
    known = {probe.probe for probe in snapshot.probes}
    judged = {result.check for result in audit.checks if result.outcome in (Outcome.PASSED, Outcome.FAILED)}
    assert {check for check in judged if not set(load_checks()[check].check.needed(known)) <= seen} == set()
    assert audit.score.coverage < 0.5
    denied = {probe.probe: probe.grant for probe in snapshot.probes if probe.outcome is ProbeOutcome.DENIED}
    assert {
        "tables", "columns", "indexes", "constraints", "sequences", "sizes", "views", "statements", "roles", "sources",
    } <= set(denied)  # fmt: skip
    assert {name for name, grant in denied.items() if grant is None} == UNTOLD


@pytest.mark.parametrize("place", ["shop", ""])
def test_the_grants_that_are_named_show_everything(server: Account, shop: str, place: str) -> None:
    with account(server) as (user, password):
        for _ in range(4):
            snapshot = collect(server, server.url(place, user, password))
            grants = sorted({probe.grant for probe in snapshot.probes if probe.grant})
            if not grants:
                break
            assert not any("`mysql`.*" in grant for grant in grants)  # it would show the hashes of passwords
            server.run(*grants)
    seen = {name: outcome for name, outcome in outcomes(snapshot).items() if name not in UNTOLD}
    assert seen == dict.fromkeys(expected(server) - UNTOLD, (ProbeOutcome.OK, None))
    assert len(snapshot.catalog.tables) == 3


def test_rights_on_one_table_show_one_table_and_say_so(server: Account, shop: str) -> None:
    with account(server, "SELECT ON shop.orders") as (user, password):
        snapshot = collect(server, server.url(shop, user, password))
    assert [table.name for table in snapshot.catalog.tables] == ["orders"]
    tables = next(probe for probe in snapshot.probes if probe.probe == "tables")
    assert (tables.outcome, tables.reason) == (
        ProbeOutcome.OK, "only tables on which the account has privileges are visible",
    )  # fmt: skip
    assert tables.grant == "GRANT SELECT ON `shop`.* TO 'auditor_case'@'%'"


def test_rights_through_a_role_count(server: Account, shop: str) -> None:
    server.run("DROP ROLE IF EXISTS reader", "CREATE ROLE reader", "GRANT SELECT, SHOW VIEW ON shop.* TO reader")
    try:
        with account(server) as (user, password):
            default = "TO" if server.engine == "mysql" else "FOR"
            server.run(f"GRANT reader TO '{user}'@'%'", f"SET DEFAULT ROLE reader {default} '{user}'@'%'")
            snapshot = collect(server, server.url(shop, user, password))
        outcomes = {probe.probe: probe.outcome for probe in snapshot.probes}
        assert (outcomes["tables"], outcomes["constraints"], outcomes["views"]) == (ProbeOutcome.OK,) * 3
    finally:
        server.run("DROP ROLE reader")


# --- what the audit leaves behind ---------------------------------------------------------------------------------


def test_an_audit_writes_nothing_and_takes_one_connection(server: Account, shop: str) -> None:
    watched = ("Connections", "Com_insert", "Com_update", "Com_delete", "Com_flush", "Aborted_connects", "Questions")

    def counters() -> dict[str, int]:
        rows = server.run("SHOW GLOBAL STATUS")
        return {name: int(value) for name, value in rows if name in watched}

    before = counters()
    collect(server, server.url(shop))
    after = counters()
    grown = {name: after[name] - before[name] for name in watched}
    assert grown["Connections"] == 2  # the audit's, and that of the second look
    assert [grown[name] for name in ("Com_insert", "Com_update", "Com_delete", "Com_flush", "Aborted_connects")] == [
        0
    ] * 5
    assert grown["Questions"] <= 43


def test_an_open_transaction_is_measured_whatever_the_zone_of_the_session(server: Account, shop: str) -> None:
    with contextlib.closing(server.connect(shop)) as connection, connection.cursor() as cursor:
        cursor.execute("SET time_zone = '+09:00'")
        cursor.execute("START TRANSACTION")
        cursor.execute("INSERT INTO reading VALUES (1, '2026-01-01')")
        time.sleep(2)
        snapshot = collect(server, server.url(shop))
    (session,) = [one for one in snapshot.workload.sessions if one.state == "idle in transaction"]
    assert session.transaction_seconds is not None
    assert 1 <= session.transaction_seconds <= 60


def test_sessions_tell_whether_they_are_encrypted(server: Account, shop: str) -> None:
    with contextlib.closing(server.connect(shop)) as connection:
        snapshot = collect(server, server.url(shop))
        session = next(one for one in snapshot.workload.sessions if one.id == connection.thread_id())
    offered = server.engine == "mysql"  # MariaDB 10.11 makes no certificate by itself
    assert (snapshot.server.tls, session.encrypted) == (offered, offered)
    assert (snapshot.server.tls_until is not None) == offered
    check, facts = load_checks()["plaintext-sessions"], Facts(snapshot)
    assert run_check(check, facts).findings == ()
    far = structs.replace(session, client="network", encrypted=False)
    workload = structs.replace(snapshot.workload, sessions=(far,))
    elsewhere = structs.replace(snapshot, workload=workload)
    assert len(run_check(check, Facts(elsewhere)).findings) == int(offered)


def test_no_hash_of_a_password_reaches_the_snapshot(server: Account, shop: str) -> None:
    with account(server, "SELECT ON shop.*"):
        snapshot = collect(server, server.url(shop))
        rows = server.run("SELECT authentication_string FROM mysql.user WHERE User = 'auditor_case'")
    ((hashed,),) = rows
    text = hashed.decode(errors="replace") if isinstance(hashed, bytes) else str(hashed)
    assert len(text) > 20
    assert text not in json.encode(snapshot).decode()
    (role,) = [one for one in snapshot.security.roles if one.user == "auditor_case"]
    assert (role.name, role.host, role.password, role.superuser) == ("auditor_case@%", "%", "other", False)


def test_many_tables_take_no_more_statements_than_one(server: Account) -> None:
    def questions() -> int:
        return int(server.run("SHOW GLOBAL STATUS LIKE 'Questions'")[0][1])

    counts = []
    for number in (1, 200):
        with database(server, "many"):
            server.run(*(f"CREATE TABLE t{n} (id int PRIMARY KEY)" for n in range(number)), database="many")
            before = questions()
            assert len(collect(server, server.url("many")).catalog.tables) == number
            counts.append(questions() - before)
    assert counts[0] == counts[1] <= 43


@pytest.mark.mariadb
def test_userstat_tells_of_tables_and_indexes_where_the_performance_schema_does_not(pool: Pool) -> None:
    server = pool.mysql("mariadb", {"performance_schema": "OFF", "userstat": "ON"})
    with database(server) as name:
        server.run(*SHOP, "SELECT id FROM customer WHERE email = 'a@example.com'", database=name)
        server.run("INSERT INTO orders (customer_id) VALUES (1), (1)", "SELECT note FROM orders", database=name)
        with account(server, "SELECT, SHOW VIEW ON shop.*") as (user, password):
            snapshot = collect(server, server.url(name, user, password))
    found = outcomes(snapshot)
    assert (found["table-usage"], found["index-usage"]) == ((ProbeOutcome.OK, None),) * 2
    facts = Facts(snapshot)
    customer, orders, reading = facts.tables
    assert customer.usage is not None
    assert (customer.usage.changed, customer.usage.sequential_rows, customer.usage.index_rows) == (2, 0, 1)
    assert orders.usage is not None
    assert (orders.usage.writes, orders.usage.sequential_rows, facts.told_usages(orders)) == (2, 2, [])
    assert reading.usage is not None
    assert (reading.usage.writes, facts.told_usages(reading)) == (0, [reading.usage])
    scans = {index.path: index.scans for index in facts.indexes}
    assert (scans["shop.customer.one_email"], scans["shop.customer.PRIMARY"], scans["shop.orders.by_note"]) == (1, 0, 0)


def test_of_the_values_of_columns_shares_and_numbers_are_read_and_no_value(server: Account, shop: str) -> None:
    server.run(
        "CREATE TABLE item (id int PRIMARY KEY, grade varchar(20), name varchar(20), other int)",
        "INSERT INTO item VALUES (1, 'secret-1', 'secret-a', 1), (2, 'secret-1', 'secret-b', 1),"
        " (3, 'secret-2', 'secret-c', 1), (4, NULL, 'secret-d', 1)",
        "ANALYZE TABLE item UPDATE HISTOGRAM ON grade WITH 5 BUCKETS"
        if server.engine == "mysql"
        else "ANALYZE TABLE item PERSISTENT FOR COLUMNS (grade, name) INDEXES ()",
        *(["ANALYZE TABLE item UPDATE HISTOGRAM ON name WITH 2 BUCKETS"] if server.engine == "mysql" else []),
        database=shop,
    )
    snapshot = collect(server, server.url(shop))
    (item,) = [table for table in snapshot.catalog.tables if table.name == "item"]
    known = {column.name: column.statistics for column in item.columns if column.statistics is not None}
    if server.engine == "mysql":
        assert known == {
            "grade": ColumnStatistics(null_fraction=0.25, distinct=2.0, top_frequency=0.5),
            "name": ColumnStatistics(null_fraction=0.0),
        }
    else:
        assert known == {
            "grade": ColumnStatistics(null_fraction=0.25, distinct_ratio=0.5, average_width=8),
            "name": ColumnStatistics(null_fraction=0.0, distinct_ratio=1.0, average_width=8),
        }
    assert b"secret" not in json.encode(snapshot)
