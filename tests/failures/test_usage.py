"""Wrong usage: targets, options and configurations that are none."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands import Program, Said
from tests.failures.saying import refused


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("", "the target is empty"),
        ("shop", "no target is called 'shop', and there is no such file"),
        ("absent.json", "there is no file absent.json"),
        ("folder/absent", "there is no file folder/absent"),
        (".", "is a folder"),
        ("u:p@h/d", "neither a URL nor a file"),
        ("host=h user=u", "neither a URL nor a file"),
        ("postgresql:/u@h/d", "does not have ://"),
        ("postgres//u@h/d", "does not have ://"),
        ("://u@h/d", "no scheme"),
        ("postgress://u@h/d", "did you mean postgres?"),
        ("oracle://u@h/d", "known schemes are mariadb, mongodb, mongodb+srv, mysql, postgres, postgresql"),
        ("postgres://h:port/d", "the port is not a number"),
        ("postgres://[::1/d", "a host of the URL is malformed"),
        ("postgres://u:p%@h/d", "a % itself is written %25"),
        ("postgres://h/d?sslmod=require", "did you mean sslmode?"),
        ("postgres://127.0.0.1:1/d?sslmode=on", "use disable, allow, prefer, require, verify-ca or verify-full"),
        ("postgres://127.0.0.1:1/d?connect_timeout=soon", "connect_timeout"),
        ("postgres://a..b/d", "a host of the URL has a part that is empty or too long"),
        ("postgres://h/d%00", "holds %00"),
        ("env:", "names no variable"),
        ("env:ABSENT", "the environment variable ABSENT is not set"),
        ("env:TARGTE", "did you mean TARGET?"),
        ("env:EMPTY", "the environment variable EMPTY is empty"),
        ("env:WORD", "the environment variable WORD does not hold a URL"),
    ],
)
def test_targets_that_are_none(tmp_path: Path, target: str, words: str) -> None:
    environment = {"EMPTY": "", "WORD": "hello", "TARGET": "postgres://h/d"}
    refused(Program(tmp_path)("audit", target, environment=environment), 2, words)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("adit x", ("did you mean", "audit")),
        ("audit", ("Missing argument", "auditor audit --help")),
        ("audit x --fail-onn high", ("--fail-on",)),
        ("audit s.json --fail-on hgih", ("did you mean high?",)),
        ("audit s.json --min-score many", ("--min-score",)),
        ("audit s.json --min-score 101", ("from 0 to 100",)),
        ("audit s.json --min-coverage 80", ("from 0 to 1",)),
        ("audit s.json -o pdf", ("no report format is called 'pdf'", "html")),
        ("audit s.json -o htm:x", ("did you mean html?",)),
        ("audit s.json -o html:", ("names no file",)),
        ("audit s.json -o json:- -o md:-", ("two outputs go to standard output",)),
        ("audit s.json -o json:a -o md:a", ("two outputs go to a",)),
        ("audit s.json --only fk-no-indx", ("did you mean fk-no-index?",)),
        ("audit s.json --only xyzzy", ("auditor checks",)),
        ("audit s.json --skip modeling", ("did you mean modelling?",)),
        ("audit s.json --baseline absent.json", ("absent.json", "auditor baseline create")),
        ("audit s.json --config absent.toml", ("absent.toml",)),
        ("audit s.json --all-databases", ("needs a server",)),
        ("audit s.json --slow-log x.log", ("auditor collect --slow-log",)),
        ("audit postgres://127.0.0.1:1/d --slow-log absent.log", ("cannot read the log file absent.log",)),
        ("audit postgres://127.0.0.1:1/d --statement-timeout 0", ("the statement timeout is 0 s",)),
        ("audit postgres://127.0.0.1:1/d --lock-timeout -1", ("the lock timeout is -1 s",)),
        ("audit postgres://127.0.0.1:1/d --time-budget 0", ("the time budget is 0 s",)),
        ("audit postgres://127.0.0.1:1/d -o html:s.json/x.html", ("s.json is not a folder",)),
        ("audit postgres://127.0.0.1:1/d -o html:.", ("cannot write .",)),
        ("audit postgres://127.0.0.1:1/d --only fk-no-indx", ("did you mean fk-no-index?",)),
        ("collect postgres://127.0.0.1:1/d -o s.json/x.json", ("s.json is not a folder",)),
        ("explain fk-no-indx", ("did you mean fk-no-index?",)),
        ("explain xyzzy", ("auditor checks",)),
        ("checks --pillar modeling", ("did you mean modelling?",)),
        ("schema reprot", ("did you mean report?",)),
        ("render absent.json", ("cannot read absent.json",)),
        ("render r.json -o pdf", ("no report format",)),
        ("diff r.json absent.json", ("cannot read absent.json",)),
        ("doctor shop", ("no target is called 'shop'",)),
        ("collect postgress://h/d", ("did you mean postgres?",)),
        ("doctor s.json", ("s.json is a file, and this needs a server",)),
        ("collect s.json", ("s.json is a file, and this needs a server",)),
        ("baseline creat r.json", ("create",)),
        ("baseline update r.json --reason x -b absent.json", ("absent.json", "auditor baseline create")),
        ("baseline prune r.json -b s.json", ("s.json is not a baseline",)),
    ],
)
def test_wrong_usage_is_said_before_anything_is_done(
    tmp_path: Path, good: Path, arguments: str, words: tuple[str, ...]
) -> None:
    for name in ("s.json", "r.json"):
        (tmp_path / name).write_bytes((good / name).read_bytes())
    said = Program(tmp_path)(*arguments.split())
    refused(Said(said.status, said.out, said.err.replace("Did you", "did you")), 2, *words)
    assert {path.name for path in tmp_path.iterdir()} == {"s.json", "r.json"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[audit\n", "auditor.toml is not valid TOML"),
        ("[adit]\n", "did you mean audit?"),
        ("[audit]\nfail-on = 'high'\n", "did you mean fail_on?"),
        ("[audit]\nfail_on = 'hgih'\n", "did you mean high?"),
        ("[audit]\nmin_score = 'high'\n", "min_score"),
        ("[audit]\nmin_score = 200\n", "from 0 to 100"),
        ("[audit]\noutput = 'html'\n", "output"),
        ("[audit]\noutput = ['htm']\n", "did you mean html?"),
        ("[audit]\nonly = ['fk-no-indx']\n", "did you mean fk-no-index?"),
        ("[targets.prod]\nuri = 'x'\n", "did you mean url?"),
        ("[targets.prod]\nurl = 'x'\n", "the target prod of the configuration does not hold a URL"),
        ("[targets.prod]\nurl = 'env:ABSENT'\n", "ABSENT is not set"),
        ("[targets.production]\nurl = 'postgres://h/d'\n", "did you mean production?"),
        ("[limits.fk-no-indx]\na = 1\n", "did you mean fk-no-index?"),
        ("[limits.table-too-wide]\ncolums = 1\n", "table-too-wide has no limit 'colums'"),
        ("[limits.table-too-wide]\ncolumns = 'x'\n", "limits"),
        ("\x00", "auditor.toml is not valid TOML"),
    ],
)
def test_a_wrong_configuration(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "auditor.toml").write_text(text)
    refused(Program(tmp_path)("audit", "prod"), 2, words)
