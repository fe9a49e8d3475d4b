"""A column's name says that it holds a secret, and nothing says that it is protected.

## What
Columns for text (for card numbers and the like also for numbers) whose name is about passwords, payment cards, social
security, identity documents, bank accounts, keys or tokens. Names, types, lengths and comments that speak of hashing,
encryption, masking or tokens of another system, and values too long to be plain, are left out. Where documents are
sampled, fields whose values have the form of payment cards, social security numbers, bank accounts or signed tokens are
found whatever their name.

## Why it matters
Whoever reads the table, a backup, a replica or a dump on a laptop has the secret. For cards and persons, standards and
laws ask for more: the verification value of a card may never be stored.

## When it is fine
The application encrypts what it writes: then say so in the column's name or comment. The verdict rests on the name and,
where statistics or samples may be read, on the length and form of the values; no value is kept.

## How to fix it
Passwords: store a slow salted hash. Cards: let the payment provider keep them and store its token. Keys and tokens:
where they are only compared, store their hash; where they are used, encrypt them in the application with a key that the
database does not have.

## Sources
PCI DSS 4.0, requirement 3 (stored account data); OWASP Password Storage Cheat Sheet; PostgreSQL manual, "Encryption
Options".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Column
from auditor.model.check import Check
from auditor.model.facts import Facts, TableColumn
from auditor.model.finding import Evidence, Flaw, Impact
from auditor.model.operation import ChangeApplication
from auditor.model.units import COLUMNS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._hidden import values_probe
from auditor_checks._words import fitting
from auditor_checks.security._sensitive import (
    BANK,
    CARD,
    PASSWORD,
    PERSON,
    TOKEN,
    VERIFICATION,
    Secret,
    is_protected,
    secret_of,
)

CHECK = Check(
    title="Column seems to hold a secret in plain text",
    passed="No column's name speaks of an unprotected secret",
    pillar=Pillar.SECURITY,
    severity=Severity.HIGH,
    confidence=Confidence.LIKELY,
    unit=COLUMNS,
    needs=("tables|collections", "columns|fields", "constraints|collections"),
)
ADVICE = {
    PASSWORD: "Store a slow salted hash (Argon2, bcrypt) instead, and have the passwords that are here set again.",
    CARD: "Let the payment provider keep the card, and store its token and the last four digits.",
    VERIFICATION: "Do not store it: after the payment is authorised nobody may.",
    TOKEN: "Store a hash where it is only compared; where it is used, encrypt it in the application.",
}
OTHERWISE = "Encrypt it in the application with a key that the database does not have; let only who must read it."
_HOLDING = frozenset({"array", "integer", "decimal", "text", "char"})
# Lengths of usual hashes in text: MD5, SHA-1, bcrypt, SHA-256, SHA-384, Argon2, SHA-512.
HASH_LENGTHS = frozenset({32, 40, 60, 64, 96, 97, 98, 128})
FORMS = {"card": CARD, "social-security": PERSON, "iban": BANK, "jwt": TOKEN}
"""Forms of texts that little else has: with a checksum, or with a frame of their own."""
FORM_SHARE, FORM_VALUES = 0.9, 20
HASHED = 0.5
"""The share of sampled values that look like hashes, from which on the values are taken for hashes."""
# A column beside the password tells of a framework that stores hashes in it: Django, Laravel.
HASHING_FRAMEWORKS = frozenset({"last_login", "remember_token"})


def judge(item: TableColumn, facts: Facts) -> Iterator[Flaw]:
    """Judge the name first, then whatever speaks against it."""
    table, column = item
    named = secret_of(column.name, table.name) if column.family in _HOLDING else None
    secret = named or _by_form(column)
    if secret is None or not _may_hold(column, secret) or is_protected(column.comment):
        return
    refers = any(column.name in key.columns for key in facts.constraints_of(table.key, "foreign-key"))
    framework = secret is PASSWORD and any(other.name in HASHING_FRAMEWORKS for other in table.columns)
    if refers or framework or column.generated or not _looks_plain(column, secret):
        return
    width = _width(column)
    measured = (width is not None and secret.longest is not None) or named is None
    rows = round(facts.rows(table))
    why = (
        "its sampled values have that form."
        if named is None
        else f"its values are {width} bytes wide, too short for a hash or ciphertext."
        if measured
        else "nothing in its name, type or comment speaks of a hash or of encryption."
    )
    word = facts.capabilities.terms.column.capitalize()
    yield Flaw(
        title=fitting(f"{word} {item.path} seems to hold {secret.label} in plain text"),
        severity=secret.severity,
        confidence=Confidence.LIKELY if measured else Confidence.POSSIBLE,
        evidence=(
            Evidence(name="name", value=column.name, probe="columns|fields"),
            Evidence(name="type", value=column.type, probe="columns|fields"),
            Evidence(name="average width of the values", value=width, unit="bytes", probe=values_probe(facts)),
            Evidence(name="rows", value=rows, unit="rows", probe="tables|collection-sizes"),
        ),
        impact=Impact(rows=rows, risk=f"whoever reads the table or a copy of it has {secret.label}"),
        explanation=f"{item.path} is {column.type}, and {'by its name ' if named else ''}holds {secret.label}; {why}",
        recommendation=ADVICE.get(secret, OTHERWISE),
        operations=(
            ChangeApplication(
                topic="protect-sensitive-column", subject=item.path,
                instruction=f"{item.path} ({secret.label}): {ADVICE.get(secret, OTHERWISE)}",
            ),
        ),
    )  # fmt: skip


def _by_form(column: Column) -> Secret | None:
    """The kind of secret that nearly all sampled values have the form of, where forms were looked at by a sample."""
    known = column.statistics
    if column.shape is None or known is None or known.sampled_values < FORM_VALUES or column.family != "text":
        return None
    return next((secret for form, secret in FORMS.items() if known.shapes.get(form, 0.0) >= FORM_SHARE), None)


def _may_hold(column: Column, secret: Secret) -> bool:
    """Whether the type can hold such a secret at all, and is not one for what stands in its place."""
    if column.family == "array":
        return secret is TOKEN and (column.base_type or "").startswith(("text", "character varying"))
    if secret.digits and column.family in ("integer", "decimal"):
        # The digits of a card or a person do not fit into a narrow number, a verification value does.
        return secret is VERIFICATION or column.bits is None or 10 ** (secret.shortest - 1) < 2 ** (column.bits - 1)
    if column.family not in ("text", "char"):
        return False
    if column.length is None:
        return True
    hashed = column.length in HASH_LENGTHS if column.family == "char" else column.length == 60
    return column.length >= secret.shortest and not (secret is PASSWORD and hashed)


def _width(column: Column) -> int | None:
    """The average width of the values in bytes, None where there are none or they may not be looked at."""
    known = column.statistics
    return None if known is None or known.null_fraction >= 1 else known.average_width


def _looks_plain(column: Column, secret: Secret) -> bool:
    """Whether the statistics, if there are any, allow plain values: not too long, and not all the same mask."""
    wide = secret.longest is not None and (_width(column) or 0) > secret.longest
    distinct = column.statistics.distinct if column.statistics is not None and _width(column) is not None else None
    hashed = column.statistics is not None and column.statistics.shapes.get("hash", 0.0) >= HASHED
    return not wide and not hashed and not (distinct is not None and distinct <= 1)
