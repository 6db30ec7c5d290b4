"""Which starter model knows the language of a text: a training had best go on from that one."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from charterm.engine.information import information
from charterm.engine.language_model import load_language_model
from charterm.model.config import ModelConfig
from charterm.model.library import list_models
from charterm.text.reading import find_text_files, read_beginning

_CHARACTERS: Final = 2400
"""So many are read in all: half a second of reading for each starter."""

_FILES: Final = 4
_PLACES: Final = 4
"""They stand in so many files at most, and in so many places of each."""

_KNOWN: Final = 0.75
"""A starter knows a language whose text it predicts with at most so much of the bits that the
characters' own frequencies need. Of English the English one needs 0.4 to 0.7 (verse of 1600), of
Python 1.3, of French 1.0; of Korean the Korean one needs 0.5."""


@dataclass(frozen=True, slots=True)
class StartingPoint:
    """A starter model that knows the language of a text.

    Attributes:
        name: of the model.
        bits: that it needs for a character of the text, on average.
        config: its shapes.
    """

    name: str
    bits: float
    config: ModelConfig


def starting_point(paths: Sequence[Path]) -> StartingPoint | None:
    """The starter that knows the language of the texts best; ``None`` where none does.

    Args:
        paths: text files and folders of them.

    Raises:
        ChartermError: a path is missing, cannot be read, or has no text.
    """
    passages = _passages(find_text_files(paths))
    characters = sum(map(len, passages))
    if not characters:
        return None
    found = []
    for entry in list_models():
        if entry.starter:
            model = load_language_model(entry.folder)
            bits = sum(information(model, model.start, passage) for passage in passages)
            found.append(StartingPoint(entry.name, bits / characters, model.config))
    best = min(found, key=lambda each: each.bits, default=None)
    if best is None or best.bits > _KNOWN * _entropy(passages):
        return None
    return best


def _passages(files: Sequence[Path]) -> list[str]:
    """Pieces of the beginning, the middle and the end of a few files."""
    chosen = files[:: max(1, len(files) // _FILES)][:_FILES]
    length = _CHARACTERS // (len(chosen) * _PLACES)
    passages = []
    for file in chosen:
        text = read_beginning(file)
        step = max(length, len(text) // _PLACES)
        passages += [text[begin : begin + length] for begin in range(0, len(text), step)]
    return passages


def _entropy(passages: Sequence[str]) -> float:
    """Bits of a character by the frequencies of the characters alone."""
    counts = Counter[str]()
    for passage in passages:
        counts.update(passage)
    total = counts.total()
    return sum(n / total * math.log2(total / n) for n in counts.values())
