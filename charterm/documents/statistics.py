"""What a text cost its writer in keys, and what it cost the model in bits."""

from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Final, Self

WINDOW: Final = 24
"""Characters, about four words, that one value of the history stands for."""

LONGEST_HISTORY: Final = 200


@dataclass
class TypingStatistics:
    """Counts of one text since it was begun.

    What is deleted or undone again stays counted, typed characters and accepted ones alike, and the
    keys that deleted it are not: the counts tell of what entered the text, not of what remained.

    Attributes:
        typed: characters typed, one key each.
        accepted_characters: characters that came from accepted suggestions.
        accept_keys: keys pressed to choose and accept them.
        shown: suggestions that appeared.
        accepted: suggestions accepted.
        bits: information of the measured characters under the model, in bits.
        measured: characters whose information was measured.
        history: bits per character of each WINDOW measured characters, the latest last.
        window_bits: bits measured since the last entry of the history.
        window_measured: characters measured since then.
    """

    typed: int = 0
    accepted_characters: int = 0
    accept_keys: int = 0
    shown: int = 0
    accepted: int = 0
    bits: float = 0.0
    measured: int = 0
    history: tuple[float, ...] = ()
    window_bits: float = 0.0
    window_measured: int = 0

    def count_typed(self, characters: int) -> None:
        """Count characters that were typed."""
        self.typed += characters

    def count_accepted(self, characters: int, keys: int) -> None:
        """Count one accepted suggestion and the keys that choosing and accepting it took."""
        self.accepted += 1
        self.accepted_characters += characters
        self.accept_keys += keys

    def count_information(self, bits: float, characters: int) -> None:
        """Count the information of characters that entered the text."""
        self.bits += bits
        self.measured += characters
        self.window_bits += bits
        self.window_measured += characters
        if self.window_measured >= WINDOW:
            latest = round(self.window_bits / self.window_measured, 3)
            self.history = (*self.history, latest)[-LONGEST_HISTORY:]
            self.window_bits, self.window_measured = 0.0, 0

    @property
    def keys_saved(self) -> int:
        """Keys that did not have to be pressed; negative if choosing cost more than it saved."""
        return self.accepted_characters - self.accept_keys

    @property
    def savings(self) -> float:
        """Keystroke savings, the share of all characters: (characters - keys) / characters."""
        characters = self.typed + self.accepted_characters
        return self.keys_saved / characters if characters else 0.0

    @property
    def bits_per_character(self) -> float | None:
        """Mean information of the measured characters, or None before the first."""
        return self.bits / self.measured if self.measured else None

    def copy(self) -> Self:
        """The counts as they are now."""
        return replace(self)

    def to_json(self) -> dict[str, Any]:
        """The counts as plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        """The inverse of :meth:`to_json`; counts of a newer program are left out."""
        known = {field.name for field in fields(cls)}
        statistics = cls(**{name: value for name, value in values.items() if name in known})
        statistics.history = tuple(map(float, statistics.history))
        return statistics
