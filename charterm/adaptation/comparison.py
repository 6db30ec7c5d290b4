"""Keystroke savings with adaptation beside those without, and the learning curve."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from charterm.adaptation.adapter import Adapter
from charterm.adaptation.memory import Memory
from charterm.adaptation.private import NeverLearn
from charterm.engine.keystrokes import KeystrokeResult, Rule, simulate
from charterm.engine.language_model import LanguageModel
from charterm.engine.session import Session
from charterm.engine.word_prediction import CompletionPredictor

MEMORY: str = "memory"


@dataclass(frozen=True, slots=True)
class KeystrokeComparison:
    """The same phrases written twice.

    Attributes:
        adapted: with a memory that is empty at the beginning and learns each word.
        plain: with the network alone.
    """

    adapted: KeystrokeResult
    plain: KeystrokeResult

    @property
    def curve(self) -> list[tuple[int, float, float]]:
        """(characters so far, savings adapted, savings plain) of each part of the text."""
        return [
            (characters, adapted, plain)
            for (characters, adapted), (_, plain) in zip(
                self.adapted.curve, self.plain.curve, strict=True
            )
        ]

    def to_json(self) -> dict[str, Any]:
        """The adapted result as plain JSON values, with the plain one's savings beside it."""
        return {
            **self.adapted.to_json(),
            "keystroke_savings_without": self.plain.tally.savings,
            "curve": [
                {"characters": characters, "keystroke_savings": adapted, "without": plain}
                for characters, adapted, plain in self.curve
            ],
        }


def adapted_session(model: LanguageModel, never: NeverLearn | None = None) -> Session:
    """A session with an empty memory of its own that learns its text."""
    session = Session(model)
    session.adaptation = Adapter(Memory(model.alphabet), never or NeverLearn())
    return session


def compare_keystrokes(
    model: LanguageModel,
    text: str,
    rule: Rule,
    *,
    slots: int | None = None,
    match_case: bool = False,
    watch: Callable[[int, int], None] | None = None,
) -> KeystrokeComparison:
    """Write ``text`` with the suggestions of ``model``, with adaptation and without.

    The phrases are one running text under every rule, because what is taken out of a text is
    unlearnt.

    Args:
        model: suggests the words.
        text: phrases, one a line.
        rule: what is counted.
        slots: suggestions shown at once, the rule's by default.
        match_case: compare words with regard to case.
        watch: is told the phrases done and to do, both ways together.

    Raises:
        ChartermError: there is no word in the text.
        UsageError: ``slots`` is below 1.
    """

    def run(session: Session, adaptation: str, part: int) -> KeystrokeResult:
        return simulate(
            text,
            CompletionPredictor(session, fold_case=not match_case),
            rule,
            slots=slots,
            match_case=match_case,
            context="text",
            adaptation=adaptation,
            watch=watch and (lambda done, total: watch(part * total + done, 2 * total)),
        )

    return KeystrokeComparison(
        adapted=run(adapted_session(model), MEMORY, 0), plain=run(Session(model), "none", 1)
    )
