"""A text judged on a thread of its own, so that typing never waits for the classifier.

The classifier is imported and loaded on the thread, see :mod:`charterm.tui.answerer`. What was read
of a text is kept where a newer one stops the judging.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from charterm.tui.answerer import Answerer
from charterm.tui.heat import codes_of

if TYPE_CHECKING:
    from charterm.classify.judge import Judgement, JudgeSession
    from charterm.classify.telling import TellingWord, TextWords

_TOLD_SECONDS: Final = 0.2
_REST_FROM_TELLING: Final = 4.0  # times what telling took, before it is told again
_MOST_WORDS: Final = 30


@dataclass(frozen=True)
class Ready:
    """The classifier is loaded.

    Attributes:
        name: its name.
        classes: names of its classes.
        facts: how it was trained and how well it does.
    """

    name: str
    classes: tuple[str, ...]
    facts: dict[str, Any]


@dataclass(frozen=True)
class Unusable:
    """The classifier could not be loaded; a line that says why."""

    name: str
    reason: str


@dataclass(frozen=True)
class Judged:
    """What the classifier makes of a text; of a long one first what it has read so far.

    Attributes:
        version: of the request.
        classifier: name of what judged.
        start: first character of the text that was judged: spaces around a text do not count.
        text: what was judged.
        judgement: of it.
        codes: how each of its characters is drawn, see :mod:`charterm.tui.heat`.
        words: its words, in their order.
        telling: those that say most.
        milliseconds: time it took.
    """

    version: int
    classifier: str
    start: int
    text: str
    judgement: Judgement
    codes: bytes
    words: TextWords
    telling: tuple[TellingWord, ...]
    milliseconds: float


@dataclass(frozen=True)
class ReadSoFar:
    """A long text is read that far, 0 to 1."""

    version: int
    share: float


@dataclass(frozen=True)
class JudgingFailed:
    """A judgement ended in an error."""

    reason: str


Report = Ready | Unusable | Judged | ReadSoFar | JudgingFailed


class _Overtaken(Exception):  # noqa: N818 (not an error: something newer is wanted)
    """A newer request waits: thrown out of the reading of a text."""


@dataclass(frozen=True)
class Request:
    """A text to be judged; the version is the number of its state."""

    version: int
    text: str


class Judge(Answerer[Request]):
    """Judges the latest text on its own thread."""

    def __init__(self, report: Callable[[Report], None]) -> None:
        """Prepare; nothing runs before :meth:`use`, which takes no classifier for an empty name.

        Args:
            report: takes each answer; it is called on the judge's thread.
        """
        super().__init__("judge", subject="classifier")
        self._report = report
        self._session: JudgeSession | None = None

    def _load(self, name: str) -> None:
        self._session = None
        if not name:
            return
        from charterm.classify.folder import load_classifier
        from charterm.classify.judge import JudgeSession
        from charterm.classify.library import find_classifier

        classifier = load_classifier(find_classifier(name).folder, name=name)
        self._session = JudgeSession(classifier)
        self._report(Ready(name, classifier.classes, classifier.facts))

    def _tell_unusable(self, name: str, reason: str) -> None:
        self._report(Unusable(name, reason))

    def _tell_failed(self, reason: str) -> None:
        self._report(JudgingFailed(f"no judgement: {reason}"))

    def _answer(self, asked: Request) -> None:
        session = self._session
        if session is None:
            return
        begun = time.monotonic()
        told = shown = 0.0  # when what was read so far was told, and how long that took
        stripped = asked.text.strip()  # as in training and on the command line
        start = len(asked.text) - len(asked.text.lstrip())

        def watch(share: float) -> None:
            nonlocal told, shown
            if self._should_stop():
                raise _Overtaken
            if time.monotonic() - told > max(_TOLD_SECONDS, _REST_FROM_TELLING * shown):
                begin = time.monotonic()
                self._tell(session, asked, start, 1000 * (begin - begun))
                self._report(ReadSoFar(asked.version, share))
                told = time.monotonic()
                shown = told - begin

        try:
            session.set_text(stripped, watch)
        except _Overtaken:
            return
        self._tell(session, asked, start, 1000 * (time.monotonic() - begun))

    def _tell(self, session: JudgeSession, asked: Request, start: int, milliseconds: float) -> None:
        """Report what is known of the text by now."""
        from charterm.classify.telling import TextWords

        judgement = session.judgement
        words = TextWords(session.text, judgement.heat)
        self._report(
            Judged(
                asked.version,
                session.classifier.name,
                start,
                session.text,
                judgement,
                codes_of(judgement.heat),
                words,
                tuple(words.most_telling(_MOST_WORDS)),
                milliseconds,
            )
        )
