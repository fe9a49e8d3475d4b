"""MongoDB's own shell, for what a person would paste into it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.mongodb_servers import AbsentError
from tools.fetch_servers import MONGOSH

_PATIENCE = 120.0
_SETTINGS = {"enableTelemetry": False, "updateURL": ""}


class ShellError(Exception):
    """A script failed; the message is what the shell said."""


def mongosh(url: str, script: str) -> str:
    """Run JavaScript in a shell that is connected to a URL, and return what it prints.

    Starting it takes a second or two, so run many statements at once. Only what is printed is said, with ``print`` or
    ``printjson``; the first statement that fails ends the script.

    Raises:
        AbsentError: there is no shell.
        ShellError: a statement failed.

    """
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        (home / ".mongodb" / "mongosh").mkdir(parents=True)
        (home / ".mongodb" / "mongosh" / "config").write_text(json.dumps(_SETTINGS), encoding="utf-8")
        (home / "script.js").write_text(script, encoding="utf-8")
        done = subprocess.run(
            [program(), "--quiet", "--norc", url, "--file", str(home / "script.js")],
            env={"PATH": os.environ["PATH"], "HOME": name, "TZ": "UTC"}, stdin=subprocess.DEVNULL, capture_output=True,
            text=True, check=False, cwd=name, timeout=_PATIENCE,
        )  # fmt: skip
    if done.returncode:
        raise ShellError((done.stdout + done.stderr).strip())
    return done.stdout


def program() -> str:
    """The path of the shell: one that is installed, or the one that ``make servers`` fetches.

    Raises:
        AbsentError: there is none.

    """
    found = shutil.which("mongosh") or shutil.which("mongosh", path=MONGOSH / "node_modules" / ".bin")
    if found is None:
        raise AbsentError("there is no mongosh on this machine, and no npm with which `make servers` would fetch it")
    return found
