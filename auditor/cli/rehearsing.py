"""The command that proves a plan: rehearse."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from auditor.cli import console
from auditor.cli.options import ConfigOption, NoColorOption, OutputOption, QuietOption

FileArgument = Annotated[Path, typer.Argument(metavar="REPORT", help="A report as JSON or HTML, or a snapshot.")]
OnOption = Annotated[
    str,
    typer.Option("--on", metavar="TARGET", help="Where: embedded, or an empty database that is marked disposable."),
]
SchemaOption = Annotated[
    str | None,
    typer.Option(
        "--schema-from", metavar="SOURCE", help="Where the schema is, if REPORT is no snapshot: a snapshot or a TARGET."
    ),
]
RowsOption = Annotated[int, typer.Option("--rows", metavar="N", min=0, help="At most so many rows per table.")]
SeedOption = Annotated[int, typer.Option("--seed", metavar="N", help="The same seed makes the same rows.")]
BaselineOption = Annotated[
    float, typer.Option("--baseline-seconds", metavar="SECONDS", min=1, help="How long clients run undisturbed.")
]
ThoroughOption = Annotated[
    bool, typer.Option("--thorough", help="End every step at every moment, undo from everywhere: not only a sample.")
]
StarveOption = Annotated[
    float,
    typer.Option(
        "--starve-seconds",
        metavar="SECONDS",
        min=0,
        help="Hold locks that long against steps, which then try with their real pauses; 0 shortens both.",
    ),
]
ResumeOption = Annotated[bool, typer.Option("--resume", help="Go on with a rehearsal that was interrupted.")]


def rehearse(
    report: FileArgument,
    on: OnOption = "embedded",
    schema_from: SchemaOption = None,
    output: OutputOption = None,
    rows: RowsOption = 100_000,
    baseline_seconds: BaselineOption = 10.0,
    seed: SeedOption = 1,
    thorough: ThoroughOption = False,
    starve_seconds: StarveOption = 0.0,
    resume: ResumeOption = False,
    config: ConfigOption = None,
    quiet: QuietOption = False,
    no_color: NoColorOption = False,
) -> int:
    """Prove the plan of a report on a disposable server.

    It is carried out while clients work, taken back, carried out again, interrupted, and starved of locks. Writes
    proof.json, and the report again with its certificate. The audited server is never changed. After an interruption,
    the same command with --resume goes on.
    """
    from auditor.application import Settings
    from auditor.connector import RehearsalOptions
    from auditor.rehearsal import RehearsalRequest, run_rehearsal

    console.configure(color=not no_color, quiet=quiet)
    settings = Settings.merge(config, output=output)
    options = RehearsalOptions(
        rows=rows,
        baseline_seconds=baseline_seconds,
        seed=seed,
        thorough=thorough,
        starve_seconds=starve_seconds,
        resume=resume,
    )
    request = RehearsalRequest(file=report, settings=settings, on=on, schema_from=schema_from, options=options)
    with console.progress() as update:
        done = run_rehearsal(request, update, console.say)
    console.print_proof(done.proof, done.written)
    if done.proof.interrupted:
        console.say("the same command with --resume goes on after the runs that are finished")
    for error in done.errors:
        console.report_error(error.message, error.hint, error.status)
    return done.status
