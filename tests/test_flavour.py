"""Products that speak the protocol are known by what they say of themselves.

None of those servers can be had for a test: their answers are rows written down here from their documentation. That
PostgreSQL itself is never taken for one of them is asked of real servers of every version.
"""

from __future__ import annotations

import psycopg
import pytest
from psycopg.rows import dict_row

from auditor_connectors.postgresql.flavour import detect
from auditor_connectors.postgresql.probe import Raw
from auditor_connectors.postgresql.probes import PROBES
from tests.servers import AnyServer

PLAIN = "PostgreSQL 17.5 on x86_64-pc-linux-gnu, compiled by gcc (GCC) 12.4.0, 64-bit"


def answers(
    version: str = PLAIN,
    settings: tuple[str, ...] = (),
    extensions: tuple[str, ...] = (),
    roles: tuple[str, ...] = (),
    aurora: bool = False,
) -> Raw:
    return {
        "server": [{"version_text": version, "aurora": aurora}],
        "settings": [{"name": name} for name in ("work_mem", *settings)],
        "extensions": [
            {"name": "citus", "installed": None},
            {"name": "plpgsql", "installed": "1.0"},
            *({"name": name, "installed": "1"} for name in extensions),
        ],
        "roles": [{"name": name} for name in ("postgres", *roles)],
    }


@pytest.mark.parametrize(
    ("raw", "flavour", "managed"),
    [
        (answers("CockroachDB CCL v24.1.0 (x86_64-pc-linux-gnu, built 2024/05/15)"), "CockroachDB", False),
        (answers("PostgreSQL 15.2-YB-2025.1.0.0-b0 on x86_64-pc-linux-gnu"), "YugabyteDB", False),
        (answers("PostgreSQL 8.0.2 on i686-pc-linux-gnu, Redshift 1.0.63282"), "Amazon Redshift", True),
        (answers("PostgreSQL 12.12 (Greenplum Database 7.1.0 build commit:e7c2)"), "Greenplum", False),
        (answers(settings=("rds.extensions", "apg_plan_mgmt.capture_plan_baselines")), "Amazon Aurora", True),
        (answers(settings=("rds.extensions",), aurora=True), "Amazon Aurora", True),
        (answers(settings=("rds.extensions", "rds.force_ssl")), "Amazon RDS", True),
        (answers(roles=("rdsadmin", "rds_superuser")), "Amazon RDS", True),
        (answers(settings=("cloudsql.iam_authentication",)), "Google Cloud SQL", True),
        (answers(settings=("alloydb.iam_authentication", "cloudsql.logical_decoding")), "AlloyDB", True),
        (answers(settings=("azure.extensions",)), "Azure Database", True),
        (answers(settings=("supautils.reserved_roles",)), "Supabase", True),
        (answers(settings=("neon.timeline_id",)), "Neon", True),
        (answers(extensions=("timescaledb",)), "TimescaleDB", False),
        (answers(extensions=("citus",)), "Citus", False),
        (answers(settings=("azure.extensions",), extensions=("citus",)), "Azure Database", True),
        (answers(), None, False),
        (answers(roles=("rds_superuser",)), None, False),
        ({}, None, False),
    ],
)
def test_products_are_known_by_their_answers(raw: Raw, flavour: str | None, managed: bool) -> None:
    assert detect(raw) == (flavour, managed)


def test_postgresql_is_no_flavour(every_server: AnyServer) -> None:
    raw: Raw = {}
    with psycopg.connect(every_server.url(), autocommit=True, row_factory=dict_row) as connection:
        for probe in PROBES:
            if probe.name in {"server", "settings", "extensions", "roles"}:
                raw[probe.name] = connection.execute(probe.text(connection.info.server_version).encode()).fetchall()
    assert len(raw) == 4
    assert detect(raw) == (None, False)
