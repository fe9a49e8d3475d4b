"""The exported migrations and models in a project of Django's on a real server: forward, compared, used, back."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from auditor.exporting.orm.fields import quoted_table
from auditor_connectors.postgresql.exporting.orm import ORM
from tests.exporting.conftest import planned
from tests.exporting.example import EXAMPLE, MOVED, ODD_ROWS, ODD_SHAPES, RESHAPED, ROWS
from tests.scenarios.base import Scenario
from tests.scenarios.names import ODD
from tests.servers import AnyServer, Database, fresh_database
from tests.test_plan_runs import schema_of

_SETTINGS = """\
SECRET_KEY = "x"
USE_TZ = True
INSTALLED_APPS = ["django.contrib.postgres", "store"]
DATABASE_ROUTERS = []
DATABASES = {}
"""
_BEFORE = """\
from django.db import models


class Customers(models.Model):
    email = models.CharField(max_length=80, null=True)
    id = models.AutoField(primary_key=True)

    class Meta:
        db_table = '"shop"."customers"'


class Orders(models.Model):
    id = models.AutoField(primary_key=True)
    customer_id = models.IntegerField(null=True)
    status = models.TextField()
    old = models.TextField()
    code = models.TextField(null=True)
    placed = models.DateTimeField(null=True)
    notes = models.TextField(null=True)
    picture = models.BinaryField(null=True)

    class Meta:
        db_table = '"shop"."orders"'


class Lines(models.Model):
    id = models.AutoField(primary_key=True)
    order = models.ForeignKey("Orders", models.DO_NOTHING)
    n = models.IntegerField(null=True)

    class Meta:
        db_table = '"shop"."lines"'
"""
_USE = """\
from store import models
customer = models.Customers.objects.get(id=2)
order = models.Orders.objects.create(status="new", code=7, {values})
found = models.Orders.objects.get(id=order.id, code=7)
assert (found.status, found.code) == ("new", 7), found
found.status = "paid"
found.save()
models.Lines.objects.create(order=found, n=1)
assert models.Lines.objects.filter(order__status="paid", order_id=order.id).count() == 1
{more}
"""


_WRITES = 'models.OrderDetails.objects.create(orders=found, notes="x")\nassert found.orderdetails.notes == "x"'
_USES = {
    "tolerate": ("old='x', customer=customer", ""),
    "reconnect": ("old='x', customer=customer", ""),
    "stop-using": ("customer=customer", ""),
    "move-reads": (
        "notes='seen', customer=customer", 'assert models.read_orders().get(id=order.id).orderdetails.notes == "seen"',
    ),
    "move-writes": ("customer=customer", _WRITES),
    "end": ("customer=customer", _WRITES),
}  # fmt: skip
_DRIVER = """\
import django
django.setup()
from django.core.management import call_command
{code}
"""


@dataclass
class Project:
    """A project of one app, as Django's startproject makes it."""

    folder: Path

    @classmethod
    def of(cls, folder: Path, database: Database) -> Project:
        (folder / "store/migrations").mkdir(parents=True)
        (folder / "store/__init__.py").touch()
        (folder / "store/migrations/__init__.py").touch()
        (folder / "settings.py").write_text(_SETTINGS)
        project = cls(folder)
        project.connect("default", database)
        return project

    def connect(self, alias: str, database: Database) -> None:
        """Let the project know a database."""
        parts = conninfo_to_dict(database.url)
        names = {"HOST": "host", "PORT": "port", "USER": "user", "PASSWORD": "password", "NAME": "dbname"}
        login = {name: str(parts.get(part, "")) for name, part in names.items()}
        self.set(f"DATABASES[{alias!r}] = { ({'ENGINE': 'django.db.backends.postgresql', **login})!r}")

    def set(self, line: str) -> None:
        """Add a line to the settings."""
        path = self.folder / "settings.py"
        path.write_text(f"{path.read_text()}{line}\n")

    def __call__(self, code: str, done: str = "") -> tuple[int, str]:
        """Run commands of Django's in a process of its own; ``done`` are the steps that people have done."""
        settings = {"DJANGO_SETTINGS_MODULE": "settings", "PLAN_DONE": done, "PLAN_UNDONE": done}
        run = subprocess.run(
            [sys.executable, "-W", "error", "-c", _DRIVER.format(code=code)], cwd=self.folder, capture_output=True,
            env={**os.environ, **settings}, text=True, timeout=180, stdin=subprocess.DEVNULL, check=False,
        )  # fmt: skip
        return run.returncode, run.stdout + run.stderr

    def do(self, code: str, done: str = "") -> str:
        status, said = self(code, done)
        assert status == 0, said
        return said

    def models(self, text: str, *, without: str = "") -> None:
        """Take over the classes of a file into the models, in the places of those with their names."""
        path = self.folder / "store/models.py"
        texts = [*([path.read_text()] if path.exists() else []), text]
        parts = {}
        for one in texts:
            for node in ast.parse(one).body:
                if not isinstance(node, ast.Expr):
                    parts[getattr(node, "name", ast.unparse(node))] = ast.unparse(node)
        parts.pop(without, None)
        path.write_text("\n\n".join(sorted(parts.values(), key=lambda part: not part.startswith(("from", "import")))))
        shutil.rmtree(self.folder / "store/__pycache__", ignore_errors=True)  # sizes and seconds may be the same

    def take(self, plan: Path, last: str = "~") -> list[str]:
        """Put the exported files where the page with them says, up to a migration; return the names of all."""
        text = (plan / "plan_operations.py").read_text()
        (self.folder / "store/plan_operations.py").write_text(text.replace("AFTER = None", 'AFTER = "0001_initial"'))
        for path in (self.folder / "store/migrations").glob("plan_*.py"):
            path.unlink()
        names = sorted(path.stem for path in (plan / "migrations").glob("*.py"))
        for name in names:
            if name <= last:
                shutil.copy(plan / "migrations" / f"{name}.py", self.folder / "store/migrations")
        return names


def without_history(text: str) -> str:
    """A schema without Django's own table."""
    return "\n\n".join(block for block in text.split("\n\n") if "django_" not in block)


_MIGRATE = "call_command('migrate')"
_CHECK = "call_command('makemigrations', check_changes=True, dry_run=True)"
_BACK = "call_command('migrate', 'store', '0001')"
_REFUSED = """\
call_command('migrate', 'store', {before!r}, fake=True)
try:
    call_command('migrate', 'store', {refusing!r})
except RuntimeError as error:
    print(error)
call_command('sqlmigrate', 'store', {refusing!r})
call_command('migrate', 'store', '0001', fake=True)
"""


def test_migrations_run_forward_and_back_and_the_models_agree_at_every_deploy_point(
    server: AnyServer, tmp_path: Path
) -> None:
    with planned(server, EXAMPLE) as plan:
        folder = plan.export("django", tmp_path / "all")
        done = ",".join(step.id for step in plan.plan.steps if not step.statements)
        project = Project.of(tmp_path / "project", plan.database)
        project.models(_BEFORE)
        project.do("call_command('makemigrations', 'store')\ncall_command('migrate', fake=True)")
        before = without_history(schema_of(plan.database))

        names = project.take(folder)
        assert len(names) == len(plan.plan.steps)
        at = next(number for number, step in enumerate(plan.plan.steps) if step.title.startswith("Drop the column"))
        plan.database.run("CREATE VIEW shop.reading AS SELECT old FROM shop.orders")
        said = project.do(_REFUSED.format(before=names[at - 1], refusing=names[at]), done)
        plan.database.run("DROP VIEW shop.reading")
        assert re.search(r"the precondition of contract-\d+ does not hold: SELECT", said)
        assert "ALTER TABLE shop.orders DROP COLUMN old;" in said
        assert without_history(schema_of(plan.database)) == before

        project.take(plan.export("django", tmp_path / "back", reversible=True))
        status, said = project(_MIGRATE)
        assert status == 1
        assert re.search(r"RuntimeError: people act first \(switch-\d+\): .*; when it is done: PLAN_DONE=switch-", said)
        project.do(_MIGRATE, done)
        assert without_history(schema_of(plan.database)) != before
        project.do(_BACK, done)
        assert without_history(schema_of(plan.database)) == before

        seen = []
        for name, step in zip(names, plan.plan.steps, strict=True):
            if step.deploy is None:
                continue
            seen.append(step.deploy.kind)
            values, more = _USES[step.deploy.kind]
            project.models((folder / f"models/{name}.py").read_text())
            project.take(folder, name)
            project.do("\n".join((_MIGRATE, _CHECK, _USE.format(values=values, more=more))), done)
        assert seen == ["tolerate", "reconnect", "stop-using", "move-reads", "move-writes"]

        project.models((folder / "models/after_the_plan.py").read_text())
        project.take(folder)
        values, more = _USES["end"]
        said = project.do("\n".join((_MIGRATE, _CHECK, _USE.format(values=values, more=more))), done)
        assert said.endswith("No changes detected\n")
        status, said = project(_BACK, done)
        assert status == 1
        assert "IrreversibleError: nothing takes" in said


_BEFORE_RESHAPING = """\
from django.contrib.postgres import fields
from django.db import models
from . import plan_operations as plan


class People(models.Model):
    id = models.IntegerField(primary_key=True)
    mood = plan.Declared(declared='shop."Mood"')
    n = models.IntegerField(null=True)

    class Meta:
        db_table = '"shop"."people"'


class Bills(models.Model):
    id = models.IntegerField(primary_key=True)
    state = models.CharField(max_length=20, null=True)

    class Meta:
        db_table = '"shop"."bills"'


class Docs(models.Model):
    id = models.IntegerField(primary_key=True)
    doc = models.JSONField(null=True)

    class Meta:
        db_table = '"shop"."docs"'


class Rooms(models.Model):
    id = models.IntegerField(primary_key=True)

    class Meta:
        db_table = '"shop"."rooms"'


class Stays(models.Model):
    id = models.IntegerField(primary_key=True)
    room = models.ForeignKey("Rooms", models.DO_NOTHING)
    during = fields.DateTimeRangeField(null=True)

    class Meta:
        db_table = '"shop"."stays"'


class Prices(models.Model):
    id = models.IntegerField(primary_key=True)
    room = models.IntegerField()
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)

    class Meta:
        db_table = '"shop"."prices"'


class Visits(models.Model):
    id = models.IntegerField(primary_key=True)
    at = models.DateTimeField()
    note = models.TextField(null=True)

    class Meta:
        db_table = '"shop"."visits"'


class Places(models.Model):
    id = models.IntegerField(primary_key=True)
    name = models.TextField(null=True)

    class Meta:
        db_table = '"shop"."places"'


class Guests(models.Model):
    id = models.IntegerField(primary_key=True)
    name = models.TextField(null=True)

    class Meta:
        db_table = '"shop"."guests"'


class Profiles(models.Model):
    guest = models.OneToOneField("Guests", models.DO_NOTHING, primary_key=True)
    name = models.CharField(max_length=20, null=True)
    place = models.ForeignKey("Places", models.DO_NOTHING, null=True)
    score = models.IntegerField(null=True)
    mail = models.TextField(null=True)

    class Meta:
        db_table = '"shop"."profiles"'


class Tickets(models.Model):
    id = models.IntegerField(primary_key=True)
    n = models.IntegerField(null=True)

    class Meta:
        db_table = '"shop"."tickets"'


class Seats(models.Model):
    id = models.IntegerField(primary_key=True)
    ticket = models.ForeignKey("Tickets", models.DO_NOTHING)
    label = models.TextField(null=True)

    class Meta:
        db_table = '"shop"."seats"'


class Busy(models.Model):
    third = models.IntegerField(primary_key=True)
    last = models.TextField(null=True)

    class Meta:
        db_table = '"shop"."busy"'
        managed = False


class Idle(models.Model):
    id = models.IntegerField(primary_key=True)
    name = models.TextField(null=True)

    class Meta:
        db_table = '"shop"."idle"'
        managed = False
"""
_RESHAPED_USES = {
    "archive-rows:shop.visits other": "assert not models.VisitsArchive._meta.managed",
    "add-exclusion:shop.prices.room.valid_from,valid_to reconnect": """\
price = models.Prices(id=7000, room=3, valid_from=date(2024, 1, 3), valid_to=None)
refused(ValidationError, price.full_clean)
refused(IntegrityError, price.save)
models.Prices.objects.create(id=7000, room=3, valid_from=date(2023, 1, 3), valid_to=date(2023, 1, 5))
""",
    "add-exclusion:shop.stays.room_id.during reconnect": """\
day, night, noon = (datetime(2024, 1, day, tzinfo=timezone.utc) for day in (1, 2, 3))
models.Stays.objects.create(id=7000, room_id=1, during=(day, noon))
refused(ValidationError, models.Stays(id=7001, room_id=1, during=(night, None)).full_clean)
models.Stays(id=7001, room_id=2, during=(night, noon)).full_clean()
""",
    "enum-to-lookup:shop.bills.state other": """\
assert models.Bills.objects.filter(bills_state_values__sort_order=1).count() == 60
models.Bills.objects.create(id=7000, bills_state_values_id="paid")
""",
    "enum-to-lookup:shop.people.mood tolerate": "models.People.objects.create(id=7000, mood='sad')",
    "enum-to-lookup:shop.people.mood reconnect": "models.People.objects.create(id=7001, mood='sad')",
    "enum-to-lookup:shop.people.mood other": """\
assert models.People.objects.get(id=7000).moods.sort_order == 1
models.Moods.objects.create(value="calm", sort_order=4)
models.People.objects.create(id=7002, moods_id="calm")
""",
    "extract-json:shop.docs.doc.address,City's move-reads": """\
one = models.Docs.objects.create(id=7000, doc={"address": {"City's": "Rome", "zip": 1}})
assert (one.city, one.current_city) == (None, "Rome")
one = models.Docs.objects.get(city="Rome")
one.doc = {"address": {"City's": "Oslo", "zip": 1}}
one.save()
assert models.Docs.objects.get(id=7000).current_city == "Oslo"
""",
    "extract-json:shop.docs.doc.address,City's move-writes": """\
one = models.Docs.objects.get(id=7000)
one.current_city = "Bern"
one.save()
assert models.Docs.objects.get(doc__address={"City's": "Bern", "zip": 1}).city == "Bern"
one = models.Docs(id=7001)
one.current_city = None
assert one.doc is None
one.current_city = "Kiel"
one.save()
assert models.Docs.objects.get(city="Kiel").doc == {"address": {"City's": "Kiel"}}
""",
    "extract-json:shop.docs.doc.address,City's stop-using": """\
models.Docs.objects.create(id=7002, city="Riga")
assert not hasattr(models.Docs, "current_city")
""",
    "extract-json:shop.docs.doc.n move-reads": """\
one = models.Docs.objects.create(id=7003, doc={"n": 1200})
assert (one.n, one.current_n, models.Docs.objects.get(n=1200).current_n) == (None, 1200, 1200)
assert models.Docs(doc={"n": "a word"}).current_n is None
""",
    "extract-json:shop.docs.doc.n move-writes": """\
one = models.Docs.objects.get(id=7003)
one.current_n = 1300
one.save()
assert models.Docs.objects.get(doc__n=1300).n == 1300
""",
    "extract-json:shop.docs.doc.n stop-using": "models.Docs.objects.create(id=7004, n=1400)",
    "merge-tables:shop.guests.profiles move-reads": """\
guest, profile = models.Guests.objects.get(id=3), models.Profiles.objects.get(guest_id=3)
profile.score = 33
profile.save()
guest.name = "saved"
guest.save()  # and does not bring back the score that it was read with
found = models.Guests.objects.select_related("place").get(name="saved")
assert (found.score, found.has_profiles, found.place.name) == (33, True, "p4"), found
models.Guests.objects.create(id=7000)
models.Profiles.objects.create(guest_id=7000, score=5)
assert models.Guests.objects.get(id=7000).score == 5
""",
    "merge-tables:shop.guests.profiles move-writes": """\
guest, profile = models.Guests.objects.get(id=7000), models.Profiles.objects.get(guest_id=7000)
profile.score = 6
profile.save()
models.Profiles.objects.filter(guest_id=5).delete()
models.Profiles.objects.create(guest_id=2, name="new", place_id=1)
found = models.Guests.objects.get(id__in=[2, 5], has_profiles=True)
assert (found.profiles_name, found.place_id) == ("new", 1)
guest.refresh_from_db()
assert guest.score == 6
guest.score = 7
guest.save()
assert models.Profiles.objects.get(guest_id=7000).score == 7
""",
    "merge-tables:shop.guests.profiles stop-using": """\
models.Guests.objects.create(id=7001, has_profiles=True, address="a")
refused(ValidationError, models.Guests(id=7002, has_profiles=True, address="a").full_clean)
""",
    "merge-tables:shop.tickets.seats move-reads": """\
seat = models.Seats.objects.get(ticket_id=4)
seat.label = "x"
seat.save()
assert models.Tickets.objects.get(label="x").seats_id == 104
""",
    "merge-tables:shop.tickets.seats move-writes": """\
seat = models.Seats.objects.get(ticket_id=4)
seat.label = "y"
seat.save()
assert models.Tickets.objects.get(id=4).label == "y"
refused(NotSupportedError, lambda: seat.save(update_fields=["ticket", "label"]))
models.Tickets.objects.filter(id=2).update(seats_id=7000, label="z")
assert models.Seats.objects.get(label="z").ticket_id == 2
""",
    "merge-tables:shop.tickets.seats stop-using": "models.Tickets.objects.create(id=7000, seats_id=7001)",
    "materialise-view:shop.busy other": """\
assert models.BusyMaterialized.objects.get(third=0).last == models.Busy.objects.get(third=0).last == "p9"
assert models.BusyMaterializedRefresh.objects.get().refreshed_at < datetime.now(timezone.utc)
""",
    "materialise-view:shop.idle other": "assert models.IdleMaterializedRefresh.objects.get().one",
}
_ENDS = {
    "merge-tables:shop.guests.profiles stop-using": "Profiles",
    "merge-tables:shop.tickets.seats stop-using": "Seats",
}
"""The classes that the models have no more from a moment on."""
_REFUSED_WRITES = """\
from datetime import date, datetime, timezone
from django.core.exceptions import ValidationError
from django.db import IntegrityError, NotSupportedError
from store import models

def refused(error, write):
    try:
        write()
    except error:
        return
    raise AssertionError(write)

"""


def test_models_follow_whatever_gets_another_shape(server: AnyServer, tmp_path: Path) -> None:
    with planned(server, RESHAPED) as plan:
        folder = plan.export("django", tmp_path / "all")
        done = ",".join(step.id for step in plan.plan.steps if not step.statements)
        project = Project.of(tmp_path / "project", plan.database)
        names = project.take(folder, "")
        project.models(_BEFORE_RESHAPING)
        project.do("call_command('makemigrations', 'store')\ncall_command('migrate', fake=True)")
        before = without_history(schema_of(plan.database))

        project.take(plan.export("django", tmp_path / "back", reversible=True))
        project.do(f"{_MIGRATE}\n{_BACK}", done)
        assert without_history(schema_of(plan.database)) == before

        seen = set()
        for name, step in zip(names, plan.plan.steps, strict=True):
            if step.deploy is not None:
                moment = f"{step.operation} {step.deploy.kind}"
                seen.add(moment)
                project.models((folder / f"models/{name}.py").read_text(), without=_ENDS.get(moment, ""))
                project.take(folder, name)
                project.do("\n".join((_MIGRATE, _CHECK, _REFUSED_WRITES, _RESHAPED_USES[moment])), done)
        assert seen == _RESHAPED_USES.keys()

        project.models((folder / "models/after_the_plan.py").read_text(), without="VisitsArchive")
        project.take(folder)
        assert "No changes detected\n" in project.do(f"{_MIGRATE}\n{_CHECK}", done)


_BEFORE_MOVING = """\
from django.db import models


class Customers(models.Model):
    id = models.IntegerField(primary_key=True)
    name = models.TextField(null=True)

    class Meta:
        db_table = '"shop"."customers"'


class Parcels(models.Model):
    id = models.IntegerField(primary_key=True)
    customer = models.ForeignKey("Customers", models.DO_NOTHING)

    class Meta:
        db_table = '"shop"."parcels"'
        indexes = [models.Index(fields=["customer"], name="of_customer")]


class Labels(models.Model):
    id = models.IntegerField(primary_key=True)
    parcel = models.ForeignKey("Parcels", models.DO_NOTHING)

    class Meta:
        db_table = '"shop"."labels"'


class Complaints(models.Model):
    id = models.IntegerField(primary_key=True)
    parcel = models.ForeignKey("Parcels", models.DO_NOTHING, null=True)

    class Meta:
        db_table = '"shop"."complaints"'
"""
_USE_MOVED = """\
from store import models
models.Parcels.objects.create(id=7, customer_id=1)
models.Labels.objects.create(id=8, parcel=models.Parcels.objects.get(id=7))
models.Complaints.objects.create(id=9, parcel_id=7)
assert models.Labels.objects.using("moved").get(parcel__customer_id=1).id == 8
assert not models.Parcels.objects.using("default").exists()
assert models.Complaints.objects.using("default").count() == 1
"""


def test_the_router_sends_what_has_moved_to_the_other_database(server: AnyServer, tmp_path: Path) -> None:
    """The migrations are only marked as run: moving itself takes two servers, and is tested elsewhere."""
    with planned(server, MOVED) as plan, fresh_database(server) as target:
        alone = (one.replace(" REFERENCES shop.customers (id)", "") for one in MOVED.setup[1:3])
        target.run("CREATE SCHEMA shop", *alone)
        folder = plan.export("django", tmp_path / "all")
        project = Project.of(tmp_path / "project", plan.database)
        project.models(_BEFORE_MOVING)
        project.do("call_command('makemigrations', 'store')\ncall_command('migrate', fake=True)")
        project.connect("moved", target)
        names = project.take(folder)
        cut, moved = (
            name for name, step in zip(names, plan.plan.steps, strict=True)
            if step.deploy is not None
        )  # fmt: skip
        project.models(with_index((folder / f"models/{cut}.py").read_text()))
        project.take(folder, cut)
        assert "No changes detected\n" in project.do(f"call_command('migrate', fake=True)\n{_CHECK}")
        project.models(with_index((folder / f"models/{moved}.py").read_text()))
        project.take(folder)
        plan.database.run("ALTER TABLE shop.complaints DROP CONSTRAINT complaints_parcel_id_fkey")
        project.set('DATABASE_ROUTERS = ["store.models.MovedRouter"]')
        faked = "call_command('migrate', fake=True)\ncall_command('migrate', database='moved', fake=True)"
        assert "No changes detected\n" in project.do("\n".join((faked, _CHECK, _USE_MOVED)))
        project.models(with_index((folder / "models/after_the_plan.py").read_text()))
        project.do(_CHECK)
        # A later change of a moved table is made where it is, and nowhere else.
        text = (project.folder / "store/models.py").read_text()
        project.models(text.replace("class Parcels(models.Model):", "class Parcels(models.Model):\n    weight = "
                                    "models.IntegerField(null=True)"))  # fmt: skip
        both = "call_command('migrate')\ncall_command('migrate', database='moved')"
        project.do(f"call_command('makemigrations', 'store')\n{both}")
        for database, wanted in ((plan.database, 0), (target, 1)):
            with database.connect() as connection:
                found = (
                    "SELECT count(*) FROM pg_attribute WHERE attname = 'weight' AND attrelid = 'shop.parcels'::regclass"
                )
                assert connection.execute(found).fetchone() == (wanted,)


def with_index(text: str) -> str:
    """The models with an index of the team's own over what was a reference."""
    index = "        indexes = [models.Index(fields=['customer_id'], name='of_customer')]\n"
    line = """        db_table = '"shop"."parcels"'\n"""
    assert line in text
    return text.replace(line, line + index)


_LOG = """\
from django.db import models


class Log(models.Model):
    at = models.DateTimeField(primary_key=True)
    line = models.TextField(null=True)

    class Meta:
        db_table = '"shop"."log"'
"""
_USERS = """\
from django.db import models


class Users(models.Model):
    pk = models.CompositePrimaryKey("id", "region")
    id = models.IntegerField()
    region = models.TextField()
    phone1 = models.TextField(null=True)
    phone2 = models.TextField(null=True)
    phone3 = models.TextField(null=True)

    class Meta:
        db_table = '"shop"."users"'
"""


def after_the_plan(folder: Path) -> str:
    return (folder / "models/after_the_plan.py").read_text()


def before_odd_names(folder: Path) -> str:
    """The models of odd names as they were: another type, a column that might be NULL, and no index."""
    text = re.sub(r"^ +indexes = \[\n.*?^ +\]\n", "", after_the_plan(folder), flags=re.MULTILINE | re.DOTALL)
    text = text.replace("page = models.BigInt", "page = models.Int")
    return text.replace(" column = models.IntegerField(", " column = models.IntegerField(null=True, ")


def before_odd_shapes(folder: Path) -> str:
    """The models of odd names before a table of values, a column for a key, and an exclusion."""
    text = re.sub(
        r"^ +(indexes|constraints) = \[\n.*?^ +\]\n", "", after_the_plan(folder), flags=re.MULTILINE | re.DOTALL
    )
    text = re.sub(r"^class \w+Values\(.*?(?=^class )", "", text, flags=re.MULTILINE | re.DOTALL)
    text = re.sub(r"^    c_x_i_range_value = .*\n", "", text, flags=re.MULTILINE)
    plain, count = re.subn(
        r"^    odd_\w+ = models.ForeignKey\(.*, (null=True, db_column=.*), db_index=False\)$",
        r"    mood = plan.Declared(declared='mood', \1)", text, flags=re.MULTILINE,
    )  # fmt: skip
    assert count == 1
    return plain


def before_odd_companion(folder: Path) -> str:
    """The models of odd names before the table has what is read there at the first deploy point."""
    first = min(folder.glob("models/plan_*.py")).read_text()
    text, count = re.subn(r"^    # Read here, .*\n.*\n", "", first, flags=re.MULTILINE)
    assert count == 5
    return text


def before_odd_rows(folder: Path) -> str:
    """The model of a view whose kept rows get one."""
    view, kept = (repr(quoted_table(("shop", name), ORM)) for name in (ODD, ROWS))
    text = after_the_plan(folder)
    assert kept in text
    first = text[: text.index("class RowsOf", text.index("class RowsOf") + 1)]
    return first.replace("RowsOf", "View").replace(kept, view)


@pytest.mark.parametrize(("name", "before"), [
    ("odd names", before_odd_names), pytest.param(ODD_SHAPES, before_odd_shapes, id="shapes"),
    ("odd names of a companion", before_odd_companion), pytest.param(ODD_ROWS, before_odd_rows, id="rows"),
    ("rows for numbered columns", _USERS), ("surrogate key", _LOG),
])  # fmt: skip
def test_whatever_names_and_keys_there_are_the_state_follows(
    name: str | Scenario, before: str | Callable[[Path], str], server: AnyServer, tmp_path: Path
) -> None:
    """The migrations are only marked as run: this is about what Django believes, and about its own statements."""
    with planned(server, name) as plan:
        folder = plan.export("django", tmp_path / "all")
        project = Project.of(tmp_path / "project", plan.database)
        after = after_the_plan(folder)
        (project.folder / "store/plan_operations.py").write_text((folder / "plan_operations.py").read_text())
        text = before if isinstance(before, str) else before(folder)
        project.models(text)
        project.do("call_command('makemigrations', 'store')\ncall_command('migrate', fake=True)")
        project.take(folder)
        gone = re.findall(r"^class (\w+)", text, re.MULTILINE)[0] if name == "odd names of a companion" else ""
        assert f"class {gone}(" not in after
        project.models(after, without=gone)
        read = "from store import models\nprint(models.OddTSTable31m.objects.filter(column=7).get().page)"
        said = project.do(f"call_command('migrate', fake=True)\n{_CHECK}\n{read if name == 'odd names' else ''}")
        assert "No changes detected\n" in said
        assert name != "odd names" or said.endswith("\n7\n")
