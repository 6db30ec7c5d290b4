"""A text judged on a thread of its own, so that typing never waits for the classifier.

As :mod:`charterm.tui.predictor`: a request replaces the one that waits and stops the one that is
being answered, what was read so far is kept, and each answer carries the version of the text it
belongs to, so that a stale one can be dropped.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from charterm.errors import ChartermError
from charterm.tui.heat import codes_of

if TYPE_CHECKING:
    from charterm.classify.judge import Judgement, JudgeSession
    from charterm.classify.telling import TellingWord

_TOLD_SECONDS: Final = 0.2
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
    """What the classifier makes of a text.

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
    words: tuple[TellingWord, ...]
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
    """A newer request waits."""


class Judge:
    """Answers requests on its own thread, the latest first and only."""

    def __init__(self, report: Callable[[Report], None]) -> None:
        """Prepare; nothing runs before :meth:`use`.

        Args:
            report: takes each answer; it is called on the judge's thread.
        """
        self._report = report
        self._condition = threading.Condition()
        self._request: tuple[int, str] | None = None
        self._last: tuple[int, str] | None = None
        self._classifier: str | None = None
        self._closing = False
        self._session: JudgeSession | None = None
        self._thread = threading.Thread(target=self._run, name="judge", daemon=True)

    def use(self, classifier: str) -> None:
        """Load the classifier of this name, and judge with it from then on; none if empty."""
        with self._condition:
            self._classifier = classifier
            self._condition.notify()
        if not self._thread.is_alive():
            self._thread.start()

    def request(self, version: int, text: str) -> None:
        """Ask for a judgement; whatever was asked before is no longer wanted."""
        with self._condition:
            self._request = (version, text)
            self._condition.notify()

    def close(self, timeout: float = 1.0) -> None:
        """End the thread; waits at most ``timeout`` seconds for it."""
        with self._condition:
            self._closing = True
            self._condition.notify()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def _wanted(self) -> bool:
        return self._request is not None or self._classifier is not None or self._closing

    def _run(self) -> None:
        while True:
            with self._condition:
                self._condition.wait_for(self._wanted)
                if self._closing:
                    return
                classifier, self._classifier = self._classifier, None
                request, self._request = self._request, None
            if classifier is not None:
                self._load(classifier)
                request = request or self._last
            if request is not None:
                self._last = request
                self._answer(*request)

    def _load(self, name: str) -> None:
        self._session = None
        if not name:
            return
        try:
            from charterm.classify.folder import load_classifier
            from charterm.classify.judge import JudgeSession
            from charterm.classify.library import find_classifier

            classifier = load_classifier(find_classifier(name).folder, name=name)
            self._session = JudgeSession(classifier)
        except ChartermError as error:
            self._report(Unusable(name, str(error)))
            return
        except Exception as error:
            self._report(Unusable(name, f"the classifier {name} does not load: {error!r}"))
            return
        self._report(Ready(name, classifier.classes, classifier.facts))

    def _answer(self, version: int, text: str) -> None:
        session = self._session
        if session is None:
            return
        from charterm.classify.telling import most_telling, words_of

        told = time.monotonic()

        def watch(share: float) -> None:
            nonlocal told
            if self._wanted():
                raise _Overtaken
            if time.monotonic() - told > _TOLD_SECONDS:
                told = time.monotonic()
                self._report(ReadSoFar(version, share))

        begun = time.perf_counter()
        stripped = text.strip()  # as the classifier was trained, and as the command line judges
        try:
            session.set_text(stripped, watch)
            judgement = session.judgement
            words = words_of(stripped, judgement.heat)
            telling = most_telling(words, _MOST_WORDS)
        except _Overtaken:
            return
        except Exception as error:
            self._report(JudgingFailed(f"no judgement: {error!r}"))
            return
        start = len(text) - len(text.lstrip())
        elapsed = 1000 * (time.perf_counter() - begun)
        self._report(
            Judged(
                version,
                session.classifier.name,
                start,
                stripped,
                judgement,
                codes_of(judgement.heat),
                tuple(words),
                tuple(telling),
                elapsed,
            )
        )
