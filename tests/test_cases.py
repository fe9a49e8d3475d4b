"""Every case of every case file (tests/cases/README.md), on a real server."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from auditor.registry import load_checks
from tests.case_format import Case, CaseError, load
from tests.cases import engine_of, problems, run_case
from tests.mongodb_cases import run_mongodb_case
from tests.mongodb_servers import VERSIONS
from tests.mongodb_servers import engine_of as engine_of_mongodb
from tests.mysql_cases import run_mysql_case
from tests.redis_cases import run_redis_case, servers_of
from tests.servers import Pool
from tests.words import foreign_to

CASES = Path(__file__).parent / "cases"
FILES = sorted(CASES.glob("*.sql"))
MYSQL_FILES = sorted((CASES / "mysql").glob("*.sql"))
MONGODB_FILES = sorted((CASES / "mongodb").glob("*.jsonc"))
REDIS_FILES = sorted((CASES / "redis").glob("*.redis"))
ALL_FILES = (*FILES, *MYSQL_FILES, *MONGODB_FILES, *REDIS_FILES)
EVERYWHERE = os.environ.get("AUDITOR_TEST_MATRIX", "") not in {"", "0"}


def _parameters() -> Iterator[object]:
    for path in FILES:
        try:
            cases = load(path)
        except CaseError as error:  # one test fails, not the collection of all
            yield pytest.param(error, 0, id=path.stem)
            continue
        for case in cases:
            for major in case.majors(EVERYWHERE):
                mark = getattr(pytest.mark, engine_of(case, major))
                yield pytest.param(case, major, id=f"{case.id}@{major}", marks=mark)


def _mysql_parameters() -> Iterator[object]:
    for path in MYSQL_FILES:
        try:
            cases = load(path)
        except CaseError as error:
            yield pytest.param(error, "mysql", id=path.stem)
            continue
        for case in cases:
            for engine in case.engines:
                yield pytest.param(case, engine, id=f"{case.id}@{engine}", marks=getattr(pytest.mark, engine))


def _mongodb_parameters() -> Iterator[object]:
    for path in MONGODB_FILES:
        try:
            cases = load(path)
        except CaseError as error:
            yield pytest.param(error, "", id=path.stem)
            continue
        for case in cases:
            for version in ("", *VERSIONS) if EVERYWHERE and "version" not in case.settings else ("",):
                engine = engine_of_mongodb({"version": version, **case.settings})
                yield pytest.param(case, version, id=f"{case.id}@{engine}", marks=getattr(pytest.mark, engine))


def _redis_parameters() -> Iterator[object]:
    for path in REDIS_FILES:
        try:
            cases = load(path)
        except CaseError as error:
            yield pytest.param(error, "redis", id=path.stem)
            continue
        for case in cases:
            for engine in servers_of(case, EVERYWHERE):
                yield pytest.param(case, engine, id=f"{case.id}@{engine}", marks=getattr(pytest.mark, engine))


@pytest.mark.parametrize(("case", "engine"), list(_mysql_parameters()))
def test_mysql_case(case: Case | CaseError, engine: str, pool: Pool) -> None:
    if isinstance(case, CaseError):
        pytest.fail(str(case), pytrace=False)
    if case.check not in load_checks():
        pytest.fail(f"{case.path.name}: there is no check of this name", pytrace=False)
    try:
        run = run_mysql_case(case, engine, pool)
        wrong = [*problems(case, run.result, run.findings), *foreign_to(engine, run)]
    except CaseError as error:
        wrong = [str(error)]
    if wrong:
        where = f"mysql/{case.path.name}:{case.line} {case.name}"
        pytest.fail("\n  ".join([where, *wrong]), pytrace=False)


@pytest.mark.parametrize(("case", "version"), list(_mongodb_parameters()))
def test_mongodb_case(case: Case | CaseError, version: str, pool: Pool) -> None:
    if isinstance(case, CaseError):
        pytest.fail(str(case), pytrace=False)
    if case.check not in load_checks():
        pytest.fail(f"{case.path.name}: there is no check of this name", pytrace=False)
    try:
        run = run_mongodb_case(case, version, pool)
        wrong = problems(case, run.result, run.findings)
    except CaseError as error:
        wrong = [str(error)]
    if wrong:
        where = f"mongodb/{case.path.name}:{case.line} {case.name}"
        pytest.fail("\n  ".join([where, *wrong]), pytrace=False)


@pytest.mark.parametrize(("case", "engine"), list(_redis_parameters()))
def test_redis_case(case: Case | CaseError, engine: str, pool: Pool) -> None:
    if isinstance(case, CaseError):
        pytest.fail(str(case), pytrace=False)
    if case.check not in load_checks():
        pytest.fail(f"{case.path.name}: there is no check of this name", pytrace=False)
    try:
        run = run_redis_case(case, engine, pool)
        wrong = [*problems(case, run.result, run.findings), *foreign_to("redis", run)]
    except CaseError as error:
        wrong = [str(error)]
    if wrong:
        where = f"redis/{case.path.name}:{case.line} {case.name}"
        pytest.fail("\n  ".join([where, *wrong]), pytrace=False)


@pytest.mark.parametrize(("case", "major"), list(_parameters()))
def test_case(case: Case | CaseError, major: int, pool: Pool) -> None:
    if isinstance(case, CaseError):
        pytest.fail(str(case), pytrace=False)
    if case.check not in load_checks():
        pytest.fail(f"{case.path.name}: there is no check of this name", pytrace=False)
    try:
        run = run_case(case, major, pool)
        wrong = [*problems(case, run.result, run.findings), *foreign_to("postgresql", run)]
    except CaseError as error:
        wrong = [str(error)]
    if wrong:
        where = f"{case.path.name}:{case.line} {case.name}"
        pytest.fail("\n  ".join([where, *wrong]), pytrace=False)


def test_every_check_has_a_case_file() -> None:
    assert sorted(set(load_checks()) - {path.stem for path in ALL_FILES}) == []


def test_every_case_file_shows_a_flaw_and_a_look_alike() -> None:
    lacking = []
    for path in ALL_FILES:
        cases = load(path)
        if not any(case.expected for case in cases):
            lacking.append(f"{path.name}: nothing is expected to be found ('-- expect: KIND NAME')")
        if not any(case.innocents for case in cases):
            lacking.append(f"{path.name}: nothing is said to be innocent ('-- innocent: WORDS')")
    assert lacking == []
