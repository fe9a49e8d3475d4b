"""The command that writes a plan as the files that teams run: export."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from auditor.cli import console
from auditor.cli.options import QuietOption
from auditor.cli.reporting import ReportArgument

FormatOption = Annotated[
    str,
    typer.Option(
        "--as",
        metavar="FORMAT",
        help="sql, alembic, django, flyway, liquibase or sqlalchemy; the engine may have more.",
        autocompletion=lambda: ["sql", "alembic", "django", "flyway", "liquibase", "sqlalchemy"],
    ),
]
FolderOption = Annotated[
    Path, typer.Option("-o", "--output", metavar="FOLDER", help="A folder that is empty or not there yet.")
]


def export(
    report: ReportArgument,
    form: FormatOption = "sql",
    output: FolderOption = Path("auditor-plan"),
    quiet: QuietOption = False,
) -> int:
    """Write the plan of a report as files to run.

    They are plain SQL, or for a migration tool. The files change nothing by themselves, and hold no password.
    """
    from auditor.exporting import writing
    from auditor.exporting.folder import check_folder, write_folder
    from auditor.registry import connector_for
    from auditor.reports import load_report
    from auditor.text import count

    console.configure(quiet=quiet)
    audit = load_report(report)
    files = writing.export(audit, connector_for(audit.target.engine), form)
    if not any(phase.steps for phase in audit.plan.phases):
        console.say(f"the plan of {report} has no steps: nothing was written")
        return 0
    check_folder(output)
    write_folder(output, files)
    console.say(f"{count(len(files), 'file')} in {output}; begin with {output / 'README.md'}")
    return 0
