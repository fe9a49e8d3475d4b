"""The plan for a whole shop, carried out in mongosh step by step, and what an audit says of the shop afterwards."""

from __future__ import annotations

from auditor.model.report import Audit
from auditor.pipeline import Selection, audit_snapshot
from tests import mongodb_shop
from tests.mongodb_running import Runner, Shell, facts_of
from tests.mongodb_servers import Server
from tests.servers import Pool

SHOP = "planned_shop"
_ON_COLLECTIONS = ("add-index", "change-column-type", "drop-index", "merge-clones", "rename-column", "set-validator",
                   "set-expiry", "split-table", "use-time-series")  # fmt: skip


def test_a_plan_is_carried_out_and_not_proposed_again(pool: Pool) -> None:
    server = pool.mongodb()
    server.client.drop_database(SHOP)
    mongodb_shop.fill(server.client[SHOP])
    try:
        first = audit(server)
        changes = {one.id for one in first.plan.operations if one.kind in _ON_COLLECTIONS}
        assert len({one.partition(":")[0] for one in changes}) > 4
        with Shell(pool, server) as shell:
            runner = Runner(shell)
            for step in first.plan.steps:
                if step.operation in changes:
                    runner.forward(step)
        second = audit(server)
        assert changes.isdisjoint(one.id for one in second.plan.operations)
        fields = {one.kind for one in second.plan.operations if one.kind in ("change-column-type", "rename-column")}
        assert fields == set()
    finally:
        server.client.drop_database(SHOP)


def audit(server: Server) -> Audit:
    made = audit_snapshot(facts_of(server, SHOP).snapshot, Selection())
    assert [one for one in made.plan.conflicts if one.decision == "No steps are planned"] == []
    return made
