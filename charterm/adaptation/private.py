"""What is never learnt: runs of characters that look like a secret, and words the user forbade."""

import re
from collections.abc import Iterable
from typing import Final

from charterm.errors import UsageError

Range = tuple[int, int]

LONGEST_RUN: Final = 40
"""Longer runs of ASCII without a space are keys, addresses and encoded data, not words."""

SECRETS: Final = (
    # card, account and telephone numbers, also in groups
    re.compile(r"\d(?:[ .-]?\d){5,}"),
    # a digit inside letters: p4ssword, a1b2c3
    re.compile(r"(?=[A-Za-z0-9]{6})[A-Za-z]+[0-9]+[A-Za-z][A-Za-z0-9]*"),
    # lower case, upper case and digits in one run that is long or has a sign as well: Summer2024!
    re.compile(r"(?=\S*[a-z])(?=\S*[A-Z])(?=[A-Za-z]*\d)[A-Za-z0-9]{10,}"),
    re.compile(r"(?=[A-Za-z]*\d)(?=\S*[a-zA-Z])[A-Za-z0-9]{4,}[!@#$%^&*?~+]"),
    # whatever follows a word that announces a secret
    re.compile(
        r"(?i)(?:\b(?:password|passwd|passphrase|passcode|pwd)(?:\s+is|\s+was)?\b|비밀번호|암호)"
        r"\s*(?:[:=은는]|(?<=\sis)|(?<=\swas))\s*\S+"
    ),
    re.compile(r"(?i)\b(?:pin|secret|token|api[_-]?key)\s*[:=]\s*\S+"),
    # an address or a person's mailbox
    re.compile(r"\S+@\S+\.\S+"),
    re.compile(rf"[!-~]{{{LONGEST_RUN + 1},}}"),
)


class NeverLearn:
    """Says which parts of a line may be learnt.

    Attributes:
        words: forbidden words, compared without regard to case.
        patterns: the user's own regular expressions; a run of characters in which one is found is
            not learnt.
    """

    def __init__(self, words: Iterable[str] = (), patterns: Iterable[str] = ()) -> None:
        """Compile the rules.

        Raises:
            UsageError: a pattern is not a regular expression.
        """
        self.words = frozenset(word.casefold() for word in words if word)
        self.patterns = tuple(patterns)
        own = []
        for pattern in self.patterns:
            try:
                own.append(re.compile(pattern))
            except re.error as error:
                raise UsageError(
                    "{pattern!r} is not a regular expression ({error}): correct or remove it",
                    pattern=pattern,
                    error=error,
                ) from error
        self._rules = SECRETS + tuple(own)
        self._words = None
        if self.words:
            spelt = "|".join(re.escape(word) for word in sorted(self.words))
            self._words = re.compile(rf"(?i)(?<!\w)(?:{spelt})(?!\w)")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, NeverLearn):
            return NotImplemented
        return (self.words, self.patterns) == (other.words, other.patterns)

    def __hash__(self) -> int:
        return hash((self.words, self.patterns))

    def learnable(self, line: str) -> list[Range]:
        """The parts of ``line`` that may be learnt, as (start, end), in order."""
        barred = []
        for rule in self._rules:
            barred += [self._whole_runs(line, *found.span()) for found in rule.finditer(line)]
        if self._words is not None:
            barred += [found.span() for found in self._words.finditer(line)]
        return subtract([(0, len(line))], barred)

    @staticmethod
    def _whole_runs(line: str, start: int, end: int) -> Range:
        """``start``, ``end`` moved outwards to white space."""
        while start > 0 and not line[start - 1].isspace():
            start -= 1
        while end < len(line) and not line[end].isspace():
            end += 1
        return start, end


def subtract(ranges: Iterable[Range], barred: Iterable[Range]) -> list[Range]:
    """What is left of ordered ``ranges`` without ``barred``; empty ranges are dropped."""
    left = list(ranges)
    for low, high in sorted(barred):
        if low >= high:
            continue
        cut = []
        for start, end in left:
            if end <= low or start >= high:
                cut.append((start, end))
                continue
            if start < low:
                cut.append((start, low))
            if end > high:
                cut.append((high, end))
        left = cut
    return [(start, end) for start, end in left if start < end]
