"""The exported revisions, run by Alembic on a real server: up, again, down; and written as SQL without one."""

from __future__ import annotations

import io
import re
from argparse import Namespace
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config

from tests.exporting.conftest import Planned, planned
from tests.scenarios import SCENARIOS
from tests.servers import AnyServer, Database
from tests.test_plan_runs import schema_of

NAMES = (
    "wider keys and more", "columns", "drop and rebuild indexes", "surrogate key", "odd names",
    "odd names of what is replaced", "odd names of a view", "a companion that is merged",
)  # fmt: skip
_ENVIRONMENT = """\
import sqlalchemy
from alembic import context

SETTINGS = {settings}
URL = context.config.get_main_option("sqlalchemy.url")
if context.is_offline_mode():
    context.configure(url=URL, **SETTINGS)
    with context.begin_transaction():
        context.run_migrations()
else:
    engine = sqlalchemy.create_engine(URL, poolclass=sqlalchemy.pool.NullPool)
    with engine.connect() as connection:
        context.configure(connection=connection, **SETTINGS)
        with context.begin_transaction():
            context.run_migrations()
"""


class Project:
    """A project with an environment as Alembic's own template makes it, and the exported revisions."""

    def __init__(self, folder: Path, database: Database, **settings: bool) -> None:
        self.folder = folder
        (folder / "env.py").write_text(_ENVIRONMENT.format(settings=settings or {"transaction_per_migration": True}))
        self.url = re.sub(r"\Apostgres(ql)?:", "postgresql+psycopg:", database.url)

    def run(self, verb: str, revision: str, *said: str, sql: bool = False) -> str:
        out = io.StringIO()
        config = Config(output_buffer=out, stdout=io.StringIO(), cmd_opts=Namespace(x=list(said)))
        config.set_main_option("script_location", str(self.folder))
        config.set_main_option("sqlalchemy.url", self.url.replace("%", "%%"))
        (command.upgrade if verb == "upgrade" else command.downgrade)(config, revision, sql=sql)
        return out.getvalue()

    def until_done(self, verb: str, revision: str) -> None:
        """Run it, and say that people did what they are asked to do."""
        said: tuple[str, ...] = ()
        for _ in range(40):
            try:
                self.run(verb, revision, *said)
            except RuntimeError as error:
                asked = re.search(r"alembic -x (\w+=[\w-]+)", str(error))
                if asked is None:
                    raise
                said = (asked[1],)
            else:
                return
        raise AssertionError(said)


def project(plan: Planned, folder: Path, *, reversible: bool = False, **settings: bool) -> Project:
    return Project(plan.export("alembic", folder, reversible=reversible), plan.database, **settings)


def without_versions(text: str) -> str:
    """A schema without Alembic's own table."""
    return "\n\n".join(block for block in text.split("\n\n") if "alembic_version" not in block)


@pytest.mark.parametrize("name", NAMES)
def test_revisions_run_up_again_and_down(name: str, server: AnyServer, tmp_path: Path) -> None:
    with planned(server, name) as plan:
        before = schema_of(plan.database)
        partly = project(plan, tmp_path / "back", reversible=True)
        partly.until_done("upgrade", "head")
        after = schema_of(plan.database)
        assert after != before
        partly.run("upgrade", "head")
        assert schema_of(plan.database) == after
        if not SCENARIOS[name].final:
            partly.until_done("downgrade", "base")
            assert without_versions(schema_of(plan.database)) == before
            plan.database.run("DROP TABLE public.alembic_version")
            project(plan, tmp_path / "all").until_done("upgrade", "head")
        else:
            plan.database.run("DROP TABLE public.alembic_version")
            return
        with plan.database.connect() as connection:
            for query in SCENARIOS[name].checks:
                assert connection.execute(query.encode()).fetchone() == (True,), query


def test_a_revision_that_is_done_already_is_passed_over(server: AnyServer, tmp_path: Path) -> None:
    with planned(server, "indexes") as plan:
        done = project(plan, tmp_path / "plan")
        done.until_done("upgrade", "head")
        after = schema_of(plan.database)
        plan.database.run("DELETE FROM public.alembic_version")
        done.until_done("upgrade", "head")
        assert schema_of(plan.database) == after


def test_one_transaction_for_all_is_refused(server: AnyServer, tmp_path: Path) -> None:
    with planned(server, "indexes") as plan:
        careless = project(plan, tmp_path / "plan", transaction_per_migration=False)
        with pytest.raises(RuntimeError, match="transaction_per_migration=True"):
            careless.run("upgrade", "head")


@pytest.mark.parametrize("name", ["odd names", "surrogate key"])
def test_revisions_can_be_written_as_sql(name: str, server: AnyServer, tmp_path: Path) -> None:
    with planned(server, name) as plan:
        text = project(plan, tmp_path / "plan").run("upgrade", "head", sql=True)
        for phase in plan.plan.phases:
            for statement in (statement for step in phase.steps for statement in step.statements):
                assert f"{statement};" in text
