"""Sizes, usage, statistics of columns and bloat as the connector reads them, on every version of the server."""

from __future__ import annotations

import time

import pytest

from auditor.model.catalog import Catalog
from auditor.model.vocabulary import ProbeOutcome
from tests.catalog_reading import guest, index, probe, table, version_of
from tests.collecting import SECRET, collect, eventually
from tests.servers import AnyServer, Database, Pool, fresh_database

_SHAPED = """
CREATE TABLE shapes AS
SELECT i AS id, md5(i::text)::uuid::text AS uuid, i::text AS integer, (i / 10.0)::text AS decimal,
       (date '2024-01-01' + i)::text AS date, (timestamptz '2024-01-01' + i * interval '1 hour')::text AS timestamp,
       '{"a": ' || i || '}' AS json, 'user' || i || '@example.com' AS email, 'https://example.com/' || i AS url,
       '10.0.' || i % 250 || '.1' AS inet, 'red,green-' || i || ',blue' AS delimited, 'some words, ' || i AS prose,
       CASE WHEN i % 4 = 0 THEN md5(i::text)::uuid::text ELSE 'none' END AS half, lpad(i::text, 8, '0') AS padded,
       CASE WHEN i % 2 = 0 THEN 'x' END AS sparse, repeat('long ', 100) AS long, i::smallint AS small
  FROM generate_series(1, 3000) AS i
"""


@pytest.mark.parametrize("rights", ["direct", "view"])
def test_statistics_of_columns(every_server: AnyServer, rights: str) -> None:
    """A superuser's session reads the statistics themselves, another one their view: both tell the same."""
    with fresh_database(every_server) as database, guest(database) as name:
        database.run(_SHAPED, "ANALYZE shapes", f"GRANT SELECT ON shapes TO {name}")
        url = database.url if rights == "direct" else database.url_of(name, SECRET)
        snapshot = collect(url)
        found = {one.name: one for one in table(snapshot.catalog, "shapes", "public").columns}
    assert probe(snapshot, "column-statistics").outcome is ProbeOutcome.OK
    for shape in ("uuid", "integer", "decimal", "date", "timestamp", "json", "email", "url", "inet", "delimited"):
        statistics = found[shape].statistics
        assert statistics is not None
        assert statistics.shapes.get(shape, 0) > 0.9, (shape, statistics.shapes)
    shaped = {name: one.statistics for name, one in found.items() if one.statistics is not None}
    assert set(shaped) == set(found)
    assert shaped["prose"].shapes == shaped["padded"].shapes == {}
    assert (shaped["prose"].sampled_values, shaped["long"].sampled_values) == (pytest.approx(30, abs=8), 0)
    assert 0 < shaped["half"].shapes["uuid"] <= 1
    assert (shaped["id"].distinct_ratio, shaped["id"].distinct, shaped["id"].correlation) == (1.0, None, 1.0)
    assert (shaped["sparse"].null_fraction, shaped["sparse"].distinct) == (pytest.approx(0.5, abs=0.05), 1.0)
    assert shaped["sparse"].top_frequency == pytest.approx(0.5, abs=0.05)
    assert (shaped["uuid"].average_width, shaped["small"].range_used) == (37, pytest.approx(0.09, abs=0.01))


def test_sizes_are_the_server_s(every_server: AnyServer) -> None:
    with fresh_database(every_server) as database:
        database.run(
            "CREATE TABLE big (id bigint PRIMARY KEY, what text)",
            "CREATE INDEX ON big (what)",
            "INSERT INTO big SELECT i, repeat('x', 40) || i FROM generate_series(1, 20000) AS i",
            "CREATE TABLE wide (id int PRIMARY KEY, what text)",
            "ALTER TABLE wide ALTER what SET STORAGE EXTERNAL",
            "INSERT INTO wide SELECT i, repeat('x', 20000) FROM generate_series(1, 20) AS i",
            "CREATE TABLE small (id int PRIMARY KEY, what text)",
            "INSERT INTO small VALUES (1, 'x')",
            "VACUUM ANALYZE",
            "CREATE TABLE whole (id int PRIMARY KEY) PARTITION BY RANGE (id)",
            "CREATE TABLE part_1 PARTITION OF whole FOR VALUES FROM (0) TO (1000)",
            "CREATE TABLE part_2 PARTITION OF whole FOR VALUES FROM (1000) TO (9000)",
            "INSERT INTO whole SELECT generate_series(1, 3000)",
            "ANALYZE part_1",
            "ANALYZE part_2",
        )
        with database.connect() as connection:
            rows = connection.execute("""
                SELECT relname, pg_total_relation_size(oid), pg_relation_size(oid), pg_indexes_size(oid)
                  FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace""").fetchall()
        found = collect(database.url).catalog
    measured = {one.name: (one.bytes, one.heap_bytes, one.index_bytes) for one in found.tables if one.kind == "table"}
    assert measured == {name: tuple(sizes) for name, *sizes in rows}
    whole, parts = table(found, "whole", "public"), [table(found, name, "public") for name in ("part_1", "part_2")]
    assert whole.rows == sum(part.rows or 0 for part in parts) == 3000
    assert whole.bytes == sum(part.bytes or 0 for part in parts)
    assert table(found, "wide", "public").toast_bytes > 400_000  # type: ignore[operator]


def test_usage(every_server: AnyServer) -> None:
    with fresh_database(every_server) as database:
        database.run("CREATE TABLE t (id int PRIMARY KEY, n int)")
        with database.connect() as connection:
            connection.execute("INSERT INTO t SELECT i, i FROM generate_series(1, 100) AS i")
            connection.execute("UPDATE t SET n = n + 1 WHERE id <= 10")
            connection.execute("DELETE FROM t WHERE id > 95")
            connection.execute("SELECT count(*) FROM t")
            connection.execute("SET enable_seqscan = off")
            connection.execute("SELECT * FROM t WHERE id = 5")
        never = "CREATE TABLE never (id int)"
        database.run(never)

        def read() -> Catalog | None:
            found = collect(database.url).catalog
            usage = table(found, "t", "public").usage
            return found if usage is not None and usage.deleted else None

        eventually(read, "the counters")
        database.run("ANALYZE t")
        time.sleep(1.5)  # version 14 and older deliver counters twice a second
        found = eventually(read, "the counters")
        usage = table(found, "t", "public").usage
        assert usage is not None
        assert (usage.inserted, usage.updated, usage.deleted, usage.live_rows) == (100, 10, 5, 95)
        assert usage.sequential_scans >= 1
        assert usage.index_scans >= 1
        assert usage.last_analyze is not None
        assert index(found, "t_pkey").scans >= 1  # type: ignore[operator]
        assert table(found, "t", "public").rows == 95
        assert table(found, "never", "public").rows is None
        assert table(found, "t", "public").transaction_age is not None
        if version_of(database) >= 160000:
            assert usage.last_index_scan is not None
            assert index(found, "t_pkey").last_scan is not None


def test_counters_that_are_not_kept_are_not_zero(pool: Pool) -> None:
    server = pool.shared(settings={"track_counts": "off"})
    with fresh_database(server) as database:
        database.run("CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)")
        snapshot = collect(database.url)
    assert probe(snapshot, "table-usage").outcome is ProbeOutcome.UNSUPPORTED
    assert probe(snapshot, "index-usage").reason == "track_counts is off: nothing is counted"
    assert table(snapshot.catalog, "t", "public").usage is None
    assert index(snapshot.catalog, "t_pkey").scans is None


def test_bloat_is_found_and_health_is_not_called_bloat(every_server: AnyServer) -> None:
    with fresh_database(every_server) as database:
        database.run(
            "CREATE TABLE dense (flag bool, id bigint PRIMARY KEY, small smallint, at timestamptz, note text)",
            "CREATE TABLE holes (LIKE dense INCLUDING ALL)",
            "INSERT INTO dense SELECT i % 2 = 0, i, 1, now(), CASE WHEN i % 3 = 0 THEN repeat('x', i % 90) END "
            "FROM generate_series(1, 60000) AS i",
            "INSERT INTO holes SELECT * FROM dense",
            "CREATE INDEX dense_random ON dense (note, id)",
            "CREATE INDEX holes_at ON holes (at)",
            "DELETE FROM holes WHERE id % 10 <> 0",
            "VACUUM ANALYZE dense",
            "VACUUM ANALYZE holes",
            "CREATE TABLE shuffled (key uuid PRIMARY KEY)",
            "INSERT INTO shuffled SELECT md5(i::text)::uuid FROM generate_series(1, 60000) AS i",
            "VACUUM ANALYZE shuffled",
        )
        with database.connect() as connection:
            [(full,)] = connection.execute("SELECT pg_relation_size('holes')").fetchall()
        snapshot = collect(database.url)
        found = snapshot.catalog
    dense, holes = (table(found, name, "public").bloat for name in ("dense", "holes"))
    assert dense is not None
    assert holes is not None
    assert dense.ratio < 0.05
    assert (holes.ratio, holes.method) == (pytest.approx(0.9, abs=0.03), "estimate")
    assert holes.bytes == pytest.approx(full * 0.9, rel=0.05)
    bloats = {one.name: one.bloat.ratio for one in found.indexes if one.bloat is not None}
    assert bloats["dense_pkey"] < 0.05
    assert bloats["dense_random"] < 0.1
    assert bloats["shuffled_pkey"] < 0.3
    assert bloats["holes_pkey"] > 0.7
    assert probe(snapshot, "table-bloat").rows == 3


def test_bloat_is_measured_where_that_is_possible(server: AnyServer) -> None:
    with fresh_database(server) as database, guest(database, "pg_monitor") as name:
        database.run(
            "CREATE EXTENSION pgstattuple",
            "CREATE TABLE holes AS SELECT i AS id, repeat('x', 50) AS what FROM generate_series(1, 60000) AS i",
            "DELETE FROM holes WHERE id % 4 <> 0",
            "VACUUM ANALYZE holes",
            f"GRANT SELECT ON holes TO {name}",
        )
        for url in (database.url, database.url_of(name, SECRET)):
            snapshot = collect(url)
            bloat = table(snapshot.catalog, "holes", "public").bloat
            assert bloat is not None
            assert (bloat.method, bloat.ratio) == ("measured", pytest.approx(0.75, abs=0.1))
        database.run(f"REVOKE SELECT ON holes FROM {name}")
        blind = collect(database.url_of(name, SECRET))
        assert probe(blind, "table-bloat").outcome is ProbeOutcome.DENIED
        assert probe(blind, "table-bloat").grant == f"GRANT pg_read_all_data TO {name}"


def test_statistics_that_are_partly_visible_say_so(database: Database) -> None:
    with guest(database) as name:
        database.run(
            "CREATE TABLE seen AS SELECT generate_series(1, 100) AS id",
            "CREATE TABLE hidden AS SELECT generate_series(1, 100) AS id",
            "CREATE TABLE guarded AS SELECT generate_series(1, 100) AS id",
            "ALTER TABLE guarded ENABLE ROW LEVEL SECURITY",
            "CREATE SEQUENCE open_one",
            "CREATE SEQUENCE closed_one",
            "SELECT nextval('open_one'), nextval('closed_one')",
            f"GRANT SELECT ON seen, guarded TO {name}",
            f"GRANT USAGE ON SEQUENCE open_one TO {name}",
            "ANALYZE",
        )
        snapshot = collect(database.url_of(name, SECRET))
    found = snapshot.catalog
    assert probe(snapshot, "column-statistics").reason == "visible for 1 of 3 tables"
    assert probe(snapshot, "column-statistics").outcome is ProbeOutcome.OK
    visible = {one.name: (one.statistics_visible, one.columns[0].statistics is not None) for one in found.tables}
    assert visible == {"seen": (True, True), "hidden": (False, False), "guarded": (False, False)}
    assert [(one.name, one.readable, one.last_value) for one in found.sequences] == [
        ("closed_one", False, None),
        ("open_one", True, 1),
    ]
