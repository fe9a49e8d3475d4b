"""From the sample to patterns with estimates for all keys: how many, how large, how long they live."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import sqrt
from statistics import mean, median, stdev

from auditor.model.keyspace import BigKey, ConsumerGroup, Interval, KeyPattern, KeySample, Keyspace, Lifetimes, Stream
from auditor_connectors.redis.assemble.server import databases
from auditor_connectors.redis.probe import Raw, Row
from auditor_connectors.redis.session import Identity

LISTED = 1_000
"""How many patterns are kept, those of the most keys."""
_Z = 1.959964
"""The two-sided 95 % quantile of the normal distribution."""
_T = (12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23)
"""The same of Student's distribution, for 1 to 10 degrees of freedom."""
_SPANS = (1.0, 10.0, 60.0)
"""Seconds within which ends of keys are counted together."""
_LIMITS = {
    "hash": (("hash-max-listpack-entries", "hash-max-ziplist-entries"), 128),
    "zset": (("zset-max-listpack-entries", "zset-max-ziplist-entries"), 128),
    "set": (("set-max-listpack-entries", "set-max-intset-entries"), 128),
}
"""The settings that limit compact encodings, the newest name first, and what they are where none is visible."""
_VALUES = {"hash": 128, "zset": 96, "set": 96}
"""Up to how many bytes an element may take, with all that goes with it, for its value to be a short one."""
_LARGE_BYTES = 10_240
"""From which size on a key is listed among the largest ones: below, none stands out."""
_LOST = frozenset({"hashtable", "skiplist"})


def keyspace(raw: Raw, identity: Identity) -> Keyspace:
    """What is known of the keys."""
    told = databases(raw)
    wanted = [one for one in told if identity.database is None or one.number == identity.database]
    if "keyspace" not in raw:
        return Keyspace(databases=tuple(wanted), sizes=sizes(raw))
    summary, *rows = raw["keyspace"]
    found = sorted(rows, key=lambda row: (-sum(row["names"].values()), row["database"], row["pattern"]))
    limits = _limits(raw)
    largest = defaultdict[tuple[int, str], list[Row]](list)
    for row in raw.get("big-keys", ()):
        largest[row["database"], row["pattern"]].append(row)
    patterns = [
        _pattern(row, summary, limits, largest.pop((row["database"], row["pattern"]), [])) for row in found[:LISTED]
    ]
    patterns += [_unseen(rows_) for rows_ in largest.values()]
    left = sum(sum(row["names"].values()) for row in found[LISTED:])
    return Keyspace(
        databases=tuple(wanted),
        patterns=tuple(sorted(patterns, key=lambda one: (-_bytes(one), one.path))),
        big=big(raw),
        streams=streams(raw),
        sample=_sample(summary),
        other=left / max(1, summary["names"]),
        sizes=sizes(raw),
    )


def _bytes(pattern: KeyPattern) -> float:
    return pattern.bytes.value if pattern.bytes is not None else 0.0


def _sample(summary: Row) -> KeySample:
    return KeySample(
        method=summary["method"], names=summary["names"], keys=summary["looked"], of=summary["of"],
        bytes=summary["received"], milliseconds=summary["milliseconds"], cut=summary["cut"],
        replica=summary["replica"], hits=summary["hits"],
    )  # fmt: skip


def _unseen(largest: Sequence[Row]) -> KeyPattern:
    """A pattern of which no name was seen, only some of the largest keys: how many there are is not known."""
    first = largest[0]
    return KeyPattern(
        database=first["database"], name=first["pattern"], match=first["match"], parts=first["parts"],
        types=_shares(row["type"] for row in largest), bytes_maximum=max(row["bytes"] for row in largest),
        elements_maximum=max((row["elements"] for row in largest if row["elements"] is not None), default=None),
    )  # fmt: skip


def _pattern(row: Row, summary: Row, limits: Mapping[str, int], largest: Sequence[Row]) -> KeyPattern:
    """A pattern by the looks at some of its keys, and by the largest of all keys as far as they are of it."""
    looks: list[Row] = row["looks"]
    keys = _keys(row, summary)
    known = [look["bytes"] for look in looks if look["bytes"] is not None]
    elements = [look["elements"] for look in looks if look["elements"] is not None]
    large = [one["bytes"] for one in largest]
    longest = [*elements, *(one["elements"] for one in largest if one["elements"] is not None)]
    idle = [look["idle"] for look in looks if look["idle"] is not None]
    frequencies = [look["frequency"] for look in looks if look["frequency"] is not None]
    return KeyPattern(
        database=row["database"], name=row["pattern"], match=row["match"], parts=row["parts"],
        sampled=len(looks), share=sum(row["names"].values()) / max(1, summary["names"]),
        keys=keys, bytes=_total(known, keys, large), types=_shares(look["type"] for look in looks),
        encodings=_shares(look["encoding"] for look in looks if look["encoding"] is not None),
        bytes_mean=mean(known) if known else None, bytes_median=round(median(known)) if known else None,
        bytes_p99=quantile(known, 0.99) if known else None, bytes_maximum=max([*known, *large], default=None),
        elements_median=round(median(elements)) if elements else None, elements_maximum=max(longest, default=None),
        name_bytes=row["name_bytes"], lifetimes=lifetimes([look["end"] for look in looks], summary),
        idle_seconds=median(idle) if idle else None, frequency=max(frequencies, default=None),
        tags=row["tags"], tag_share=row["tag_share"], near_limit=_near(looks, limits),
    )  # fmt: skip


def _keys(row: Row, summary: Row) -> Interval:
    """How many keys have the pattern: in each part by the share of its names, Wilson's score interval."""
    if not row["parts"]:  # a name in which nothing differs is that of one key
        return Interval(value=1.0, low=1.0, high=1.0)
    value = low = high = 0.0
    for part in summary["parts"]:
        if part["database"] != row["database"] or not part["names"]:
            continue
        found = row["names"].get(part["node"], 0)
        if part["method"] == "all":
            value, low, high = value + found, low + found, high + found
        elif found:
            below, above = wilson(found, part["names"])
            value += part["of"] * found / part["names"]
            low += max(float(found), part["of"] * below)
            high += part["of"] * above
    return Interval(value=value, low=low, high=high)


def wilson(part: float, of: float) -> tuple[float, float]:
    """The interval in which a share lies with a confidence of 95 %, when ``part`` of ``of`` were found.

    Wilson's score interval: https://doi.org/10.1080/01621459.1927.10502953
    """
    share, weight = part / of, 1 + _Z**2 / of
    middle = (share + _Z**2 / (2 * of)) / weight
    half = _Z * sqrt(share * (1 - share) / of + _Z**2 / (4 * of**2)) / weight
    return max(0.0, middle - half), min(1.0, middle + half)


def _total(known: Sequence[int], keys: Interval, large: Sequence[int]) -> Interval | None:
    """The bytes of all keys of a pattern by the mean of some, with the uncertainty of both numbers.

    ``large`` are the largest keys. Of those above the smallest of them none is missing: they are added up, and the
    mean is that of the others.
    """
    if not known:
        return None
    least_large = min(large, default=max(known))
    surely = [size for size in large if size > least_large]
    rest = [size for size in known if size <= least_large] or [least_large]
    sure, counted = float(sum(surely)), len(surely)
    left = Interval(
        value=max(0.0, keys.value - counted), low=max(0.0, keys.low - counted), high=max(0.0, keys.high - counted)
    )
    average, count = mean(rest), len(rest)
    wide = 0.0
    if count > 1:
        unknown = max(0.0, 1 - count / left.value) if left.value else 0.0
        wide = (_T[count - 2] if count - 2 < len(_T) else _Z) * stdev(rest) / sqrt(count) * sqrt(unknown)
    least = min(average, max(average - wide, float(min(rest))))
    return Interval(
        value=sure + average * left.value, low=sure + least * left.low, high=sure + (average + wide) * left.high
    )


def _shares(found: Iterable[str]) -> dict[str, float]:
    counted = Counter(found)
    return {name: counted[name] / counted.total() for name in sorted(counted)}


def quantile(values: Sequence[int], share: float) -> int:
    """The value that this share of the values does not exceed."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def lifetimes(ends: Sequence[float | None], summary: Row) -> Lifetimes | None:
    """What is left of the times to live at the end of the sample, and how many of the keys end together."""
    if not ends:
        return None
    now = summary["milliseconds"] / 1000
    left = sorted(max(0.0, end - now) for end in ends if end is not None)
    if not left:
        return Lifetimes()
    together = [(_densest(left, span), span) for span in _SPANS]
    herd, span = max(together, key=lambda one: (one[0] - min(1.0, one[1] / max(left[-1], one[1])), -one[1]))
    return Lifetimes(
        expiring=len(left) / len(ends), minimum=left[0], median=median(left), p95=left[int(0.95 * (len(left) - 1))],
        maximum=left[-1], herd=herd, herd_seconds=span, expected=min(1.0, span / max(left[-1], span)),
    )  # fmt: skip


def _densest(ends: Sequence[float], span: float) -> float:
    """The largest share of the ends, which are sorted, that lies within a span."""
    best = start = 0
    for place, end in enumerate(ends):
        while end - ends[start] > span:
            start += 1
        best = max(best, place - start + 1)
    return best / len(ends)


def _limits(raw: Raw) -> dict[str, int]:
    given: dict[str, str] = next((row["settings"] for row in raw.get("config", ()) if row["node"] == 0), {})
    found = {}
    for kind, (names, default) in _LIMITS.items():
        value = next((given[name] for name in names if name in given), "")
        found[kind] = int(value) if value.isdigit() else default
    return found


def _near(looks: Sequence[Row], limits: Mapping[str, int]) -> float | None:
    """The share of the keys that would be compact if they might have twice as many elements."""
    measured = [look for look in looks if look["elements"] is not None and look["type"] in limits]
    if not measured:
        return None
    near = 0
    for look in measured:
        limit, elements = limits[look["type"]], look["elements"]
        small = look["bytes"] is not None and look["bytes"] <= elements * _VALUES[look["type"]]
        near += look["encoding"] in _LOST and limit < elements <= 2 * limit and small
    return near / len(measured)


# --- the largest keys, streams, the server's own histograms -----------------------------------------------------------


def big(raw: Raw) -> tuple[BigKey, ...]:
    """The largest keys that were seen, largest first."""
    found = [
        BigKey(
            database=row["database"], pattern=row["pattern"], type=row["type"], encoding=row["encoding"],
            bytes=row["bytes"], elements=row["elements"], expires_seconds=row["left"],
        )
        for row in raw.get("big-keys", ())
        if row["bytes"] >= _LARGE_BYTES
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda one: (-one.bytes, one.path)))


def streams(raw: Raw) -> tuple[Stream, ...]:
    """The streams that were found, those of the most bytes first."""
    found = [
        Stream(
            database=row["database"], pattern=row["pattern"], entries=row["entries"], added=row["added"],
            bytes=row["bytes"], seconds=row["seconds"],
            groups=tuple(ConsumerGroup(**group) for group in row["groups"]),
        )
        for row in raw.get("streams", ())
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda one: (-(one.bytes or 0), one.path)))


_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


def sizes(raw: Raw) -> dict[str, dict[str, int]]:
    """The histograms of sizes that servers keep (Redis 8), summed up: keys of at least so many bytes or elements."""
    found: dict[str, Counter[int]] = defaultdict(Counter)
    for row in raw.get("info", ()):
        for name, text in row["info"].get("Keysizes", {}).items():
            for bucket in text.split(","):
                match = re.fullmatch(r"(\d+)([KMGT]?)=(\d+)", bucket)
                if match:
                    found[name][int(match[1]) * _UNITS[match[2]]] += int(match[3])
    return {name: {str(least): counts[least] for least in sorted(counts)} for name, counts in sorted(found.items())}
