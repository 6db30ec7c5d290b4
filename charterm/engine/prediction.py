"""Everything the screen shows after a key, computed at once."""

import time
from dataclasses import dataclass

from charterm.engine.completion import LEAST, Completer, Completion
from charterm.engine.session import Session, ShouldStop, never_stop


@dataclass(frozen=True, slots=True)
class Prediction:
    """What may come at one place of one text.

    Attributes:
        characters: (character, probability) pairs, the likeliest first.
        others: the probability of every character that is not listed.
        completions: the likeliest words or phrases, the best first.
        milliseconds: time it took.
    """

    characters: tuple[tuple[str, float], ...]
    others: float
    completions: tuple[Completion, ...]
    milliseconds: float


def predict(
    session: Session,
    completer: Completer,
    *,
    characters: int = 10,
    completions: int = 5,
    words: int = 1,
    least: float = LEAST,
    should_stop: ShouldStop = never_stop,
) -> Prediction:
    """The likeliest next characters and completions at the session's cursor.

    Args:
        session: the text.
        completer: of the same model; keeps its search for the next key.
        characters: how many characters at most.
        completions: how many completions at most; 0 leaves the search out.
        words: words in a completion.
        least: completions below this probability are not listed.
        should_stop: asked every few milliseconds.

    Raises:
        Interrupted: ``should_stop`` said yes.
    """
    begin = time.perf_counter()
    listed, others = completer.next_characters(session, characters, should_stop)
    found: list[Completion] = []
    if completions:
        found = completer.complete(
            session, completions, words=words, least=least, should_stop=should_stop
        )
    return Prediction(
        characters=tuple(listed),
        others=others,
        completions=tuple(found),
        milliseconds=1000.0 * (time.perf_counter() - begin),
    )
