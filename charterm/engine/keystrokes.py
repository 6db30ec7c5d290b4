"""How many keys word suggestions save an ideal user: the metric of text-entry research.

The ideal user looks at the list before each key and takes the word as soon as it is there, also
before its first letter. What is counted differs between the three definitions in use:

- ``presage``: that of ``presage_simulator`` (Presage 0.9.1, ``simulator.cpp``). Taking a
  suggestion costs one key and brings the space; every word is followed by a space that is
  counted, the last one of a phrase too; a suggestion that was shown and not taken is not shown
  again within the word; the file is one running text.
- ``textslinger``: that of TextSlinger's ``keystroke_savings.py``. One key for a suggestion, its
  space is free; no space after a phrase; each phrase is written without the ones before it.
- ``trnka``: Trnka and McCoy, "Evaluating Word Prediction: Framing Keystroke Savings" (ACL 2008).
  One key for a suggestion with its space, and one key more to finish each utterance.

Where punctuation follows a word, it is typed, and a space that a suggestion brought moves behind
it, as on a telephone.
"""

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Protocol

from charterm.engine.words import Kind, character_kind
from charterm.errors import ChartermError, UsageError

Context = Literal["text", "phrase"]

_CURVE_PARTS = 20


class WordPredictor(Protocol):
    """Suggests the word that is being typed or comes next."""

    def suggest(self, text: str, count: int, exclude: Collection[str]) -> Sequence[str]:
        """The likeliest words at the end of ``text``, best first.

        Args:
            text: all that stands before the cursor.
            count: how many at most.
            exclude: words not to suggest (compared as the predictor compares words).

        Returns:
            Whole words, with the letters of them that are typed already.
        """


@dataclass(frozen=True, slots=True)
class Rule:
    """What one definition counts.

    Attributes:
        name: what it is called.
        slots: suggestions its authors show at once.
        closing_space: whether a space after the last word of a phrase is counted.
        closing_key: whether a key that finishes a phrase is counted.
        repeats: whether a suggestion that was refused is shown again within the word.
        context: what stands before a phrase: the ones before it, or nothing.
    """

    name: str
    slots: int
    closing_space: bool
    closing_key: bool
    repeats: bool
    context: Context


RULES: Final = {
    rule.name: rule
    for rule in (
        Rule("presage", 6, closing_space=True, closing_key=False, repeats=False, context="text"),
        Rule(
            "textslinger", 5, closing_space=False, closing_key=False, repeats=True, context="phrase"
        ),
        Rule("trnka", 5, closing_space=False, closing_key=True, repeats=True, context="text"),
    )
}


def rule_named(name: str) -> Rule:
    """The rule of that name.

    Raises:
        UsageError: there is none.
    """
    if name not in RULES:
        raise UsageError("unknown rule {name!r}: choose {known}", name=name, known=", ".join(RULES))
    return RULES[name]


@dataclass
class Tally:
    """What was counted.

    Attributes:
        characters: that the phrases have, with the closing spaces and keys that the rule counts;
            the keys that writing them without suggestions takes.
        keystrokes: keys that writing them with suggestions takes.
        words: number of words.
        hits: words that were taken from the list.
        written: characters of the phrases themselves.
        units: keys where every word takes one: words, and punctuation characters.
    """

    characters: int = 0
    keystrokes: int = 0
    words: int = 0
    hits: int = 0
    written: int = 0
    units: int = 0

    @property
    def savings(self) -> float:
        """Keystroke savings, percent: 100 (characters - keystrokes) / characters."""
        return _percent(self.characters - self.keystrokes, self.characters)


@dataclass(frozen=True)
class KeystrokeResult:
    """The outcome of a simulation; a savings figure means nothing without the rest of it.

    Attributes:
        tally: what was counted.
        rule: the definition.
        slots: suggestions shown at once.
        adaptation: what the predictor learnt from while it went on, "none" for nothing.
        context: what stood before a phrase.
        match_case: whether a suggestion had to have the word's capitals.
        seconds: of each suggestion list.
        curve: (characters so far, keystroke savings since the entry before), for learning.
    """

    tally: Tally
    rule: Rule
    slots: int
    adaptation: str
    context: Context
    match_case: bool
    seconds: list[float] = field(repr=False)
    curve: list[tuple[int, float]] = field(repr=False)

    @property
    def hit_rate(self) -> float:
        """Words taken from the list, percent."""
        return _percent(self.tally.hits, self.tally.words)

    @property
    def ceiling(self) -> float:
        """Keystroke savings if each word took one key, percent of the phrases as they stand.

        A property of the text alone. The rule's own best can differ by what it counts at the end
        of a phrase.
        """
        return _percent(self.tally.written - self.tally.units, self.tally.written)

    @property
    def ceiling_after_first_letter(self) -> float:
        """As :attr:`ceiling`, with two keys for each word."""
        tally = self.tally
        return _percent(tally.written - tally.units - tally.words, tally.written)

    def to_json(self) -> dict[str, Any]:
        """The result as plain JSON values."""
        milliseconds = sorted(1000.0 * second for second in self.seconds)
        return {
            "keystroke_savings": self.tally.savings,
            "hit_rate": self.hit_rate,
            "ceiling": self.ceiling,
            "ceiling_after_first_letter": self.ceiling_after_first_letter,
            "characters": self.tally.characters,
            "keystrokes": self.tally.keystrokes,
            "words": self.tally.words,
            "rule": self.rule.name,
            "slots": self.slots,
            "adaptation": self.adaptation,
            "context": self.context,
            "match_case": self.match_case,
            "latency_ms": {
                "p50": _percentile(milliseconds, 0.50),
                "p95": _percentile(milliseconds, 0.95),
            },
            "curve": [
                {"characters": characters, "keystroke_savings": savings}
                for characters, savings in self.curve
            ],
        }


def simulate(
    text: str,
    predictor: WordPredictor,
    rule: Rule,
    *,
    slots: int | None = None,
    match_case: bool = False,
    context: Context | None = None,
    adaptation: str = "none",
    watch: Callable[[int, int], None] | None = None,
) -> KeystrokeResult:
    """Write ``text`` with the suggestions of ``predictor`` and count the keys.

    Args:
        text: phrases, one a line; runs of white space count as one space.
        predictor: gives the suggestions; told nothing but the text before the cursor.
        rule: what is counted.
        slots: suggestions shown at once, the rule's by default.
        match_case: compare words with regard to case.
        context: what stands before a phrase, the rule's by default.
        adaptation: how the predictor learns, for the record.
        watch: is told the phrases done and to do.

    Raises:
        ChartermError: there is no word in the text.
        UsageError: ``slots`` is below 1.
    """
    slots = rule.slots if slots is None else slots
    if slots < 1:
        raise UsageError("slots must be at least 1, not {slots}", slots=slots)
    context = context or rule.context
    phrases = [phrase for line in text.split("\n") if (phrase := " ".join(line.split()))]
    writer = _Writer(predictor, rule, slots, match_case)
    curve: list[tuple[int, float]] = []
    part = max(1, -(-len(phrases) // _CURVE_PARTS))
    before = ""
    characters = keystrokes = 0
    for number, phrase in enumerate(phrases, 1):
        writer.write(phrase, before)
        if context == "text":
            before += f"{phrase}\n"
        if number % part == 0 or number == len(phrases):
            tally = writer.tally
            here = tally.characters - characters
            curve.append((tally.characters, _percent(here - (tally.keystrokes - keystrokes), here)))
            characters, keystrokes = tally.characters, tally.keystrokes
        if watch:
            watch(number, len(phrases))
    if not writer.tally.words:
        raise ChartermError("there is no word in the text: choose a text with phrases")
    return KeystrokeResult(
        tally=writer.tally,
        rule=rule,
        slots=slots,
        adaptation=adaptation,
        context=context,
        match_case=match_case,
        seconds=writer.seconds,
        curve=curve,
    )


class _Writer:
    """Writes phrases and counts."""

    def __init__(self, predictor: WordPredictor, rule: Rule, slots: int, match_case: bool) -> None:
        self.predictor = predictor
        self.rule = rule
        self.slots = slots
        self.match_case = match_case
        self.tally = Tally()
        self.seconds: list[float] = []

    def write(self, phrase: str, before: str) -> None:
        """Write ``phrase`` after ``before``."""
        tally, rule = self.tally, self.rule
        closed = f"{phrase} " if rule.closing_space else phrase
        tally.written += len(phrase)
        tally.characters += len(closed) + rule.closing_key
        tally.keystrokes += rule.closing_key
        at = 0
        brought = 0  # spaces that the last suggestion brought and that were not there yet
        for start, end in word_spans(phrase):
            tally.keystrokes += _typed(closed[at:start], brought)
            tally.units += _typed(closed[at:start], 1)
            keys, hit = self._write_word(f"{before}{phrase[:start]}", phrase[start:end])
            tally.keystrokes += keys
            tally.words += 1
            tally.units += 1
            tally.hits += hit
            brought = int(hit)
            at = end
        tally.keystrokes += _typed(closed[at:], brought)
        tally.units += _typed(phrase[at:], 1)

    def _write_word(self, before: str, word: str) -> tuple[int, bool]:
        """Keys for ``word``, and whether it was taken from the list."""
        wanted = self._comparable(word)
        refused: set[str] = set()
        for typed in range(len(word)):
            begun = time.perf_counter()
            shown = self.predictor.suggest(before + word[:typed], self.slots, refused)
            self.seconds.append(time.perf_counter() - begun)
            shown = shown[: self.slots]
            if any(self._comparable(suggestion) == wanted for suggestion in shown):
                return typed + 1, True
            if not self.rule.repeats:
                refused.update(shown)
        return len(word), False

    def _comparable(self, word: str) -> str:
        return word if self.match_case else word.casefold()


def _typed(between: str, brought: int) -> int:
    """Keys for what stands between two words, when a suggestion may have brought its space."""
    return len(between) - min(brought, between.count(" "))


def word_spans(text: str) -> Iterator[tuple[int, int]]:
    """Where the words of ``text`` begin and end, as completions know words."""
    start = None
    for i, character in enumerate(text):
        kind = character_kind(character)
        inside = kind == Kind.LETTER or (
            kind == Kind.JOINER
            and start is not None
            and i + 1 < len(text)
            and character_kind(text[i + 1]) == Kind.LETTER
        )
        if inside and start is None:
            start = i
        elif not inside and start is not None:
            yield start, i
            start = None
    if start is not None:
        yield start, len(text)


def _percent(part: float, whole: float) -> float:
    return 100.0 * part / whole if whole else 0.0


def _percentile(ordered: Sequence[float], share: float) -> float:
    """The value that ``share`` of the ``ordered`` ones do not exceed (nearest rank)."""
    return ordered[max(0, -(-int(share * 1000) * len(ordered) // 1000) - 1)] if ordered else 0.0
