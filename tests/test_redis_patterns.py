"""The pattern miner: what becomes of names of keys, whatever the order in which they come."""

from __future__ import annotations

import random
import string
import time
import tracemalloc
import uuid
from collections import Counter

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from auditor_connectors.redis.sampling.patterns import Patterns

_PEOPLE = [first + middle + last for first in "bdfglmnrst" for middle in "aeiou" for last in ("ra", "ne", "bo", "lix")]


def _mined(*names: str | bytes) -> dict[str, int]:
    known = [name.encode() if isinstance(name, str) else name for name in names]
    patterns = Patterns(known)
    return dict(Counter(patterns.of(name).name for name in known))


def _many(form: str, count: int = 60) -> list[str]:
    """Names of a form in which ``#`` is a number, ``&`` a word, ``$`` a UUID, ``%`` 32 hexadecimal digits."""
    drawn = random.Random(form)
    found = []
    for number in range(count):
        name = form.replace("#", str(1000 + number)).replace("&", _PEOPLE[number % len(_PEOPLE)])
        name = name.replace("$", str(uuid.UUID(int=drawn.getrandbits(128), version=4)))
        found.append(name.replace("%", f"{drawn.getrandbits(128):032x}"))
    return found


@pytest.mark.parametrize(
    ("form", "pattern"),
    [
        ("user:#", "user:{id}"),
        ("user:&:cart", "user:{id}:cart"),
        ("session:$", "session:{id}"),
        ("sess:%", "sess:{id}"),
        ("cart:{#}:items", "cart:{{id}}:items"),
        ("{user:#}:profile", "{user:{id}}:profile"),
        ("rl:10.0.0.#:20261130", "rl:{id}:{id}"),
        ("mail:&.#@example.com:verified", "mail:{id}:verified"),
        ("post:&-&-#", "post:{id}"),
        ("cache_&_v2", "cache_{id}_v2"),
        ("item#", "item{id}"),
        ("Order/#/Lines", "Order/{id}/Lines"),
        ("ip:2001:db8::#:count", "ip:{id}:count"),
        ("report:2026-01-#", "report:{id}"),
        ("celery-task-meta-$", "celery-task-meta-{id}"),
        ("bull:email:#", "bull:email:{id}"),
        ("bull:email:repeat:%:#", "bull:email:repeat:{id}:{id}"),
        ("spring:session:sessions:expires:$", "spring:session:sessions:expires:{id}"),
        (":1:views.decorators.cache_header..%.en-us.UTC", ":1:views.decorators.cache_header..{id}.en-us.UTC"),
        ("asynq:{default}:t:$", "asynq:{default}:t:{id}"),
        ("laravel_database_laravel_cache:%", "laravel_database_laravel_cache:{id}"),
        ("views/products/#-20261130120000/%", "views/products/{id}/{id}"),
        ("rq:job:$", "rq:job:{id}"),
        ("resque:worker:host-#:#:default", "resque:worker:host-{id}:{id}:default"),
        ("stat:processed:2026-11-01", "stat:processed:{id}"),
        ("&@gmail.com", "{id}"),
    ],
)  # fmt: skip
def test_names_of_one_form_have_one_pattern(form: str, pattern: str) -> None:
    """Also those that libraries make."""
    assert set(_mined(*_many(form))) == {pattern}


def test_few_words_are_part_of_the_names_and_many_are_values() -> None:
    """``cart`` and ``orders`` stay apart, and so do names that stand alone; words that differ are values."""
    names = [name for form in ("user:&:cart", "user:&:orders", "user:#") for name in _many(form)]
    fixed = ["config", "leader:lock", "stats:daily", "stats:weekly", "queue:default", "bull:email:wait", "user:counter"]
    found = _mined(*names, *fixed)
    assert found == {"user:{id}:cart": 60, "user:{id}:orders": 60, "user:{id}": 60} | dict.fromkeys(fixed, 1)


def test_a_word_of_one_key_is_a_value_where_others_vary() -> None:
    """However few the keys are: behind the word for a person stands a name."""
    assert _mined("user:alice", "user:bob") == {"user:{id}": 2}
    assert _mined("user:alice:cart", "user:alice:orders") == {"user:{id}:cart": 1, "user:{id}:orders": 1}
    assert _mined("recipe:soup", "recipe:cake", "recipe:bread") == {"recipe:{id}": 3}
    assert _mined(*(f"item:{number}" for number in range(9)), "item:first") == {"item:{id}": 10}


def test_a_name_that_was_not_seen_gives_away_nothing() -> None:
    """A pattern can be asked of other names than those it was learnt from."""
    patterns = Patterns([name.encode() for name in _many("user:&:cart")])
    assert patterns.of(b"user:zaphod:cart").name == "user:{id}:cart"
    assert patterns.of(b"user:zaphod:towels").name == "user:{id}:{id}"
    assert patterns.of(b"ford:prefect:cart").name == "{id}:{id}:cart"


def test_names_that_are_no_text() -> None:
    """Of bytes nothing is shown; signs that change how a text looks are escaped."""
    assert _mined(b"blob:\xff\xfe\x00", b"blob:\xff\xfd\x00x:y") == {"blob:{id}": 2}
    assert _mined(b"\xff\x00\x01") == {"{id}": 1}
    assert _mined(b"") == {"": 1}
    assert _mined(b"\xac\xed\x00\x05t\x00\x0bsession:%s" % (b"0" * 15 + b"1")) == {
        r"\xac\xed\x00\x05t\x00session:{id}": 1
    }
    assert _mined("one\ntwo", "<b>bold</b>", "\N{ROCKET}:1", "caf\N{LATIN SMALL LETTER E WITH ACUTE}", "a\u202eb") == {
        r"one\ntwo": 1, "<b>bold</b>": 1, "\N{ROCKET}:{id}": 1, "caf\N{LATIN SMALL LETTER E WITH ACUTE}": 1,
        r"a\u202eb": 1,
    }  # fmt: skip
    assert _mined("user:undefined:cart", *_many("user:#:cart")) == {"user:undefined:cart": 1, "user:{id}:cart": 60}


def test_the_glob_of_a_pattern() -> None:
    """It finds the keys of the pattern: what a glob would read otherwise is escaped."""
    patterns = Patterns([b"a[1]*:7"])
    assert patterns.of(b"a[1]*:7").match == r"a\[*\]\*:*"
    assert patterns.of(b"a[1]*:7").name == "a[{id}]*:{id}"


def _token(seed: int) -> str:
    signs = string.ascii_letters + string.digits
    drawn = random.Random(seed)
    return "".join(drawn.choice(signs) for _ in range(23)) + drawn.choice(string.digits)


_SECRET = st.one_of(
    st.integers(min_value=0).map(str),
    st.uuids().map(str),
    st.binary(min_size=8, max_size=32).map(bytes.hex).filter(lambda text: any(sign.isdigit() for sign in text)),
    st.from_regex(r"[a-z]{3,9}\.[a-z]{3,9}@[a-z]{3,9}\.(com|org)", fullmatch=True),
    st.integers(0, 2**32 - 1).map(lambda number: ".".join(str(number >> bits & 255) for bits in (24, 16, 8, 0))),
    st.integers(0, 2**63).map(_token),
)
_FORM = st.sampled_from(
    ["user:{}:cart", "sess:{}", "a/{}/b", "cart:{{{}}}", "{}", "x|{}", "order-{}", "q_{}_done", "{}:t"]
)


@given(st.lists(st.tuples(_FORM, _SECRET), min_size=1, max_size=40))
@settings(max_examples=200, deadline=None)
def test_no_value_survives(drawn: list[tuple[str, str]]) -> None:
    """Numbers, identifiers, addresses and tokens never stand in a pattern, however few names there are."""
    for pattern in _mined(*(form.format(secret) for form, secret in drawn)):
        for _, secret in drawn:
            assert len(secret) < 3 or secret not in pattern


@example(names=[b"@", b"@1"], drawn=random.Random(1))
@given(
    st.lists(st.text(alphabet="ab:1{}-.\u00e9\n@", max_size=12).map(str.encode) | st.binary(max_size=8), max_size=60),
    st.randoms(use_true_random=False),
)
@settings(max_examples=200, deadline=None)
def test_the_order_of_names_does_not_matter(names: list[bytes], drawn: random.Random) -> None:
    """And whatever the bytes are, every name has a pattern that can be shown."""
    patterns, mixed = Patterns(names), names[:]
    drawn.shuffle(mixed)
    again = Patterns(mixed)
    for name in names:
        assert patterns.of(name) == again.of(name)
        assert patterns.of(name).name.isprintable()
        patterns.of(name).name.encode()


@pytest.mark.timing
def test_it_is_quick_and_small() -> None:
    """A hundred thousand names take about a second, and less than 200 MB."""
    names = [
        name.encode() for form in ("user:&:cart#", "session:$", "cache:%:v2", "&:#", "x:&#") for name in _many(form)
    ]
    names += [b"n:%d:w%d" % (number, number * 7919 % 100_003) for number in range(100_000)]
    tracemalloc.start()
    begun = time.perf_counter()
    patterns = Patterns(names)
    found = {patterns.of(name) for name in names}
    seconds, peak = time.perf_counter() - begun, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(found) < 20
    assert seconds < 20
    assert peak < 200e6
