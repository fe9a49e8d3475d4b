"""Roles, privileges, views and row security."""

from __future__ import annotations

from collections.abc import Mapping

from auditor.model.operation import (
    AlterRole,
    Revoke,
    RevokeMembership,
    SetRoutineSetting,
    SetRowSecurity,
    SetViewOption,
)
from tests.scenarios.base import ORDERS, Scenario

SCENARIOS: Mapping[str, Scenario] = {
    "access": Scenario(
        setup=(
            *ORDERS,
            "CREATE ROLE plan_boss SUPERUSER CREATEDB", "CREATE ROLE plan_worker",
            "GRANT plan_boss TO plan_worker WITH ADMIN OPTION",
            "GRANT SELECT, UPDATE ON shop.orders TO PUBLIC",
            "GRANT CREATE ON SCHEMA shop TO PUBLIC",
            "CREATE FUNCTION shop.secret(a integer, b text) RETURNS int SECURITY DEFINER LANGUAGE sql AS 'SELECT 1'",
            "CREATE POLICY mine ON shop.orders USING (true)",
        ),
        operations=(
            AlterRole(name="plan_boss", attributes={"superuser": False, "create_database": False}),
            RevokeMembership(name="plan_worker", role="plan_boss"),
            Revoke(object_kind="table", schema="shop", name="orders", privileges=("UPDATE",), grantee="PUBLIC"),
            Revoke(object_kind="schema", name="shop", privileges=("CREATE",), grantee="PUBLIC"),
            Revoke(object_kind="function", schema="shop", name="secret", arguments="a integer, b text",
                   privileges=("EXECUTE",), grantee="PUBLIC"),
            SetRoutineSetting(schema="shop", name="secret", arguments="a integer, b text", setting="search_path",
                              value="pg_catalog, shop, pg_temp"),
            SetRowSecurity(schema="shop", table="orders", force=True),
        ),
    ),
    "views": Scenario(
        setup=(*ORDERS, "CREATE VIEW shop.v AS SELECT id FROM shop.orders"),
        operations=(SetViewOption(schema="shop", name="v", option="security_invoker", value="true"),),
        since=15,
    ),
}  # fmt: skip
