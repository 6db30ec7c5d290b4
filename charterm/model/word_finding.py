"""The words of a text: where they are, and what they are compared by."""

import re
from collections.abc import Iterator
from typing import Final

WORD: Final = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
ENDS: Final = re.compile(r"[.!?\n:;\"“”()—]")
"""What between two words makes the second begin anew."""

END: Final = ""
"""Stands for the beginning and the end of a sentence."""

_REACH: Final = 160
"""Characters before the cursor in which two words are looked for."""

_NEAR: Final = 48
"""So many hold two whole words nearly always."""


def word_key(word: str) -> str:
    """What ``word`` is compared by."""
    return word.casefold().replace("’", "'")


def words_before(text: str) -> tuple[str, str]:
    """The last two words of ``text``, which ends where a word begins, as the table knows them."""
    tail = text[-_NEAR:]
    found = list(WORD.finditer(tail))[-2:]
    if len(text) > _NEAR and (len(found) < 2 or found[0].start() < 2):  # it may begin before
        tail = text[-_REACH:]
        found = list(WORD.finditer(tail))[-2:]
    if not found or ENDS.search(tail, found[-1].end()):
        return END, END
    last = word_key(found[-1].group())
    if len(found) == 1 or ENDS.search(tail, found[0].end(), found[1].start()):
        return END, last
    return word_key(found[0].group()), last


def sentence_words(text: str) -> Iterator[str]:
    """The words of ``text`` as they are spelt, and END after each sentence."""
    last = 0
    for match in WORD.finditer(text):
        if last and ENDS.search(text, last, match.start()):
            yield END
        yield match.group()
        last = match.end()
    if last:
        yield END
