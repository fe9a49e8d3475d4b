"""Terminals, colours, readers that go away, and streams that are closed."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.commands import PROGRAM, Program, Said


def test_on_a_terminal_progress_is_shown_and_wiped_and_the_verdict_is_coloured(program: Program) -> None:
    said = program.on_terminal("audit", "env:TARGET", "--only", "table-no-pk")
    assert said.status == 0
    assert re.search(r"\r\x1b\[2Kprobe 1/\d+  \S", said.out)
    assert re.search(r"\r\x1b\[2Kcheck 1/1  table-no-pk", said.out)
    # What is left on the screen, once what was wiped is gone.
    screen = [line.rpartition("\x1b[2K")[2] for line in said.out.replace("\r\n", "\n").split("\n")]
    assert screen[0].startswith("\x1b[1m")
    assert not [line for line in screen if line.startswith(("probe", "check"))]
    assert "\x1b[" in said.out.partition("Score")[2]


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [(("--no-color",), {}), ((), {"NO_COLOR": "1"}), ((), {"TERM": "dumb"})],
)
def test_colour_can_be_refused(
    tmp_path: Path, collected: Path, arguments: tuple[str, ...], environment: dict[str, str]
) -> None:
    said = Program(tmp_path).on_terminal("audit", collected, *arguments, environment=environment)
    assert said.status == 0
    assert not re.search(r"\x1b\[\d*m", said.out)
    error = Program(tmp_path).on_terminal("audit", "absent.json", *arguments, environment=environment)
    assert error.out.startswith("error: there is no file")


def test_quiet_shows_no_progress_on_a_terminal(tmp_path: Path, collected: Path) -> None:
    assert "\x1b[2K" not in Program(tmp_path).on_terminal("audit", collected, "-q").out


def test_elsewhere_there_is_no_progress_and_no_colour(program: Program) -> None:
    said = program("audit", "env:TARGET")
    assert "\x1b" not in said.text
    assert "\r" not in said.text


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        ("checks", 0), ("schema report", 0), ("--help", 0), ("explain fk-no-index", 0), ("audit SNAPSHOT -o json:-", 0),
        ("audit SNAPSHOT -o json:- --fail-on low", 1), ("audit SNAPSHOT --fail-on low", 1), ("diff REPORT REPORT", 0),
    ],
)  # fmt: skip
@pytest.mark.parametrize("reader", ["head -c 9", "true"])
def test_a_reader_that_goes_away_is_no_failure(
    tmp_path: Path, collected: Path, report: Path, arguments: str, status: int, reader: str
) -> None:
    command = arguments.replace("SNAPSHOT", str(collected)).replace("REPORT", str(report))
    done = subprocess.run(
        ["bash", "-c", f"{PROGRAM} {command} | {reader} >/dev/null; exit ${{PIPESTATUS[0]}}"],
        capture_output=True, text=True, check=False, **Program(tmp_path).options(),
    )  # fmt: skip
    assert done.returncode == status
    assert "error" not in done.stderr
    assert "Exception" not in done.stderr
    if arguments == "audit SNAPSHOT --fail-on low":
        assert (tmp_path / "auditor-report/report.html").exists()


@pytest.mark.parametrize("stream", [1, 2])
def test_a_closed_stream_keeps_nothing_from_being_written(tmp_path: Path, collected: Path, stream: int) -> None:
    said = closed(tmp_path, stream, "audit", str(collected))
    assert said.status == 0
    assert (tmp_path / "auditor-report/report.html").exists()
    assert "Score" in said.out or stream == 1


def test_a_report_for_a_closed_standard_output_is_an_error(tmp_path: Path, collected: Path) -> None:
    said = closed(tmp_path, 1, "audit", str(collected), "-o", "json:-")
    assert said.status == 2
    assert "standard output is closed" in said.err


def closed(folder: Path, stream: int, *arguments: str) -> Said:
    done = subprocess.run(
        ["bash", "-c", f'exec "$@" {stream}>&-', "bash", PROGRAM, *arguments],
        capture_output=True, text=True, check=False, **Program(folder).options(),
    )  # fmt: skip
    return Said(done.returncode, done.stdout, done.stderr)


def test_names_that_a_stream_cannot_encode_are_spelled_out(tmp_path: Path, report: Path) -> None:
    environment = {"PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    said = Program(tmp_path)("diff", report, report, environment=environment)
    assert said.status == 0
    assert "\\u2192" in said.out
