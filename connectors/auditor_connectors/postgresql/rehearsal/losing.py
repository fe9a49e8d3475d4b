"""Kills the process that carries out a step, in its middle: its session at the server does not know at once.

A statement that is at work there goes on to its end, and only then is the connection found broken; what was a
transaction is rolled back. (``client_connection_check_interval`` is 0 by default: manual, "Connection Settings".)
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import psycopg

from auditor.model.plan import Step
from auditor_connectors.postgresql.rehearsal.sessions import NAME

_PROGRAM = Path(__file__).with_name("runner.py")


def lose_runner(url: str, step: Step, seconds: float) -> int:
    """Have another process carry out a step, and kill it so many seconds after it has begun.

    Returns the number of its process at the server, which may still be at work.

    Raises:
        psycopg.OperationalError: it could not connect.

    """
    order = {"url": url, "name": NAME, "statements": step.statements, "transactional": step.transactional}
    with subprocess.Popen(  # noqa: S603 -- the program is a file of this package
        [sys.executable, "-P", str(_PROGRAM)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as program:
        try:
            if program.stdin is None or program.stdout is None:
                raise AssertionError("both are pipes")
            program.stdin.write(json.dumps(order) + "\n")
            program.stdin.flush()
            process = program.stdout.readline()
            if not process:
                raise psycopg.OperationalError("the program that is to carry out the step could not connect")
            program.stdin.write("\n")
            program.stdin.flush()
            time.sleep(seconds)
        finally:
            program.kill()
    return int(process)
