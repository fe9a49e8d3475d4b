"""The program beside the files of an export that runs them in order, for shells that say whether one failed."""

from __future__ import annotations

import textwrap
from importlib.resources import files as resources

from msgspec import Struct

from auditor.exporting.worklist import ExportedFile

INTERRUPTIBLE = "Can be interrupted: it goes on where it was, and is taken back from there."
"""What a comment says in the file of a step that leaves something behind when it ends early: it is taken back, too."""

_COMMENT = 118


class Runner(Struct, frozen=True, kw_only=True):
    """How the files of an engine are run.

    ``program`` is what a sentence calls its shell, ``place`` what it calls the thing that the shell connects to.
    ``about`` says where the connection comes from. ``settings`` are assignments of variables with their defaults,
    ``client`` the command that runs the file ``$1`` and prints what it answers, ``identify`` the one that prints what
    tells the place from all others. ``suffix`` ends the names of files, ``mark`` begins their comments, and ``true`` is
    what a file prints whose step is done. ``busy`` are patterns of answers that are worth another try.
    """

    program: str
    place: str
    about: str
    settings: tuple[str, ...]
    client: str
    identify: str
    suffix: str
    mark: str
    true: str
    busy: tuple[str, ...] = ()
    tries: int = 5
    pause_seconds: float = 60


def program(runner: Runner) -> ExportedFile:
    """Write the program."""
    about = (
        f"STEP is the number of a step, or the name of its file. {runner.about} What has been done stands in the file "
        f"named by JOURNAL; one journal is for one {runner.place}."
    )
    comment = textwrap.wrap(about, _COMMENT, initial_indent="# ", subsequent_indent="# ")
    text = resources(__package__).joinpath("run.sh").read_text(encoding="utf-8")
    head = text.partition("@ABOUT@")[0].count("\n")
    for name, value in {
        "PROGRAM": runner.program, "PLACE": runner.place, "ABOUT": "\n".join(comment),
        "SETTINGS": "\n".join(runner.settings), "CLIENT": runner.client, "IDENTIFY": runner.identify,
        "SUFFIX": runner.suffix, "MARK": runner.mark, "TRUE": runner.true,
        "BUSY": " ".join(f"-e '{pattern}'" for pattern in runner.busy) or "-e '^$never'",
        "TRIES": str(runner.tries), "PAUSE": f"{runner.pause_seconds:g}", "LAST": str(head + len(comment)),
    }.items():  # fmt: skip
        text = text.replace(f"@{name}@", value)
    return ExportedFile(text=text, executable=True)
