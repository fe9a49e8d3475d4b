"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

TargetArgument = Annotated[
    str, typer.Argument(metavar="TARGET", help="A URL, a name from auditor.toml, or env:VARIABLE.")
]
OutputOption = Annotated[
    list[str] | None,
    typer.Option("-o", "--output", metavar="FORMAT[:PATH]", help="html, md, json, sarif or junit; PATH - is stdout."),
]
FailOnOption = Annotated[
    str | None,
    typer.Option(
        "--fail-on",
        metavar="SEVERITY",
        help="Exit 1 on findings this grave: critical, high, medium, low or info.",
        autocompletion=lambda: ["critical", "high", "medium", "low", "info"],
    ),
]
ConfigOption = Annotated[Path | None, typer.Option("--config", metavar="FILE", help="Instead of ./auditor.toml.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but the verdict and errors.")]
NoColorOption = Annotated[
    bool, typer.Option("--no-color", help="No colour; NO_COLOR in the environment does the same.")
]
SlowLogOption = Annotated[
    Path | None, typer.Option("--slow-log", metavar="FILE", help="A log file of the server to read beside it.")
]
StatementTimeoutOption = Annotated[
    float | None, typer.Option("--statement-timeout", metavar="SECONDS", help="The limit of one probe [default: 30].")
]
TimeBudgetOption = Annotated[
    float | None,
    typer.Option("--time-budget", metavar="SECONDS", help="The limit of all probes together [default: 300]."),
]
NoSampleOption = Annotated[bool, typer.Option("--no-sample", help="Look at no document, only at what is said of them.")]
LockTimeoutOption = Annotated[
    float | None, typer.Option("--lock-timeout", metavar="SECONDS", help="How long to wait for a lock [default: 2].")
]
