"""Whole words as suggestions, for a list under the keyboard and for counting keystrokes."""

from collections import defaultdict
from collections.abc import Collection
from typing import Final

from charterm.engine.completion import Completer
from charterm.engine.session import Session
from charterm.engine.words import word_start

LEAST: Final = 1e-4
"""Probability below which a word is not worth a slot."""

_SPARE = 12
"""Completions looked for beyond those shown: other spellings of the same words, and what the table
of words may put first. From 6 to 12 the keys saved grow by 0.13 percent, beyond by nothing."""


class CompletionPredictor:
    """Suggests words from a model's completions.

    Belongs to one thread at a time, and to one text: that of its session, which it writes.
    """

    def __init__(self, session: Session, *, fold_case: bool = True) -> None:
        """Prepare for one text.

        Args:
            session: reads the text, and learns from it where it has an adaptation.
            fold_case: words that differ only in case share a slot, and their probabilities are
                added.
        """
        self.session = session
        self.completer = Completer(session.model)
        self.fold_case = fold_case

    def suggest(self, text: str, count: int, exclude: Collection[str]) -> list[str]:
        """The likeliest words. See :class:`~charterm.engine.keystrokes.WordPredictor`."""
        typed = text[word_start(text) :]
        prefix = self._key(typed)
        excluded = {key for key in map(self._key, exclude) if key.startswith(prefix)}
        self.session.set_text(text)
        completions = self.completer.complete(
            self.session, count + len(excluded) + _SPARE, least=LEAST, spaced=False
        )
        found: dict[str, float] = defaultdict(float)
        spelling: dict[str, str] = {}
        for completion in completions:  # the likeliest spelling comes first
            word = typed + completion.text
            key = self._key(word)
            found[key] += completion.probability
            spelling.setdefault(key, word)
        ranked = sorted(found.keys() - excluded, key=lambda key: (-found[key], key))
        return [spelling[key] for key in ranked[:count]]

    def _key(self, word: str) -> str:
        return word.casefold() if self.fold_case else word
