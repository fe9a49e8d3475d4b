"""The URL of a target: what is read from it, what is refused, and that its secrets never show."""

from __future__ import annotations

import contextlib
import copy
import json
import pickle
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.errors import UsageError
from auditor.target import Target, parse_target, scrub

SCHEMES = ("postgresql", "postgres")
EXAMPLE = "postgresql://user:password@host:5432/database"
SECRET = "pa55-w0rd"


def parse(text: str) -> Target:
    return parse_target(text, SCHEMES, EXAMPLE)


def refused(text: str) -> UsageError:
    with pytest.raises(UsageError) as caught:
        parse(text)
    return caught.value


def test_parts() -> None:
    target = parse("PostgreSQL://al%40ice:p%2F%3A%40w@db.example:6432/my%20db?sslmode=require&options=-c%20x%3D1")
    assert (target.scheme, target.user, target.password) == ("postgresql", "al@ice", "p/:@w")
    assert (target.hosts, target.database) == ((("db.example", 6432),), "my db")
    assert target.options == (("sslmode", "require"), ("options", "-c x=1"))


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("postgres:///db", ()),
        ("postgres://", ()),
        ("postgres://host", (("host", None),)),
        ("postgres://host:5433/", (("host", 5433),)),
        ("postgres://a:1,b,c:3/db", (("a", 1), ("b", None), ("c", 3))),
        ("postgres://[::1]:5432/db", (("[::1]", 5432),)),
        ("postgres://[fe80::1%25eth0]/db", (("[fe80::1%eth0]", None),)),
        ("postgres://%2Fvar%2Frun%2Fpostgresql/db", (("/var/run/postgresql", None),)),
    ],
)
def test_hosts(text: str, hosts: tuple[tuple[str, int | None], ...]) -> None:
    assert parse(text).hosts == hosts


def test_what_is_absent_is_none_and_what_is_empty_is_not_a_password() -> None:
    assert (parse("postgres://u@h/d").password, parse("postgres://u:@h/d").password) == (None, "")
    assert parse("postgres://@h/d").user is None
    assert parse("postgres://h/").database is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no scheme"),
        ("host/db", "no scheme"),
        ("oracle://h/d", "unknown scheme 'oracle'"),
        ("postgre://h/d", "unknown scheme 'postgre'"),
        (f"postgres://u:{SECRET} x@h/d", "space or control character"),
        (f"postgres://u:{SECRET}\n@h/d", "space or control character"),
        (f"postgres://u:{SECRET}@x@h/d", "unescaped character"),
        (f"postgres://u:{SECRET}/x@h/d", "unescaped character"),
        (f"postgres://u:{SECRET}:x@h/d", "unescaped character"),
        (f"postgres://u:{SECRET}#x@h/d", "unescaped character"),
        (f"postgres://u:{SECRET}?x@h/d", "unescaped question mark"),
        (f"postgres://u:{SECRET}[x@h/d", "unescaped character"),
        ("postgres://h:54x2/d", "port is not a number"),
        ("postgres://h:0/d", "port is not a number"),
        ("postgres://h:65536/d", "port is not a number"),
        (f"postgres://u:{SECRET}", "port is not a number"),
        ("postgres://[::1/d", "malformed"),
        ("postgres://::1/d", "port is not a number"),
        (f"postgres://{SECRET}[x", "malformed"),
    ],
)
def test_what_is_malformed_is_named_with_a_hint_and_without_the_secret(text: str, says: str) -> None:
    error = refused(text)
    assert says in error.message
    assert error.hint
    assert SECRET not in error.message + error.hint
    assert "\n" not in error.message + error.hint


def test_no_form_of_a_target_shows_a_secret() -> None:
    target = parse(f"postgres://u:{SECRET}@h:1/d?sslpassword={SECRET}x&sslkey={SECRET}y&application_name=me")
    forms = (str(target), repr(target), f"{target}", target.masked, json.dumps(str(target)), repr([target]))
    assert not [form for form in forms if SECRET in form]
    assert target.masked == "postgres://u:***@h:1/d?sslpassword=***&sslkey=***&application_name=me"
    with pytest.raises(TypeError):
        pickle.dumps(target)
    with pytest.raises(TypeError):
        copy.deepcopy(target)


def test_scrubbing_takes_every_secret_out() -> None:
    target = parse(f"postgres://u:{SECRET}@h/d?sslpassword=other-one")
    text = target.scrub(f"no: {SECRET} other-one postgres://a:b1@c password=b2 PWD: 'b 3' PASSWORD 'b4' passfile /x")
    assert not [secret for secret in (SECRET, "other-one", "b1", "b2", "b 3", "b4") if secret in text]
    prose = 'password authentication failed for user "u", no password supplied'
    assert scrub(prose) == prose


@given(password=st.text(min_size=3), user=st.text(min_size=1))
def test_any_password_comes_back_and_never_shows(password: str, user: str) -> None:
    target = parse(f"postgres://{quote(user, safe='')}:{quote(password, safe='')}@h/d")
    assert (target.user, target.password) == (user, password)
    assert target.masked.endswith(":***@h/d")
    assert password not in target.scrub(f"refused <{password}>") or password in "refused <***>"


@given(text=st.text())
def test_no_text_breaks_the_parser(text: str) -> None:
    with contextlib.suppress(UsageError):
        parse(f"postgres://{text}")
