"""Finding words in a text: every hit, and the next one from a place, round the ends."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from charterm.text.editable import editable

Hit = tuple[int, int]
"""First character of a hit, and the first behind it."""


def pattern_of(words: str) -> re.Pattern[str] | None:
    """What finds ``words``; None where there is nothing to find.

    Small letters find capitals as well; with a capital in them, the words are found as they are.
    They are brought into the form of the text, so that Hangul typed as single letters is found.
    """
    words = editable(words).replace("\n", "")
    if not words:
        return None
    exact = words != words.lower()
    return re.compile(re.escape(words), re.NOFLAG if exact else re.IGNORECASE)


def find_hits(pattern: re.Pattern[str], text: str) -> list[Hit]:
    """All hits in a text, in order; they do not overlap."""
    return [match.span() for match in pattern.finditer(text)]


def next_hit(hits: Sequence[Hit], position: int) -> int | None:
    """The first hit that begins at ``position`` or later, else the first of all; None of none."""
    if not hits:
        return None
    return bisect_left(hits, (position, 0)) % len(hits)


def previous_hit(hits: Sequence[Hit], position: int) -> int | None:
    """The last hit that begins before ``position``, else the last of all; None of none."""
    if not hits:
        return None
    return (bisect_right(hits, (position, -1)) - 1) % len(hits)


def suggest_name(text: str, longest: int = 40) -> str:
    """A file name, without ending, from the first words of a text; ``text`` where it has none."""
    line = next((line for line in text.splitlines() if any(map(str.isalnum, line))), "")
    words = re.findall(r"[^\W_]+(?:['’][^\W_]+)*", line)
    name = ""
    for word in words:
        longer = f"{name}-{word}" if name else word
        if len(longer) > longest:
            break
        name = longer
    return name or (words[0][:longest] if words else "text")
