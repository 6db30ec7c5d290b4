"""A thread that answers the latest request and only that, so that the keyboard never waits.

A request takes the place of the one that waits, and stops the one that is being answered; answers
carry the version of the text that they belong to, so that whoever hears a stale one can drop it.
What answers, a model or a classifier, is loaded on the thread as well.
"""

import threading
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Generic, TypeVar

from charterm.errors import ChartermError
from charterm.tui import echo

Asked = TypeVar("Asked")
"""What a request is."""


class Answerer(ABC, Generic[Asked]):
    """One thing at a time: what is to be done in between, then the loading, then the request.

    A subclass says how each is done. Its methods with an underscore run on the thread; an error
    that one of them raises is told, and the thread goes on.
    """

    def __init__(self, name: str, *, subject: str) -> None:
        """Prepare; nothing runs before :meth:`use`.

        Args:
            name: of the thread.
            subject: what is loaded, in a word, for the line that says that it does not load.
        """
        self._subject = subject
        self._condition = threading.Condition()
        self._errands: deque[Callable[[], None]] = deque()
        self._chosen: str | None = None
        self._request: Asked | None = None
        self._last: Asked | None = None
        self._closing = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def use(self, name: str) -> None:
        """Load what has this name, and answer with it from then on, beginning with the last."""
        with self._condition:
            self._chosen = name
            self._condition.notify()
            if not self._thread.is_alive() and not self._closing:
                self._thread.start()

    def request(self, asked: Asked) -> None:
        """Ask; whatever was asked before is no longer wanted."""
        with self._condition:
            self._request = asked if self._request is None else self._merged(self._request, asked)
            self._condition.notify()

    def run_between(self, errand: Callable[[], None]) -> None:
        """Do something on the thread, after all that was asked of it so, and answer anew."""
        with self._condition:
            self._errands.append(errand)
            self._condition.notify()

    def close(self, timeout: float = 1.0) -> None:
        """End the thread; waits at most ``timeout`` seconds for it."""
        with self._condition:
            self._closing = True
            self._condition.notify()
        if self._thread.is_alive():
            self._thread.join(timeout)

    # What a subclass says -------------------------------------------------------------------

    @abstractmethod
    def _load(self, name: str) -> None:
        """Load what has this name. What goes wrong is raised."""

    @abstractmethod
    def _answer(self, asked: Asked) -> None:
        """Answer, as far as :meth:`_should_stop` leaves it to. What goes wrong is raised."""

    @abstractmethod
    def _tell_unusable(self, name: str, reason: str) -> None:
        """Report that ``name`` could not be loaded, with a line that says why."""

    @abstractmethod
    def _tell_failed(self, reason: str) -> None:
        """Report that something else went wrong, with a line that says what."""

    def _merged(self, _waiting: Asked, asked: Asked) -> Asked:
        """The request that takes the place of one that waits; called on any thread."""
        return asked

    def _seconds_to_rest(self) -> float | None:
        """How long nothing may be asked until :meth:`_use_rest`; None for ever."""
        return None

    def _use_rest(self) -> None:
        """Do what can wait until nothing is asked."""

    def _end(self) -> None:
        """Do what is to be done before the thread ends."""

    # The thread -----------------------------------------------------------------------------

    def _overtaken(self) -> bool:
        """Whether something newer is wanted, or the end."""
        waiting = self._request is not None or self._chosen is not None or bool(self._errands)
        return waiting or self._closing

    def _should_stop(self) -> bool:
        """As :meth:`_overtaken`, for work to ask from time to time: lets keys be painted first."""
        echo.let_keys_pass()
        return self._overtaken()

    def _rests(self, seconds: float) -> bool:
        """Wait; whether nothing was asked for so long."""
        with self._condition:
            return not self._condition.wait_for(self._overtaken, seconds)

    def _run(self) -> None:
        while True:
            with self._condition:
                asked = self._condition.wait_for(self._overtaken, self._seconds_to_rest())
                if self._closing:
                    break
                errands, self._errands = self._errands, deque()
                chosen, self._chosen = self._chosen, None
                request, self._request = self._request, None
            if not asked:
                self._try(self._use_rest)
            for errand in errands:
                self._try(errand)
            if chosen is not None:
                self._try_to_load(chosen)
            if request is None and (errands or chosen is not None):
                request = self._last
            if request is not None:
                self._last = request
                self._try(partial(self._answer, request))
        self._try(self._end)

    def _try(self, work: Callable[[], None]) -> None:
        try:
            work()
        except ChartermError as error:
            self._tell_failed(str(error))
        except Exception as error:  # a defect must not end the thread without a word
            self._tell_failed(repr(error))

    def _try_to_load(self, name: str) -> None:
        try:
            self._load(name)
        except ChartermError as error:
            self._tell_unusable(name, str(error))
        except Exception as error:
            self._tell_unusable(name, f"the {self._subject} {name} does not load: {error!r}")
