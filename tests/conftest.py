"""Servers for the tests, and the rules that keep a missing one from passing silently.

AUDITOR_TEST_REQUIRE is a comma-separated list of engines. One of them that is not available fails its tests instead of
skipping them, and one that no passed test has used fails the session. The summary always says how many passed on each.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Generator, Iterator

import pytest

from auditor_connectors.redis.sampling import pace
from tests.mongodb_servers import Server
from tests.redis_servers import Server as RedisServer
from tests.scratch import use_memory
from tests.servers import DEBIAN, DEFAULT, ENGINES, MATRIX, AnyServer, Database, Pool, fresh_database

_pool = Pool()
_passed: Counter[str] = Counter()
_FIXTURES = {"server": DEFAULT, "mongodb": "mongodb", "redis_server": "redis", "valkey_server": "valkey"}
"""The engines of fixtures that are made once: all tests that want these have used them."""


def _required() -> frozenset[str]:
    names = [name.strip() for name in os.environ.get("AUDITOR_TEST_REQUIRE", "").split(",") if name.strip()]
    for name in names:
        if name not in ENGINES:
            raise pytest.UsageError(f"AUDITOR_TEST_REQUIRE: unknown engine {name!r}; known are {', '.join(ENGINES)}")
    return frozenset(names)


def pytest_configure(config: pytest.Config) -> None:
    for engine in ENGINES:
        config.addinivalue_line("markers", f"{engine}: runs on this server")
    _pool.required = _required()
    use_memory()


def pytest_unconfigure(config: pytest.Config) -> None:
    _pool.close()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    _pool.used.clear()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    if call.when == "call":
        used = _pool.used | {_FIXTURES[name] for name in getattr(item, "fixturenames", ()) if name in _FIXTURES}
        item.user_properties += [("server", engine) for engine in sorted(used)]
    return (yield)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "call" and report.passed:
        _passed.update(str(value) for name, value in report.user_properties if name == "server")


def _missed(config: pytest.Config) -> list[str]:
    """The required engines that no passed test has used; the controller of parallel workers knows, they do not."""
    if hasattr(config, "workerinput") or config.option.collectonly:
        return []
    return sorted(_pool.required - set(_passed))


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if _missed(session.config) and exitstatus in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    counts = " ".join(f"{engine}={_passed[engine]}" for engine in ENGINES if _passed[engine])
    terminalreporter.write_line(f"servers: {counts or 'none'}")
    for engine in _missed(config):
        terminalreporter.write_line(f"required, but no passed test has used it: {engine}", red=True)


@pytest.fixture(scope="session", autouse=True)
def _no_rests() -> Iterator[None]:
    """Look at keys of Redis without the rests that spare a server which others use, too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pace, "_CREDIT", 3600.0)
        yield


@pytest.fixture(scope="session")
def pool() -> Pool:
    """The servers of this process."""
    return _pool


@pytest.fixture(scope="session")
def server(pool: Pool) -> AnyServer:
    """PostgreSQL 18 as tests/cases/README.md describes it, the same for all tests of this process."""
    return pool.shared()


@pytest.fixture(scope="session")
def mongodb(pool: Pool) -> Server:
    """MongoDB as tests/cases/README.md describes it, a replica set of one, the same for all tests of this process."""
    return pool.mongodb()


@pytest.fixture(scope="session")
def redis_server(pool: Pool) -> RedisServer:
    """Redis 8.2, the same for all tests of this process: whoever uses it leaves nothing on it."""
    return pool.redis()


@pytest.fixture(scope="session")
def valkey_server(pool: Pool) -> RedisServer:
    """Valkey 9.1, the same for all tests of this process: whoever uses it leaves nothing on it."""
    return pool.redis(engine="valkey")


@pytest.fixture(scope="session")
def server_of(pool: Pool) -> Callable[[int], AnyServer]:
    """A function from a major version to a server of it."""

    def start(major: int) -> AnyServer:
        return pool.shared(f"postgresql-{major}")

    return start


@pytest.fixture(params=[pytest.param(engine, marks=getattr(pytest.mark, engine)) for engine in (*MATRIX, DEBIAN)])
def every_server(request: pytest.FixtureRequest, pool: Pool) -> AnyServer:
    """One server after the other, of every major version."""
    return pool.shared(request.param)


@pytest.fixture
def database(server: AnyServer) -> Iterator[Database]:
    """A fresh database on PostgreSQL 18: its ``url``, ``connect()`` and ``run(statement, …)``."""
    with fresh_database(server) as fresh:
        yield fresh
