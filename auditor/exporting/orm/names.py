"""Names of tables and columns as names in Python, whatever they hold."""

from __future__ import annotations

import keyword
import re
from collections.abc import Collection, Iterable, Mapping

from auditor.model.catalog import Key

_OTHER = re.compile(r"[^0-9A-Za-z]+")

RESERVED = frozenset(
    "metadata registry pk objects check clean clean_fields delete full_clean save save_base refresh_from_db "
    "serializable_value validate_constraints validate_unique unique_error_message date_error_message "
    "prepare_database_save get_deferred_fields from_db adelete asave arefresh_from_db get_constraints "
    "DoesNotExist MultipleObjectsReturned NotUpdated Meta".split()
)
"""What an attribute of a mapped class may not be called: SQLAlchemy's declarative names, and Django's Model."""

_OURS = frozenset(
    "Base MovedBase ArchiveBase ViewBase MovedRouter Declared Either PlanIndex PartlySaved".split()
)  # fmt: skip
"""The classes that stand beside those of tables."""


def class_names(keys: Iterable[Key]) -> Mapping[Key, str]:
    """Name a class for every table, in CamelCase; two tables never share one."""
    found: dict[Key, str] = {}
    for key in sorted(keys):
        plain = _camel(key[1])
        name = plain if plain not in found.values() else _camel("_".join(key))
        found[key] = _free(name, {*found.values(), *_OURS})
    return found


def attribute_names(columns: Iterable[str]) -> Mapping[str, str]:
    """Name an attribute for every column: the column's own name where that is one, else one like it."""
    wanted = list(columns)
    plain = {column for column in wanted if _is_plain(column)}
    found: dict[str, str] = {}
    for column in wanted:
        found[column] = column if column in plain else attribute(column, {*plain, *found.values()})
    return found


def attribute(text: str, taken: Collection[str]) -> str:
    """Make a name that both mappers take: small letters, digits and single underscores between them."""
    name = _OTHER.sub("_", text).strip("_").lower() or "column"
    name = re.sub(r"_+", "_", name)
    if not name[0].isalpha():
        name = f"column_{name}"
    if keyword.iskeyword(name) or name in RESERVED:
        name = f"{name}_column"
    return _free(name, taken)


def _is_plain(name: str) -> bool:
    return (
        re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name) is not None
        and not keyword.iskeyword(name)
        and name not in RESERVED
    )


def _camel(text: str) -> str:
    name = "".join(word[:1].upper() + word[1:] for word in _OTHER.sub(" ", text).split())
    return name if name[:1].isalpha() and not keyword.iskeyword(name) else f"Table{name}"


def _free(name: str, taken: Collection[str]) -> str:
    numbered = name
    number = 2
    while numbered in taken:
        numbered = f"{name}{number}"
        number += 1
    return numbered
