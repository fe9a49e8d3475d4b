"""The commands by name."""

from __future__ import annotations

from typing import Annotated

import typer

from auditor import __version__
from auditor.cli import auditing, baselines, catalogue, exporting, rehearsing, reporting

app = typer.Typer(
    name="auditor",
    help="Audit a running database from measurements and plan its re-architecture without downtime.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"auditor {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    del version


app.command("audit")(auditing.audit)
app.command("collect")(auditing.collect)
app.command("doctor")(auditing.doctor)
app.command("demo")(auditing.demo)
app.command("rehearse")(rehearsing.rehearse)
app.command("render")(reporting.render)
app.command("export")(exporting.export)
app.command("diff")(reporting.diff)
app.command("checks")(catalogue.checks)
app.command("explain")(catalogue.explain)
app.command("schema")(catalogue.schema)
app.add_typer(baselines.commands, name="baseline")
