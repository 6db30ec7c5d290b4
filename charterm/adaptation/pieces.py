"""What of a line is in the memory: pieces of text, each learnt and forgotten by itself.

A line is cut where something is not learnt: a secret, a forbidden word, the word being typed. The
parts between are *pieces*. A piece that begins a line is written with a newline before it, which
is its context and is not counted. No context reaches beyond its piece, so that the counts are a
plain sum over the pieces of all texts and any piece can be taken out again.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from charterm.adaptation.contexts import EMPTY, LONGEST_WORD, ORDER, Context
from charterm.adaptation.memory import Memory
from charterm.adaptation.private import NeverLearn, Range, subtract
from charterm.adaptation.word_memory import pairs_of, window
from charterm.engine.words import Kind, character_kind

LONGEST_LINE: Final = 2000
"""Characters after which a line is cut at the next space: one edit never costs more to learn."""

REACH: Final = max(ORDER, LONGEST_WORD) + 8
"""Characters before a place that its context can depend on."""

NEWLINE: Final = "\n"

_MASK: Final = "\0"

Pieces = tuple[str, ...]


def lines_of(text: str) -> list[str]:
    """``text`` cut after each newline, and after a space in very long lines."""
    lines = []
    for line in text.split(NEWLINE):
        whole = line + NEWLINE
        while len(whole) > 2 * LONGEST_LINE:
            space = whole.find(" ", LONGEST_LINE)
            if space < 0:
                break
            lines.append(whole[: space + 1])
            whole = whole[space + 1 :]
        lines.append(whole)
    lines[-1] = lines[-1][:-1]  # the text's end is not a newline
    return lines


def pieces_of(line: str, never: NeverLearn, gap: Range = (0, 0)) -> Pieces:
    """The pieces of ``line`` that are to be learnt, ``gap`` left out.

    What stands in the gap has no influence on what else is learnt.
    """
    start, end = gap
    masked = line[:start] + _MASK * (end - start) + line[end:] if start < end else line
    ranges = subtract(never.learnable(masked), [gap])
    return tuple(NEWLINE * (start == 0) + line[start:end] for start, end in ranges)


def run_at(line: str, cursor: int) -> Range:
    """The run of characters other than white space around ``cursor``: what is being typed."""
    start = end = cursor
    while start > 0 and not line[start - 1].isspace():
        start -= 1
    while end < len(line) and not line[end].isspace():
        end += 1
    return start, end


def context_of(before: str, memory: Memory) -> Context:
    """The context after ``before``, the beginning of a piece with its newline."""
    return memory.reader.read(memory.alphabet.encode(before[-REACH:]).tolist())


def change_part(memory: Memory, piece: str, start: int, by: int) -> None:
    """Count the characters of ``piece`` from ``start`` on ``by`` times more or fewer."""
    start = max(start, int(piece.startswith(NEWLINE)))
    context = context_of(piece[:start], memory) if start else EMPTY
    memory.change(memory.alphabet.encode(piece[start:]).tolist(), by, context)
    begin = window(piece, start)
    memory.words.change(pairs_of(piece[begin:]), by)
    memory.words.change(pairs_of(piece[begin:start]), -by)


def replace_pieces(memory: Memory, old: Sequence[str], new: Sequence[str]) -> bool:
    """Make the memory hold ``new`` instead of ``old``, pieces of one line, at least cost.

    Returns:
        Whether something had to be forgotten.
    """
    while old and new and old[0] == new[0]:
        old, new = old[1:], new[1:]
    while old and new and old[-1] == new[-1]:
        old, new = old[:-1], new[:-1]
    shortened = False
    if old and new:
        if new[0].startswith(old[0]):
            change_part(memory, new[0], len(old[0]), 1)
            old, new = old[1:], new[1:]
        elif old[0].startswith(new[0]):
            change_part(memory, old[0], len(new[0]), -1)
            old, new = old[1:], new[1:]
            shortened = True
    for piece in old:
        change_part(memory, piece, 0, -1)
    for piece in new:
        change_part(memory, piece, 0, 1)
    return shortened or bool(old)


def words_of(text: str) -> Iterable[str]:
    """The words of ``text``: letters, digits and marks, with joiners between them."""
    word = ""
    for character in text + " ":
        kind = character_kind(character)
        if kind == Kind.LETTER or (kind == Kind.JOINER and word):
            word += character
        elif word:
            yield word.rstrip("'’-")
            word = ""
