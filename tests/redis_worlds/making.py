"""Makes keys in great numbers, always the same: random but seeded, many commands at once."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

_BATCH = 1000
_SYLLABLES = "ba ce di fo gu ha je ki lo mu na pe ri so tu va we xi yo zu".split()
_NAMES = "ada bela carl dora emil frida georg hanna igor jana karl lena mark nora otto paula rosa sven tina uwe".split()

Command = Sequence[Any]


class Maker:
    """Fills a server through a client; ``scale`` multiplies how many keys there are of most patterns."""

    def __init__(self, client: Any, scale: float, seed: int) -> None:
        self.client = client
        self.scale = scale
        self.random = random.Random(seed)

    def count(self, number: int) -> int:
        """So many, at this scale; never less than three."""
        return max(3, round(number * self.scale))

    def many(self, commands: Iterable[Command]) -> None:
        """Run commands, of which none may fail."""
        remaining = iter(commands)
        while batch := list(islice(remaining, _BATCH)):
            with self.client.pipeline(transaction=False) as pipeline:
                for command in batch:
                    pipeline.execute_command(*command)
                pipeline.execute()

    def age(self, names: Sequence[str], days: float) -> None:
        """Let keys look as if nobody had used them for so many days. They end never."""
        for start in range(0, len(names), _BATCH):
            batch = names[start : start + _BATCH]
            with self.client.pipeline(transaction=False) as pipeline:
                for name in batch:
                    pipeline.execute_command("DUMP", name, NEVER_DECODE=True)
                dumped = pipeline.execute()
            idle = round(days * 86400)
            self.many(
                ("RESTORE", name, 0, value, "REPLACE", "IDLETIME", idle)
                for name, value in zip(batch, dumped, strict=True)
            )

    def done(self) -> None:
        """Set the counters back."""
        self.client.execute_command("SLOWLOG", "RESET")
        self.client.execute_command("CONFIG", "RESETSTAT")

    def hexadecimal(self, digits: int) -> str:
        """Random hexadecimal digits."""
        return f"{self.random.getrandbits(4 * digits):0{digits}x}"

    def uuid(self) -> str:
        """A random UUID of version 4."""
        text = self.hexadecimal(32)
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"

    def word(self) -> str:
        """A word of two to four syllables."""
        return "".join(self.random.choices(_SYLLABLES, k=self.random.randint(2, 4)))

    def text(self, words: int) -> str:
        """So many words."""
        return " ".join(self.word() for _ in range(words))

    def name(self) -> str:
        """A given name."""
        return self.random.choice(_NAMES)

    def email(self, number: int) -> str:
        """An address that nobody else has."""
        return f"{self.name()}.{self.word()}{number}@example.org"

    def address(self) -> str:
        """An address of the internet, of a network for documentation."""
        return f"198.51.{self.random.randint(100, 107)}.{self.random.randint(1, 254)}"

    def jittered(self, seconds: int, share: float = 0.3) -> int:
        """About so many seconds: at random up to this share less or more."""
        return round(seconds * self.random.uniform(1 - share, 1 + share))


def compact(document: Any) -> str:
    """JSON without blanks."""
    return json.dumps(document, separators=(",", ":"))
