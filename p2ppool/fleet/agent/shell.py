"""Shell words that quote themselves, so that a value never reaches a shell as code."""

from dataclasses import dataclass
from typing import Final

WORD_LIMIT: Final = 4096


@dataclass(frozen=True, slots=True)
class Word:
    """One argument with any content. Its text form is what a POSIX shell reads back as exactly `value`.

    Within single quotes nothing is special (POSIX.1-2024, XCU 2.2.2), so a quote in the value is written
    as the end of the quotes, an escaped quote, and new quotes.

    Raises:
        ValueError: no program can receive such an argument: it has a NUL, is not UTF-8, or is too long.
    """

    value: str

    def __post_init__(self) -> None:
        if "\0" in self.value:
            raise ValueError("a shell word can't hold a NUL character")
        if len(self.value.encode()) > WORD_LIMIT:
            raise ValueError(f"a shell word has at most {WORD_LIMIT} bytes, not {len(self.value.encode())}")

    def __str__(self) -> str:
        quoted = self.value.replace("'", "'\\''")
        return f"'{quoted}'"


@dataclass(frozen=True, slots=True)
class Command:
    """A program or function with its arguments; its text form is one simple command of a POSIX shell."""

    words: tuple[Word, ...]

    @classmethod
    def of(cls, *values: str | float) -> "Command":
        return cls(tuple(Word(str(value)) for value in values))

    def __str__(self) -> str:
        return " ".join(str(word) for word in self.words)
