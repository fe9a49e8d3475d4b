"""What the tests of exported plans share: real plans of scenarios, and the folder that a plan is exported into."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from msgspec.structs import replace

from auditor.exporting.folder import write_folder
from auditor.exporting.writing import export
from auditor.model.plan import Plan
from auditor_connectors.postgresql import connector
from auditor_connectors.postgresql.recipes import estimates
from tests.sample_audit import shop_audit
from tests.scenarios import SCENARIOS
from tests.scenarios.base import Scenario
from tests.servers import AnyServer, Database, fresh_database
from tests.test_plan_runs import plan_of, prepared


@dataclass(frozen=True)
class Planned:
    """A database, the plan for it, and where it is exported."""

    database: Database
    plan: Plan

    def export(self, form: str, folder: Path, *, reversible: bool = False) -> Path:
        """Write the plan, or what of it comes before the first point of no return."""
        plan = self.plan
        if reversible:
            steps = itertools.takewhile(
                lambda step: not step.point_of_no_return, (step for phase in plan.phases for step in phase.steps)
            )
            kept = {step.id for step in steps}
            plan = replace(plan, phases=tuple(
                replace(phase, steps=tuple(step for step in phase.steps if step.id in kept)) for phase in plan.phases
            ))  # fmt: skip
        write_folder(folder, export(replace(shop_audit(), plan=plan), connector, form))
        return folder


@contextmanager
def planned(server: AnyServer, named: str | Scenario) -> Iterator[Planned]:
    """Build the objects of a scenario as if all tables were large, and plan for them."""
    scenario = SCENARIOS[named] if isinstance(named, str) else named
    with pytest.MonkeyPatch.context() as patch, fresh_database(server) as database, prepared(database, scenario):
        if not scenario.small:
            patch.setattr(estimates, "SMALL_TABLE_BYTES", 0)
            patch.setattr(estimates, "TINY_TABLE_BYTES", 0)
        yield Planned(database, plan_of(database, scenario))
