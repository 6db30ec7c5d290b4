"""When a text is complete: a length, a string, the end of a word, sentence or paragraph."""

import re
from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from charterm.decoding.controls import Controls
from charterm.decoding.spelling import Spelling
from charterm.engine.words import Kind, Place, character_kind, place_after

Mask = NDArray[np.bool_]

LENGTH: Final = "length"
STOP: Final = "stop"
CANCELLED: Final = "cancelled"

FINISH: Final = "finish"
"""The value of ``until`` with which the sentence, or line, in which the length is reached is
finished."""

SPARE: Final = 400
"""So many characters beyond the length at most; then the next space ends the text."""

_LONGEST_WORD: Final = 40
"""So many more at most, for text without spaces."""

_CLOSERS = "\"'”’»)\\]」』》〉"
_ENDED: Final = re.compile(rf"[.!?…]+[{_CLOSERS}]*\Z")
_ENDED_FULL_WIDTH: Final = re.compile(rf"[。！？．]+[{_CLOSERS}]*\Z")
_ABBREVIATED: Final = re.compile(
    r"(?:\A|[\s(\"'“‘])(?:[A-HJ-Z]|Mr|Mrs|Ms|Dr|Prof|St|Sr|Jr|Rev|Gen|Col|Capt|No|vs|etc|cf"
    r"|(?:[A-Za-z]\.)+[A-Za-z])\.\Z"
)
_TAIL: Final = 24  # characters that the patterns look at


class Stopping:
    """The stop conditions of a generation, asked about the text generated so far.

    A text of ``length`` characters, and one that ends in a stop string, is complete with its last
    character. The end of a word, sentence or paragraph shows only in the character after it (the
    point of "3.14" ends nothing), which is then not part of the text: :meth:`before` gives the
    tokens that would be such a character. One generated word, sentence or paragraph is meant;
    what came before the generation does not count.

    Attributes:
        looks_before: whether :meth:`before` ever gives tokens.
    """

    def __init__(self, controls: Controls, spelling: Spelling) -> None:
        self._finish = finish = controls.until == FINISH
        self._from = controls.length
        self._length = controls.length + (SPARE + _LONGEST_WORD if finish else 0)
        self._strings = controls.stop
        self._until = "sentence" if finish else controls.until
        self.looks_before: Final = controls.until != LENGTH
        self._spelling = spelling
        self._masks: dict[str, Mask] = {}

    def after(self, text: str) -> str:
        """Why ``text`` is complete now, ``"stop"`` or ``"length"``; "" where it is not."""
        if self._strings and text.endswith(self._strings):
            return STOP
        return LENGTH if len(text) >= self._length else ""

    def ended(self, text: str) -> str:
        """Why ``text`` is complete where a token of :meth:`before` comes."""
        if self._finish and len(text) >= self._from + SPARE and not self._sentence_ends(text):
            return LENGTH
        return self._until

    def before(self, text: str) -> Mask | None:
        """The tokens before which ``text`` ends, shape (V,); ``None`` where none ends it."""
        if self._until == "word":
            return self._after_word(text[-2:])
        if self._finish:
            return self._at_length(text)
        if self._until == "sentence":
            return self._after_sentence(text[-_TAIL:])
        if self._until == "paragraph" and text.endswith("\n") and text.strip():
            return self._mask(_is_newline)
        return None

    def _at_length(self, text: str) -> Mask | None:
        """With :data:`FINISH`: the end of a sentence, or of a line that ends without a mark.

        Where no sentence ends for long, the end of a word.
        """
        if len(text) < self._from:
            return None
        ends = self._after_sentence(text[-_TAIL:])
        if ends is None and len(text) >= self._from + SPARE:
            return self._mask(str.isspace)
        return self._mask(_is_newline) if ends is None and text.strip() else ends

    def _sentence_ends(self, text: str) -> bool:
        return self._after_sentence(text[-_TAIL:]) is not None

    def _after_word(self, tail: str) -> Mask | None:
        place = place_after(tail)
        if place == Place.INSIDE:
            return self._mask(_is_no_word)
        return self._mask(_is_no_letter) if place == Place.JOINED else None

    def _after_sentence(self, tail: str) -> Mask | None:
        if _ENDED_FULL_WIDTH.search(tail):
            return self._mask(_is_no_closer)
        if tail.endswith("\n") and tail.strip():
            return self._mask(_is_newline)  # a heading, a line of verse: no mark, but over
        return self._mask(str.isspace) if ends_sentence(tail) else None

    def _mask(self, ends: Callable[[str], bool]) -> Mask:
        """The tokens that are a whole character for which ``ends`` holds, shape (V,)."""
        name = ends.__name__
        if name not in self._masks:
            pieces = self._spelling.pieces
            self._masks[name] = np.array([bool(p) and ends(p) for p in pieces], np.bool_)
        return self._masks[name]


def ends_sentence(text: str) -> bool:
    """Whether ``text`` ends with a sentence that a space or a new line would follow."""
    tail = text[-_TAIL:]
    return bool(_ENDED.search(tail)) and not _ABBREVIATED.search(tail)


def _is_no_letter(character: str) -> bool:
    return character_kind(character) != Kind.LETTER


def _is_no_word(character: str) -> bool:
    return character_kind(character) not in (Kind.LETTER, Kind.JOINER)


def _is_newline(character: str) -> bool:
    return character == "\n"


def _is_no_closer(character: str) -> bool:
    return not re.fullmatch(f"[{_CLOSERS}。！？．]", character)
