"""What a text looks like: an expression that gives the shape of a sampled value, so that no value leaves the server."""

from __future__ import annotations

_WORD = "[[:alnum:]_-]{1,40}"

# Each shape with the condition that ``v`` has it; the first that fits counts. What stands before a regular expression
# is cheap and spares it for most values. Digits with one comma are more likely a decimal or a thousands separator than
# a list of two. A list may begin and end with its delimiter. Two words with a separator and a blank between them are
# more likely a name or a place ("Miller, Anna") than a list.
_NUMERIC = "ascii(v) BETWEEN 45 AND 57"  # it begins with a digit, a minus sign or a dot
_SHAPES: tuple[tuple[str, str], ...] = (
    ("uuid", r"length(v) = 36 AND v ~ '^[0-9A-Fa-f]{8}-([0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}$'"),
    ("integer", rf"{_NUMERIC} AND v ~ '^-?(0|[1-9][0-9]{{0,17}})$'"),
    ("decimal", rf"{_NUMERIC} AND v ~ '^-?((0|[1-9][0-9]*)\.[0-9]+|[0-9]+,[0-9]{{2}}|[0-9]{{1,3}}(,[0-9]{{3}})+)$'"),
    (
        "date",
        (
            rf"{_NUMERIC} AND length(v) BETWEEN 6 AND 10"
            r" AND (v ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' OR v ~ '^[0-9]{1,2}([./-])[0-9]{1,2}\1([0-9]{2}){1,2}$')"
        ),
    ),
    (
        "timestamp",
        (
            rf"{_NUMERIC} AND length(v) >= 16 AND v ~ '^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}[T ][0-9]{{2}}:[0-9]{{2}}"
            r"(:[0-9]{2}([.,][0-9]+)?)? ?(Z|[+-][0-9]{2}:?([0-9]{2})?)?$'"
        ),
    ),
    (
        "inet",
        (
            rf"({_NUMERIC} AND strpos(v, '.') > 1 AND v ~ '^[0-9]{{1,3}}(\.[0-9]{{1,3}}){{3}}(/[0-9]{{1,2}})?$')"
            r" OR (strpos(v, ':') > 0 AND length(v) <= 43 AND"
            r" v ~ '^(([0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}|[0-9A-Fa-f:]*::[0-9A-Fa-f:]*)(/[0-9]{1,3})?$')"
        ),
    ),
    (
        "json",
        r"(ascii(v) = 123 AND right(v, 1) = '}' AND v ~ '^\{\s*(\"|\})') OR (ascii(v) = 91 AND right(v, 1) = ']')",
    ),
    ("url", r"strpos(v, '://') > 1 AND v ~* '^[a-z][a-z0-9+.-]*://\S+$'"),
    ("email", r"strpos(v, '@') > 1 AND v ~ '^[^@\s,;|<>]+@[^@\s,;|<>]+\.[A-Za-z]{2,}$'"),
    (
        "delimited",
        " OR ".join(
            f"(strpos(v, '{mark[-1]}') > 0 AND v ~ '^{mark}?{_WORD}(({mark}{_WORD})+{mark}?|({mark} {_WORD}){{2,}})$')"
            for mark in (",", ";", r"\|")
        ),
    ),
)

SHAPE = "CASE " + " ".join(f"WHEN {condition} THEN '{name}'" for name, condition in _SHAPES) + " ELSE 'other' END"
"""An SQL expression over the text ``v`` (not empty, without trailing blanks) that names its shape, or 'other'."""
