"""A program that carries out the statements of a step: a process of its own, as a team's runner is, that can be killed.

It is run as a file. It reads an order as a line of JSON (nothing of it stands in a list of processes), connects, says
the number of its process at the server, and begins at the next line.
"""

from __future__ import annotations

import json
import sys
from contextlib import nullcontext

import psycopg


def main() -> None:
    """Carry out one order."""
    order = json.loads(sys.stdin.readline())
    with psycopg.connect(
        order["url"], autocommit=True, prepare_threshold=None, application_name=order["name"]
    ) as connection:
        sys.stdout.write(f"{connection.info.backend_pid}\n")
        sys.stdout.flush()
        sys.stdin.readline()
        with connection.transaction() if order["transactional"] else nullcontext():
            for statement in order["statements"]:
                connection.execute(statement)


if __name__ == "__main__":
    main()
