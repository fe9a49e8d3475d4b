"""Names that say that a column holds a secret. Whole words, and only as what the name is about: its last words.

"user_password" is a password, "password_changed_at" a time, "secret_santa_id" a number, "card_number_last4" harmless.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from auditor.model.vocabulary import Severity
from auditor_checks._names import words


class Secret(NamedTuple):
    """A kind of secret: how a report calls it, how grave its loss is, and how its values look when they are plain.

    ``shortest`` and ``longest`` are characters of one plain value (None: no bound); ``digits`` says that a number type
    may hold it.
    """

    label: str
    severity: Severity
    shortest: int
    longest: int | None
    digits: bool = False


CARD = Secret("payment card numbers", Severity.HIGH, 12, 25, digits=True)
VERIFICATION = Secret("card verification values", Severity.HIGH, 3, 8, digits=True)
PERSON = Secret("social security numbers", Severity.HIGH, 9, 20, digits=True)
DOCUMENT = Secret("numbers of identity documents", Severity.MEDIUM, 5, 25)
BANK = Secret("bank account numbers", Severity.MEDIUM, 8, 42)
PASSWORD = Secret("passwords", Severity.HIGH, 4, 30)
TOKEN = Secret("keys or tokens", Severity.MEDIUM, 8, None)

_PHRASES: dict[Secret, str] = {
    CARD: "credit card|creditcard|credit card number|creditcardnumber|debit card number|card number|cardnumber|"
    "cc number|ccnumber|ccnum|card pan",
    VERIFICATION: "cvv|cvv2|cvc|cvc2|card verification|card verification code|card security code",
    PERSON: "ssn|social security|social security number|socialsecuritynumber|social insurance number|"
    "national insurance number|nino|aadhaar|aadhaar number",
    DOCUMENT: "passport number|passportnumber|national id|national id number|driver license number|"
    "drivers license number|driver licence number|driving licence number|identity card number",
    BANK: "iban|iban number|bank account|bank account number",
    PASSWORD: "password|passwd|passphrase|passcode|pwd",
    TOKEN: "api key|apikey|secret key|private key|secret access key|access token|refresh token|auth token|"
    "authentication token|bearer token|api token|apitoken|session token|reset token|oauth token|client secret|"
    "app secret|api secret|consumer secret|shared secret|webhook secret|signing secret|signing key|totp secret|"
    "otp secret|mfa secret|factor secret|encryption key|recovery codes|backup codes",
}
_KINDS = {tuple(phrase.split()): kind for kind, text in _PHRASES.items() for phrase in text.split("|")}
_LONGEST = max(map(len, _KINDS))
# A secret or a token of what? Alone these words say too little: the table has to be about logins or other systems.
_BARE = frozenset({"secret", "token"})
_KEEPERS = frozenset(
    """account accounts api auth authentication client clients connection connections credential credentials
    integration integrations login logins oauth password reset resets session sessions user users webhook webhooks"""
    .split()
)  # fmt: skip
_NUMBERS = frozenset({"number", "num", "no", "nr", "nbr"})
# What may follow without changing what the name is about.
_TRAILERS = frozenset(
    """plain plaintext clear cleartext text txt raw unencrypted value val string str old new current confirm
    confirmation 1 2""".split()
)
# Any of these says that the value is not the secret itself, or that the card is not a payment card.
_PROTECTED = frozenset(
    """hash hashed hashes digest digests encrypted enc encr crypt crypted cipher ciphered ciphertext hmac sha sha1
    sha256 sha512 md5 bcrypt scrypt argon2 argon2id pbkdf2 salt salted mask masked redacted obfuscated anonymized
    anonymised tokenized tokenised sealed wrapped vault kms last4 lastfour four 4 first6 partial truncated hint
    public ref has is fake dummy""".split()
)
_OTHER_CARDS = frozenset(
    """loyalty library gift sim membership member bonus student report score time punch playing game deck access key
    fuel business post index insurance transit travel""".split()
)


def secret_of(column: str, table: str) -> Secret | None:
    """The kind of secret that a column's name says it holds."""
    parts, found = _meaning(column)
    if found is None and (not parts or parts[-1] not in _BARE):
        return None
    around = {*parts, *words(table)}
    if found is not None:
        return None if found is CARD and not _OTHER_CARDS.isdisjoint(around) else found
    return TOKEN if not _KEEPERS.isdisjoint(around - _BARE) else None


@lru_cache(maxsize=65_536)
def _meaning(column: str) -> tuple[tuple[str, ...], Secret | None]:
    """The words of a name that count, and the kind of secret that they alone name; no words where it is protected."""
    parts = ["number" if word in _NUMBERS else word for word in words(column)]
    while parts and parts[-1] in _TRAILERS:
        parts.pop()
    if not _PROTECTED.isdisjoint(parts):
        return (), None
    lengths = range(min(_LONGEST, len(parts)), 0, -1)
    found = next((kind for length in lengths if (kind := _KINDS.get(tuple(parts[-length:])))), None)
    return tuple(parts), found


def is_protected(comment: str | None) -> bool:
    """Whether a column's comment says that its values are hashed, encrypted or masked."""
    return comment is not None and not _PROTECTED.isdisjoint(words(comment)) and not _denied(comment)


def _denied(comment: str) -> bool:
    return not {"not", "no", "plain", "unencrypted", "todo"}.isdisjoint(words(comment))
