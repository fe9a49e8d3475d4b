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

from tests.exporting.conftest import planned
from tests.exporting.example import EXAMPLE
from tests.servers import AnyServer, Database
from tests.test_plan_runs import schema_of

_SETTINGS = """\
SECRET_KEY = "x"
USE_TZ = True
INSTALLED_APPS = ["store"]
DATABASES = {{"default": {{
    "ENGINE": "django.db.backends.postgresql", "HOST": {host!r}, "PORT": {port!r}, "USER": {user!r},
    "PASSWORD": {password!r}, "NAME": {dbname!r},
}}}}
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
found = models.Orders.objects.get(id=order.id)
assert (found.status, int(found.code)) == ("new", 7), found
found.status = "paid"
found.save()
models.Lines.objects.create(order=found, n=1)
assert models.Lines.objects.filter(order__status="paid", order_id=order.id).count() == 1
{more}
"""


_WRITES = 'models.OrderDetails.objects.create(orders=found, notes="x")\nassert found.orderdetails.notes == "x"'
_USES = {
    "tolerate": ("old='x', customer=customer", ""),
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
        parts = conninfo_to_dict(database.url)
        login = {name: str(parts.get(name, "")) for name in ("host", "port", "user", "password", "dbname")}
        (folder / "store/migrations").mkdir(parents=True)
        (folder / "store/__init__.py").touch()
        (folder / "store/migrations/__init__.py").touch()
        (folder / "settings.py").write_text(_SETTINGS.format(**login))
        return cls(folder)

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

    def models(self, text: str) -> None:
        """Take over the classes of a file into the models, in the places of those with their names."""
        path = self.folder / "store/models.py"
        texts = [*([path.read_text()] if path.exists() else []), text]
        parts = {}
        for one in texts:
            for node in ast.parse(one).body:
                if not isinstance(node, ast.Expr):
                    parts[getattr(node, "name", ast.unparse(node))] = ast.unparse(node)
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
            if step.deploy is None or step.deploy.kind == "reconnect":
                continue
            seen.append(step.deploy.kind)
            values, more = _USES[step.deploy.kind]
            project.models((folder / f"models/{name}.py").read_text())
            project.take(folder, name)
            project.do("\n".join((_MIGRATE, _CHECK, _USE.format(values=values, more=more))), done)
        assert seen == ["tolerate", "stop-using", "move-reads", "move-writes"]

        project.models((folder / "models/after_the_plan.py").read_text())
        project.take(folder)
        values, more = _USES["end"]
        said = project.do("\n".join((_MIGRATE, _CHECK, _USE.format(values=values, more=more))), done)
        assert said.endswith("No changes detected\n")
        status, said = project(_BACK, done)
        assert status == 1
        assert "IrreversibleError: nothing takes" in said


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


def before_odd_names(after: str) -> str:
    """The models of odd names as they were: another type, a column that might be NULL, and no index."""
    text = re.sub(r"^ +indexes = .*\n", "", after, flags=re.MULTILINE).replace(
        "page = models.BigInt", "page = models.Int"
    )
    return text.replace(" column = models.IntegerField(", " column = models.IntegerField(null=True, ")


@pytest.mark.parametrize(("name", "before"), [
    ("odd names", before_odd_names), ("rows for numbered columns", _USERS), ("surrogate key", _LOG),
])  # fmt: skip
def test_whatever_names_and_keys_there_are_the_state_follows(
    name: str, before: str | Callable[[str], str], server: AnyServer, tmp_path: Path
) -> None:
    """The migrations are only marked as run: this is about what Django believes, and about its own statements."""
    with planned(server, name) as plan:
        folder = plan.export("django", tmp_path / "all")
        project = Project.of(tmp_path / "project", plan.database)
        after = (folder / "models/after_the_plan.py").read_text()
        (project.folder / "store/plan_operations.py").write_text((folder / "plan_operations.py").read_text())
        project.models(before if isinstance(before, str) else before(after))
        project.do("call_command('makemigrations', 'store')\ncall_command('migrate', fake=True)")
        project.take(folder)
        project.models(after)
        read = "from store import models\nprint(models.OddTSTable31m.objects.filter(column=7).get().page)"
        said = project.do(f"call_command('migrate', fake=True)\n{_CHECK}\n{read if name == 'odd names' else ''}")
        assert "No changes detected\n" in said
        assert name != "odd names" or said.endswith("\n7\n")
