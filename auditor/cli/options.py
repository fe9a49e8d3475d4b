"""Options that several commands share."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class SeverityName(StrEnum):
    """The severities as the command line completes them."""

    critical = "critical"
    high = "high"
    medium = "medium"
    low = "low"
    info = "info"


TargetArgument = Annotated[
    str, typer.Argument(metavar="TARGET", help="A URL, a name from auditor.toml, or env:VARIABLE.")
]
OutputOption = Annotated[
    list[str] | None,
    typer.Option("-o", "--output", metavar="FORMAT[:PATH]", help="html, md, json, sarif or junit; PATH - is stdout."),
]
ConfigOption = Annotated[Path | None, typer.Option("--config", help="Instead of ./auditor.toml.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but the verdict and errors.")]
NoColorOption = Annotated[
    bool, typer.Option("--no-color", help="No colour; NO_COLOR in the environment does the same.")
]
SlowLogOption = Annotated[Path | None, typer.Option("--slow-log", help="A log file of the server to read beside it.")]
StatementTimeoutOption = Annotated[
    float | None, typer.Option("--statement-timeout", min=0.1, help="Seconds for one probe [default: 30].")
]
LockTimeoutOption = Annotated[
    float | None, typer.Option("--lock-timeout", min=0.01, help="Seconds to wait for a lock [default: 2].")
]
