"""The mapped classes of the export, used at their moments of the plan on a real server, and compared at its end."""

from __future__ import annotations

import ast
import datetime as dt
import importlib.util
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import orm

from auditor.exporting.orm.sqlalchemy import _text
from auditor.model import operation as op
from tests.exporting.conftest import planned
from tests.exporting.example import EXAMPLE, MOVED, ODD_ROWS, ODD_SHAPES, RESHAPED
from tests.scenarios import SCENARIOS
from tests.scenarios.base import Scenario
from tests.servers import AnyServer, Database, fresh_database
from tests.test_plan_runs import Runner

PEOPLE = SCENARIOS["an enumerated type"]


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    if hasattr(module, "Base"):
        module.Base.registry.configure()
    return module


def url_of(database: Database) -> str:
    return re.sub(r"\Apostgres(ql)?:", "postgresql+psycopg:", database.url)


@contextmanager
def engine_of(database: Database, **options: Any) -> Iterator[sa.Engine]:
    engine = sa.create_engine(url_of(database), **options)
    try:
        yield engine
    finally:
        engine.dispose()


def use(models: ModuleType, engine: sa.Engine, code: object, **values: Any) -> int:
    """Write an order with the models, and find it again with what was written; then change it."""
    with orm.Session(engine) as session:
        order = models.Orders(status="new", code=code, **values)
        session.add(order)
        session.commit()
        identity = order.id
    with orm.Session(engine) as session:
        order = session.scalars(sa.select(models.Orders).where(models.Orders.id == identity)).one()
        assert (order.status, order.code) == ("new", code)
        order.status = "paid"
        session.commit()
        assert session.get_one(models.Orders, identity).status == "paid"
    return int(identity)


def file_of(folder: Path, number: int) -> Path | None:
    found = list(folder.glob(f"models/plan_{number:03d}_*.py"))
    return found[0] if found else None


def test_the_models_work_at_their_moments_and_agree_with_the_database_at_the_end(
    server: AnyServer, tmp_path: Path
) -> None:
    seen = []
    with planned(server, EXAMPLE) as plan, engine_of(plan.database) as engine, Runner(plan.database) as runner:
        folder = plan.export("sqlalchemy", tmp_path / "plan")
        for number, step in enumerate(plan.plan.steps, start=1):
            runner.run_patiently(step)
            path = file_of(folder, number)
            assert (path is not None) == (step.deploy is not None), step.title
            if path is None or step.deploy is None:
                continue
            seen.append(step.deploy.kind)
            models = load(path)
            if step.deploy.kind == "reconnect":
                models.reconnect(engine)
                continue
            old = {"old": "x"} if step.deploy.kind == "tolerate" else {}
            identity = use(models, engine, 7, **old)
            if step.deploy.kind == "tolerate":
                tolerant = models
            if step.deploy.kind == "stop-using":
                use(tolerant, engine, 8, old="x")  # what is not deployed everywhere yet works on after the switch
            if step.deploy.kind == "move-reads":
                identity = use(models, engine, 9, notes="seen")
                with orm.Session(engine) as session:
                    assert session.get_one(models.Orders, identity).order_details.notes == "seen"
            if step.deploy.kind == "move-writes":
                use(models, engine, 9)
                details = models.OrderDetails(notes="alone")
                with orm.Session(engine) as session:
                    order = models.Orders(status="new", code=10, order_details=details)
                    session.add(order)
                    session.commit()
                    identity = order.id
                    order.status = "paid"  # the trigger is still there, and must not bring the old columns' NULL
                    session.commit()
                with orm.Session(engine) as session:
                    assert session.get_one(models.OrderDetails, identity).notes == "alone"
        assert seen == ["tolerate", "reconnect", "stop-using", "move-reads", "move-writes"]
        models = load(folder / "models/after_the_plan.py")
        identity = use(models, engine, 11, order_details=models.OrderDetails(notes="last"))
        with orm.Session(engine) as session:
            session.delete(session.get_one(models.Orders, identity))
            session.commit()
            assert session.get(models.OrderDetails, identity) is None
        assert differences(models.Base.metadata, engine) == [("remove_index", "lines_order")], "was there before"


def differences(metadata: sa.MetaData, engine: sa.Engine) -> list[tuple[str, str]]:
    """What an automatic revision of Alembic would hold, for the tables that the models have."""
    options = {
        "include_schemas": True,
        "include_name": lambda name, kind, parents: kind != "schema" or name == "shop",
        "compare_type": True,
    }
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=options)
        found = compare_metadata(context, metadata)
    return [(one[0], one[1].name) if isinstance(one, tuple) else (str(one[0]), "") for one in found]


def test_an_engine_that_prepares_nothing_does_not_notice_the_switch(server: AnyServer, tmp_path: Path) -> None:
    """With the driver's default the same query fails once, until connections are recycled as the file says."""
    with planned(server, EXAMPLE) as plan, Runner(plan.database) as runner, engine_of(plan.database) as usual:
        folder = plan.export("sqlalchemy", tmp_path / "plan")
        switch = next(
            number for number, step in enumerate(plan.plan.steps, start=1)
            if step.deploy is not None and step.deploy.kind == "reconnect"
        )  # fmt: skip
        for step in plan.plan.steps[: switch - 1]:
            runner.run_patiently(step)
        path = file_of(folder, switch)
        before = file_of(folder, switch - 1)
        assert path is not None
        assert before is not None
        advice, models = load(path), load(before)
        query = sa.select(models.Orders).where(models.Orders.id == 5)
        careful = advice.make_engine(url_of(plan.database))
        try:
            for engine in (careful, usual):
                for _ in range(8):
                    with orm.Session(engine) as session:
                        assert session.scalars(query).one().code == 5
                        session.commit()  # the driver forgets what it has prepared when a transaction is rolled back
            runner.run_patiently(plan.plan.steps[switch - 1])
            with orm.Session(careful) as session:
                assert session.scalars(query).one().code == 5
            with orm.Session(usual) as session, pytest.raises(sa.exc.DBAPIError, match="cached plan"):
                session.scalars(query).one()
            advice.reconnect(usual)
            with orm.Session(usual) as session:
                assert session.scalars(query).one().code == 5
        finally:
            careful.dispose()


@pytest.mark.parametrize(
    "scenario",
    [
        "odd names",
        "odd names of what is replaced",
        "rows for numbered columns",
        "odd names of a companion",
        pytest.param(ODD_SHAPES, id="shapes"),
        pytest.param(ODD_ROWS, id="rows"),
    ],
)
def test_whatever_names_hold_the_classes_map_and_read(
    scenario: str | Scenario, server: AnyServer, tmp_path: Path
) -> None:
    with planned(server, scenario) as plan, engine_of(plan.database) as engine:
        folder = plan.export("sqlalchemy", tmp_path / "plan")
        with Runner(plan.database) as runner:
            for step in plan.plan.steps:
                # Where another change has written the rows, they are brought over already.
                runner.run_patiently(step, alone=not step.operation.startswith("extract-json"))
        models = load(folder / "models/after_the_plan.py")
        bases = [base for base in (models.Base, getattr(models, "ViewBase", None)) if base is not None]
        with orm.Session(engine) as session:
            for mapper in (mapper for base in bases for mapper in base.registry.mappers):
                assert session.scalars(sa.select(mapper.class_).limit(1)).one() is not None


@pytest.mark.parametrize(
    "condition",
    [
        "status::text <> 'a:b'",
        "code ~ '^\\d+:x$'",
        r"note <> E'\:\\ %s' AND id > 5",
        "a = ':word' AND \"b:c\" = 1",
    ],
)
def test_the_sql_of_a_condition_stays_as_it_is(condition: str) -> None:
    assert str(sa.text(ast.literal_eval(_text(condition))).compile()) == condition


@pytest.mark.parametrize("form", ["django", "sqlalchemy"])
def test_a_file_says_that_no_model_changes(form: str, server: AnyServer, tmp_path: Path) -> None:
    """Every deploy point has a file: with the models that change, or one line that says that none does."""
    asked = op.ChangeApplication(topic="long-transactions", subject="import", instruction="Commit in between.")
    sampled = op.AnalyzeTable(schema="shop", table="people")
    scenario = Scenario(setup=(*PEOPLE.setup,), operations=(*PEOPLE.operations, asked, sampled))
    with planned(server, scenario) as plan:
        folder = plan.export(form, tmp_path / "plan")
        for number, step in enumerate(plan.plan.steps, start=1):
            path = file_of(folder, number)
            assert (path is not None) == (step.deploy is not None), step.title
            if path is not None:
                silent = "# No model changes here, as far as the plan knows: what the step says is all.\n"
                assert path.read_text().endswith(silent) == (step.operation == asked.id)
        end = (folder / "models/after_the_plan.py").read_text()
        assert "change no model: analyze-table (1), change-application (1).\n" in end


def test_whatever_gets_another_shape_is_used_at_its_moments(server: AnyServer, tmp_path: Path) -> None:
    seen: list[str] = []
    archive = merging = None
    with planned(server, RESHAPED) as plan, engine_of(plan.database) as engine, Runner(plan.database) as runner:
        folder = plan.export("sqlalchemy", tmp_path / "plan")
        for number, step in enumerate(plan.plan.steps, start=1):
            runner.run_patiently(step, alone=not step.operation.startswith("extract-json"))
            if step.title.startswith("Put a view over shop.guests"):
                assert merging is not None
                with orm.Session(engine) as session:  # what was deployed before goes on working
                    session.get_one(merging.Profiles, 7).score = 70
                    session.add(merging.Profiles(guest_id=8, mail="late"))
                    session.commit()
                    assert session.get_one(merging.Guests, 8).address == "late"
            if step.title.startswith("Copy the old rows of shop.visits"):
                assert archive is not None
                with orm.Session(engine) as session:
                    rows = session.scalars(sa.select(archive.VisitsArchive)).all()
                    assert {one.at.year for one in rows} == {2024}
            if step.deploy is None:
                continue
            path = file_of(folder, number)
            assert path is not None
            models = load(path)
            seen.append(f"{step.operation} {step.deploy.kind}")
            if step.deploy.kind == "reconnect":
                models.reconnect(engine)
            if step.operation.startswith("archive-rows"):
                archive = models
                continue
            if seen[-1] == "merge-tables:shop.guests.profiles move-reads":
                merging = models
            with orm.Session(engine) as session:
                use_reshaped(seen[-1], models, session)
        assert len(seen) == len(set(seen)) == 21
        models = load(folder / "models/after_the_plan.py")
        assert differences(models.Base.metadata, engine) == [("remove_table", "visits")], "has no part in it"


def use_reshaped(moment: str, models: ModuleType, session: orm.Session) -> None:
    """Write through the models of a moment what could not be written, or was written otherwise, before."""
    match moment.partition(":")[0], moment.rpartition(" ")[2]:
        case "enum-to-lookup", "tolerate" | "reconnect":
            session.add(models.People(id=7000 + (moment.endswith("reconnect")), mood="sad"))
        case "enum-to-lookup", "other" if "people" in moment:
            session.add(models.Moods(value="calm", sort_order=4))
            session.flush()
            session.add(models.People(id=7002, mood="calm"))
        case "enum-to-lookup", "other":
            assert session.get_one(models.BillsStateValues, "paid").sort_order == 2
        case "add-exclusion", _ if "prices" in moment:
            session.add(models.Prices(id=7000, room=3, valid_from=dt.date(2024, 1, 3)))
            with pytest.raises(sa.exc.IntegrityError):
                session.flush()
            session.rollback()
        case "merge-tables", kind:
            (use_parts if "guests" in moment else use_numbered_parts)(kind, models, session)
        case "materialise-view", _:
            assert not hasattr(models, "IdleMaterialized")
            if "busy" in moment:
                assert session.get_one(models.BusyMaterialized, 0).last == "p9"
            ledger = models.BusyMaterializedRefresh if "busy" in moment else models.IdleMaterializedRefresh
            assert session.get_one(ledger, True).refreshed_at
        case "extract-json", kind:
            use_document(kind, models, session, city="City" in moment)
    session.commit()


def use_parts(kind: str, models: ModuleType, session: orm.Session) -> None:
    """Read in the table what is written to its companion, or write it there and find it in the companion's view."""
    match kind:
        case "move-reads":
            session.add(models.Guests(id=7000, name="new"))
            session.flush()
            session.add(models.Profiles(guest_id=7000, name="more", score=5, place_id=2))
            session.commit()
            found = session.get_one(models.Guests, 7000)
            assert (found.profiles_name, found.score, found.place_id, found.has_profiles) == ("more", 5, 2, True)
        case "move-writes":
            assert session.get_one(models.Guests, 7).score == 70
            session.add(models.Guests(id=7001, score=3, has_profiles=True))
            session.delete(session.get_one(models.Profiles, 7000))
            session.flush()
            assert session.get_one(models.Guests, 7000).has_profiles is False
            assert session.get_one(models.Profiles, 7001).score == 3
        case _:
            assert not hasattr(models, "Profiles")


def use_numbered_parts(kind: str, models: ModuleType, session: orm.Session) -> None:
    """The same where the companion has a key of its own, beside that of the table."""
    if kind == "move-writes":
        session.add(models.Tickets(id=7000, n=1, seats_id=7001, label="new"))
        session.flush()
        seat = session.get_one(models.Seats, 7001)
        assert (seat.ticket_id, seat.label) == (7000, "new")
        seat.label = "changed"
    assert hasattr(models, "Seats") == (kind != "stop-using")


def use_document(kind: str, models: ModuleType, session: orm.Session, *, city: bool) -> None:
    """Write a document, or the column that takes its key over, and find the other side of it."""
    column, wanted, other = ("city", "Rome", "Oslo") if city else ("n", 1200, 1300)
    document = {"address": {"City's": wanted}} if city else {"n": wanted}
    if kind == "move-reads":
        one = models.Docs(id=7000 + city, doc=document)
        session.add(one)
        session.flush()
        assert getattr(one, column) == getattr(one, f"current_{column}") == wanted
        return
    one = session.get_one(models.Docs, 7000 + city)
    if kind == "move-writes":
        setattr(one, f"current_{column}", other)
        session.commit()
        session.refresh(one)
        assert getattr(one, column) == other
        assert one.doc == ({"address": {"City's": other}} if city else {"n": other})
        assert getattr(models.Docs(doc=document), f"current_{column}") == wanted
        return
    assert not hasattr(one, f"current_{column}")
    setattr(one, column, wanted)


def test_an_archive_has_the_columns_of_its_time(server: AnyServer, tmp_path: Path) -> None:
    """The rows are archived after the column has got its type."""
    retyped = op.ChangeColumnType(schema="shop", table="visits", column="note", from_type="text", to_type="integer")
    setup = "CREATE TABLE shop.visits (id int PRIMARY KEY, at timestamptz NOT NULL, note text)"
    with planned(server, Scenario(setup=(setup,), operations=(retyped, RESHAPED.operations[-1]))) as plan:
        folder = plan.export("sqlalchemy", tmp_path / "plan")
        titles = [step.title.split(" ")[0] for step in plan.plan.steps]
        number = titles.index("Agree") + 1
        assert titles.index("Switch") < number
        path = file_of(folder, number)
        assert path is not None
        assert isinstance(load(path).VisitsArchive.__table__.c.note.type, sa.Integer)


def test_sessions_go_to_the_database_that_a_table_is_in(server: AnyServer, tmp_path: Path) -> None:
    with (
        planned(server, MOVED) as plan, fresh_database(server) as target, engine_of(plan.database) as here,
        engine_of(target) as there,
    ):  # fmt: skip
        alone = (one.replace(" REFERENCES shop.customers (id)", "") for one in MOVED.setup[1:3])
        target.run("CREATE SCHEMA shop", *alone)
        folder = plan.export("sqlalchemy", tmp_path / "plan")
        before, after = sorted(folder.glob("models/plan_*.py"))
        assert "complaints_parcel_id_fkey'" not in before.read_text(), "a soft reference from here on"
        for path in (after, folder / "models/after_the_plan.py"):
            models = load(path)
            with models.make_sessions(here, there)() as session:
                session.add(models.Parcels(id=len(path.stem), customer_id=1))
                session.flush()
                session.add(models.Labels(id=len(path.stem), parcel_id=len(path.stem)))
                session.commit()
        plan.database.run("DROP TABLE shop.labels, shop.parcels CASCADE")
        assert differences(models.MovedBase.metadata, there) == []
        assert differences(models.Base.metadata, here) == [("remove_table", "customers")], "stays as it is"
        with there.connect() as connection:
            assert connection.scalar(sa.text("SELECT count(*) FROM shop.labels")) == 2
