"""Predictions on a thread of their own, so that typing never waits for the model.

One thread, one search at a time, see :mod:`charterm.tui.answerer`. NumPy, the engine and the model
are imported and loaded on the thread.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from charterm.tui.answerer import Answerer
from charterm.tui.learner import NOT_LEARNT, Change, Learner, Learnt, MemoryTold
from charterm.tui.offers import Suggestion

if TYPE_CHECKING:
    from charterm.engine.completion import Completer
    from charterm.engine.session import Session

LEAST_LISTED = 0.005
"""Probability below which a completion is not worth a line: it would read 0 %."""

REST_SECONDS = 0.25
"""From the last key until the memory counts what waits, which takes time from the screen."""

_LONGEST_MEASURED = 64
"""Characters; what is longer entered the text in another way than by keys."""

_TWO_PAINTS = 30.0
"""Milliseconds of a search from which on the next characters are not held back for it: painting
twice for one key costs more than it shows."""


@dataclass(frozen=True)
class Request:
    """What to predict after.

    Attributes:
        version: number of this state of the text and cursor.
        text: the whole text.
        cursor: position of the cursor.
        measure: whether the characters that are new were typed, so that their information counts.
        characters: how many next characters to list at most.
        completions: how many completions to list at most.
        words: words in a completion at most.
        learnt: what of the text the memory learns; it is not used where that names no document.
    """

    version: int
    text: str
    cursor: int
    measure: bool = True
    characters: int = 10
    completions: int = 5
    words: int = 1
    learnt: Learnt = NOT_LEARNT


@dataclass(frozen=True)
class ModelReady:
    """The model is loaded."""

    name: str
    shape: str


@dataclass(frozen=True)
class ModelFailed:
    """The model could not be loaded; a line that says why and what to do."""

    name: str
    reason: str


@dataclass(frozen=True)
class Predicted:
    """What comes next.

    Attributes:
        version: of the request.
        characters: the likeliest next characters and their probabilities, the likeliest first.
        suggestions: the likeliest completions, the likeliest first; None while they are searched
            for, which is told only where that takes long.
        milliseconds: time it took.
    """

    version: int
    characters: tuple[tuple[str, float], ...]
    suggestions: tuple[Suggestion, ...] | None
    milliseconds: float


@dataclass(frozen=True)
class Measured:
    """The information of characters that were typed, up to this version of the text."""

    version: int
    bits: float
    characters: int


@dataclass(frozen=True)
class PredictionFailed:
    """A prediction ended in an error."""

    reason: str


@dataclass(frozen=True)
class LettersUnknown:
    """The text goes on in letters that its model does not know, and another one does.

    Attributes:
        name: of the text's model.
        other: of the other.
    """

    name: str
    other: str


Report = (
    ModelReady | ModelFailed | Predicted | Measured | PredictionFailed | LettersUnknown | MemoryTold
)


@dataclass
class _Reader:
    """The model at work on the text: belongs to the thread.

    Attributes:
        session: the text, read.
        completer: searches in it.
        known: the characters of the model; none once its user was told that they do not suffice.
        is_new: whether it has been given no text yet, so that none of it can have been typed.
    """

    session: Session
    completer: Completer
    known: frozenset[str] | None
    is_new: bool = True


class Predictor(Answerer[Request]):
    """Predicts what comes next in the latest text, on its own thread."""

    def __init__(
        self,
        report: Callable[[Report], None],
        is_kept: Callable[[str], bool] = lambda _document: True,
    ) -> None:
        """Prepare; nothing runs before :meth:`use`.

        Args:
            report: takes each answer; it is called on the predictor's thread.
            is_kept: whether a document that was learnt is still there.
        """
        super().__init__("predictor", subject="model")
        self._report = report
        self._learner = Learner(report, is_kept)
        self._reader: _Reader | None = None
        self._search_milliseconds = 0.0  # of the last one

    def share_memory(self, sharing: str) -> None:
        """Adapt to the memory shared by all models, to one of each, or to none (off)."""
        self.run_between(lambda: self._learner.share(sharing))

    def save_memory(self) -> None:
        """Write what was learnt now: another screen will want to know it."""
        self.run_between(self._learner.save_changes)

    def change_memory(self, change: Change) -> None:
        """Do something with the personal memory, and predict anew."""
        self.run_between(lambda: self._learner.change(change))

    def undo_memory(self, nothing: str, done: str) -> None:
        """Undo the last such change; reports one of the two lines."""

        def undo() -> None:
            said = done if self._learner.undo() else nothing
            self._report(MemoryTold(self._learner.state, said))

        self.run_between(undo)

    def _load(self, name: str) -> None:
        from charterm.engine.completion import Completer
        from charterm.engine.session import Session
        from charterm.engine.shared_models import shared_language_model
        from charterm.model.library import find_model

        model = shared_language_model(find_model(name).folder, name=name)
        known = frozenset(model.alphabet.characters)
        self._reader = _Reader(Session(model), Completer(model), known)
        config = model.config
        self._report(ModelReady(name, config.title))

    def _tell_unusable(self, name: str, reason: str) -> None:
        self._report(ModelFailed(name, reason))

    def _tell_failed(self, reason: str) -> None:
        self._report(PredictionFailed(f"no prediction: {reason}"))

    def _merged(self, waiting: Request, asked: Request) -> Request:
        return replace(asked, measure=asked.measure and waiting.measure)

    def _seconds_to_rest(self) -> float | None:
        return self._learner.seconds_to_save

    def _use_rest(self) -> None:
        self._learner.save()

    def _end(self) -> None:
        self._learner.close()

    def _answer(self, asked: Request) -> None:
        if self._reader is None:
            return
        from charterm.engine.session import Interrupted

        with suppress(Interrupted):  # a newer request waits
            self._predict(self._reader, asked)

    def _predict(self, reader: _Reader, request: Request) -> None:
        session = reader.session
        begun = time.perf_counter()
        measure = request.measure and not reader.is_new
        reader.is_new = False
        typed = typed_length(session.text, request.text, request.cursor) if measure else 0
        session.set_text(request.text, request.cursor)
        if typed:
            self._measure(session, request, typed)
        self._suggest(reader, request, begun)
        self._look_at_letters(reader)
        session.prepare(self._should_stop)
        if self._learner.waits and self._rests(REST_SECONDS):
            self._learner.idle(self._resting)
            self._suggest(reader, request, time.perf_counter())  # by all that is counted now

    def _suggest(self, reader: _Reader, request: Request, begun: float) -> None:
        """Report what comes next; ``begun`` is when that was wanted."""
        session, completer = reader.session, reader.completer
        self._learner.attend(session, session.model.name, request.learnt)
        listed, _ = completer.next_characters(session, request.characters, self._should_stop)
        characters = tuple(listed)
        if self._search_milliseconds > _TWO_PAINTS:
            elapsed = 1000 * (time.perf_counter() - begun)
            self._report(Predicted(request.version, characters, None, elapsed))
        searched = time.perf_counter()
        completions = completer.complete(
            session, request.completions, words=request.words, should_stop=self._should_stop
        )
        self._search_milliseconds = 1000 * (time.perf_counter() - searched)
        suggestions = tuple(
            Suggestion(found.text, found.probability)
            for found in completions
            if found.probability >= LEAST_LISTED
        )
        elapsed = 1000 * (time.perf_counter() - begun)
        self._report(Predicted(request.version, characters, suggestions, elapsed))

    def _look_at_letters(self, reader: _Reader) -> None:
        """Tell, once, of a model that knows the letters that are written."""
        if reader.known is None:
            return
        from charterm.model.letters import LOOKED, model_for, unknown_letters

        session = reader.session
        end = session.text[max(0, session.cursor - LOOKED) : session.cursor]
        if letters := unknown_letters(end, reader.known):
            reader.known = None
            if other := model_for(letters):
                self._report(LettersUnknown(session.model.name, other.name))

    def _resting(self) -> bool:
        """Whether something is wanted; lets the screen go first in any case."""
        time.sleep(0.001)
        return self._should_stop()

    def _measure(self, session: Session, request: Request, typed: int) -> None:
        from charterm.engine.information import information

        cursor = request.cursor
        session.move(cursor - typed)
        bits = information(session.model, session.state(), session.text[cursor - typed : cursor])
        session.move(cursor)
        self._report(Measured(request.version, bits, typed))


def typed_length(old: str, new: str, cursor: int) -> int:
    """How many characters before ``cursor`` are all that ``new`` has more than ``old``.

    0 where the difference is something else than a few characters typed at the cursor.
    """
    count = len(new) - len(old)
    start = cursor - count
    if not 0 < count <= _LONGEST_MEASURED or start < 0:
        return 0
    return count if new[:start] == old[:start] and new[cursor:] == old[start:] else 0
