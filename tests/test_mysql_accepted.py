"""Asks the servers whether they accept what the recipes write in ALGORITHM and LOCK, and nothing that costs less."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pymysql
import pytest

from auditor.model.facts import Facts
from auditor_connectors.mysql.recipes.accepted import Change, Trait, way
from tests.mysql_running import facts_of
from tests.mysql_servers import ENGINES, Account, Cursor, database
from tests.servers import Pool

BODY = """id int NOT NULL PRIMARY KEY, free int, k int NOT NULL, n int, s varchar(20), u int DEFAULT 7,
  m timestamp NULL DEFAULT CURRENT_TIMESTAMP, x text, old_text text CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci,
  old varchar(20) CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci"""
MORE = "KEY by_s (s), KEY by_old (old), CONSTRAINT {table}_small CHECK (n < 1000)"
TABLES: dict[Trait | str, str] = {
    "plain": f"({BODY}, {MORE}) ENGINE=InnoDB",
    "full-text": f"({BODY}, {MORE}, FULLTEXT KEY words (x)) ENGINE=InnoDB",
    "spatial": f"({BODY}, {MORE}, g geometry NOT NULL DEFAULT (POINT(1, 1)), SPATIAL KEY place (g)) ENGINE=InnoDB",
    "indexed-virtual": f"({BODY}, {MORE}, v int GENERATED ALWAYS AS (id + 1) VIRTUAL, KEY by_v (v)) ENGINE=InnoDB",
    "stored": f"({BODY}, {MORE}, v int GENERATED ALWAYS AS (n + 1) STORED) ENGINE=InnoDB",
    "compressed": f"({BODY}, {MORE}) ENGINE=InnoDB ROW_FORMAT=COMPRESSED",
    "other-engine": f"({BODY}, {MORE}) ENGINE=MyISAM",
    "cascades": f"({BODY}, {MORE}, CONSTRAINT {{table}}_key FOREIGN KEY (u) REFERENCES there (id) ON DELETE CASCADE) "
    "ENGINE=InnoDB",
    "no-key": f"({BODY.replace(' PRIMARY KEY', '')}, {MORE}, CONSTRAINT {{table}}_key FOREIGN KEY (u) REFERENCES there "
    "(id)) ENGINE=InnoDB",
}
CLAUSES: dict[Change, str] = {
    "add-index": "ADD INDEX z (n)",
    "add-search-index": "ADD FULLTEXT INDEX z (s)",
    "drop-index": "DROP INDEX by_s",
    "add-check": "ADD CONSTRAINT z CHECK (u < 5000)",
    "drop-check": "DROP CONSTRAINT {table}_small",
    "forbid-null": "MODIFY COLUMN n int NOT NULL",
    "forbid-null-moment": "MODIFY COLUMN m timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP",
    "set-default": "ALTER COLUMN s SET DEFAULT 'x'",
    "add-column": "ADD COLUMN z int NULL",
    "drop-column": "DROP COLUMN free",
    "drop-indexed-column": "DROP COLUMN s",
    "change-type": "MODIFY COLUMN m varchar(40)",
    "extend-text": "MODIFY COLUMN s varchar(30)",
    "default-text": "DEFAULT CHARACTER SET latin1",
    "widen-text": "MODIFY COLUMN old_text text CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci",
    "widen-indexed-text": "MODIFY COLUMN old varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci",
    "recollate-indexed-text": "MODIFY COLUMN old varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci",
    "rebuild": "FORCE",
}
OF_ONE: dict[Change, tuple[str, str]] = {
    "add-primary-key": ("no-key", "ADD PRIMARY KEY (id)"),
    "add-numbered-key": ("no-key", "ADD COLUMN z bigint NOT NULL AUTO_INCREMENT PRIMARY KEY"),
    "drop-reference": ("no-key", "DROP FOREIGN KEY {table}_key"),
    "add-reference": ("plain", "ADD CONSTRAINT z FOREIGN KEY (id) REFERENCES there (id)"),
    "change-engine": ("other-engine", "ENGINE=InnoDB"),
    "allow-null": ("plain", "MODIFY COLUMN k int NULL"),
}
MYSQL_ONLY: dict[Change, tuple[str, str]] = {
    "add-expression-index": ("plain", "ADD INDEX z ((u * 2))"),
    "add-check-unenforced": ("plain", "ADD CONSTRAINT z CHECK (u < 5000) NOT ENFORCED"),
    "enforce-check": ("plain", "ALTER CHECK loose ENFORCED"),
}
# What a trait of the table makes another thing of, and two that none does.
BY_TRAIT = ("add-index", "set-default", "add-column", "drop-column", "drop-indexed-column", "forbid-null",
            "forbid-null-moment", "rebuild", "widen-text", "widen-indexed-text", "recollate-indexed-text")  # fmt: skip
# From what costs least to what costs most. MySQL has no NOCOPY, and takes no LOCK beside INSTANT.
COSTS = (
    "ALGORITHM=INSTANT", "ALGORITHM=NOCOPY, LOCK=NONE", "ALGORITHM=INPLACE, LOCK=NONE",
    "ALGORITHM=INPLACE, LOCK=SHARED", "ALGORITHM=COPY, LOCK=NONE", "ALGORITHM=COPY, LOCK=SHARED",
)  # fmt: skip


@pytest.fixture(scope="module", params=[pytest.param(engine, marks=getattr(pytest.mark, engine)) for engine in ENGINES])
def server(request: pytest.FixtureRequest, pool: Pool) -> Account:
    """A server of one product after the other."""
    return pool.mysql(request.param)


@pytest.fixture(scope="module")
def facts(server: Account) -> Iterator[Facts]:
    with database(server, "ways") as name:
        server.run("CREATE TABLE there (id int PRIMARY KEY)", "INSERT INTO there VALUES (1), (7)", database=name)
        for trait in TABLES:
            server.run(*_made(server, trait), database=name)
        yield facts_of(server, name)


def _made(server: Account, trait: str) -> list[str]:
    table = "t_" + trait.replace("-", "_")
    body = TABLES[trait].replace("{table}", table)
    statements = [f"DROP TABLE IF EXISTS {table}", f"CREATE TABLE {table} {body}"]
    if server.engine == "mysql" and trait == "plain":
        statements.append(f"ALTER TABLE {table} ADD CONSTRAINT loose CHECK (n < 500) NOT ENFORCED")
    values = "(1, 1, 'a', 7, 'x', 1)"
    return [*statements, f"INSERT INTO {table} (id, n, s, u, x, k) VALUES {values}"]


def _changes(server: Account) -> Iterator[tuple[str, Change, str]]:
    for change, clauses in CLAUSES.items():
        for trait in ("plain", "other-engine") if change not in BY_TRAIT else TABLES:
            if trait != "no-key" and (trait, change) != ("other-engine", "add-search-index"):
                yield trait, change, clauses
    for change, (trait, clauses) in (OF_ONE | (MYSQL_ONLY if server.engine == "mysql" else {})).items():
        yield trait, change, clauses
    for trait in ("plain", "other-engine"):
        yield trait, "hide-index", f"ALTER INDEX by_s {'INVISIBLE' if server.engine == 'mysql' else 'IGNORED'}"


def test_the_server_takes_what_is_written_and_nothing_cheaper(server: Account, facts: Facts) -> None:
    wrong = []
    with contextlib.closing(server.connect("ways")) as connection, connection.cursor() as cursor:
        for trait, change, clauses in _changes(server):
            table = "t_" + trait.replace("-", "_")
            found = way(facts, change, facts.table(("ways", table)))
            assert found is not None
            alter = f"ALTER TABLE {table} {clauses.replace('{table}', table)}"
            accepted = _cheapest(cursor, alter, change, found.clause)
            if accepted != found.clause:
                wrong.append((trait, change, found.clause, accepted))
            for statement in _made(server, trait) if accepted is not None else ():
                cursor.execute(statement)
    assert not wrong, "\n".join(map(str, wrong))


def _cheapest(cursor: Cursor, alter: str, change: Change, wanted: str) -> str | None:
    """The cheapest way that the server takes, or the wanted one of two that it makes no difference between."""
    cursor.execute(f"SET foreign_key_checks = {0 if change == 'add-reference' else 1}")
    # MariaDB takes any word for a change of the engine, and copies: what is written then is what is done.
    cheaper = () if change == "change-engine" else COSTS[: COSTS.index(wanted)]
    for clause in (*cheaper, wanted):
        with contextlib.suppress(pymysql.Error):
            cursor.execute(f"{alter}, {clause}")
            return clause
    return None
