"""Several generations from one prompt at the same time, on a thread that reports what grows."""

import shlex
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from charterm.decoding.controls import Controls, for_method
from charterm.decoding.generated import Character, Context, Event, Generated, Progress, Results
from charterm.decoding.generation import generate
from charterm.decoding.noise import seeded
from charterm.engine.language_model import LanguageModel
from charterm.engine.shared_models import shared_language_model
from charterm.errors import UsageError
from charterm.model.library import find_model

ALTERNATIVES: Final = 5
"""The model's most probable characters that come with each sampled one."""

_REPORT_SECONDS: Final = 0.1


@dataclass(frozen=True)
class Task:
    """What one column is to do.

    Attributes:
        column: its number, from 0.
        controls: how to generate; a seed of -1 takes a fresh one.
    """

    column: int
    controls: Controls


@dataclass(frozen=True)
class Begun:
    """A column's generation begins, with the seed that repeats it."""

    column: int
    controls: Controls


@dataclass(frozen=True)
class Grew:
    """Characters were sampled for a column, in their order."""

    column: int
    characters: tuple[Character, ...]


@dataclass(frozen=True)
class Searched:
    """The best texts of a column's search so far."""

    column: int
    step: int
    best: tuple[str, ...]


@dataclass(frozen=True)
class Completed:
    """A column's texts are complete, or were stopped where they are."""

    column: int
    texts: tuple[Generated, ...]
    seconds: float


@dataclass(frozen=True)
class Refused:
    """A column's controls do not fit; a line that says why."""

    column: int
    reason: str


@dataclass(frozen=True)
class Over:
    """All is done, was stopped, or could not begin: then ``reason`` says why."""

    reason: str = ""


Report = Begun | Grew | Searched | Completed | Refused | Over


class Generator:
    """Keeps the model that was read last: the next generation begins at once."""

    def __init__(self) -> None:
        self._model: LanguageModel | None = None

    def run(
        self,
        model: str,
        prompt: str,
        tasks: Sequence[Task],
        report: Callable[[Report], None],
        should_stop: Callable[[], bool],
    ) -> None:
        """Generate for all columns in turns, so that they grow side by side.

        Args:
            model: name in the library.
            prompt: text to go on from; may be empty.
            tasks: one for each column.
            report: takes what happened, several times a second.
            should_stop: asked before each step; the texts are then complete as they are.

        Raises:
            ChartermError: there is no such model, or it cannot be read.
        """
        loaded = self._load(model)
        tokens = loaded.alphabet.encode(prompt)
        context = Context(loaded.start, tokens[:0]).after(loaded.backend, tokens)
        going = []
        for task in tasks:
            controls = seeded(task.controls)
            report(Begun(task.column, controls))
            events = generate(
                loaded.backend,
                loaded.alphabet,
                context,
                controls,
                alternatives=ALTERNATIVES,
                should_stop=should_stop,
            )
            going.append(_Column(task.column, events, report))
        while going:
            going = [column for column in going if column.advance()]
            time.sleep(0)  # let the keyboard have its turn

    def _load(self, name: str) -> LanguageModel:
        self._model = shared_language_model(find_model(name).folder, name=name)
        return self._model


class _Column:
    """One column's generation and what of it was not reported yet."""

    def __init__(
        self, number: int, events: Iterator[Event], report: Callable[[Report], None]
    ) -> None:
        self._number = number
        self._events = events
        self._report = report
        self._characters: list[Character] = []
        self._begun = self._reported = time.monotonic()

    def advance(self) -> bool:
        """Take one event; whether there are more."""
        try:
            event = next(self._events, None)
        except UsageError as error:
            self._report(Refused(self._number, str(error)))
            return False
        now = time.monotonic()
        due = now - self._reported >= _REPORT_SECONDS
        match event:
            case Character():
                self._characters.append(event)
                if due:
                    self._flush(now)
            case Progress(step, best):
                if due:
                    self._reported = now
                    self._report(Searched(self._number, step, best))
            case Results(texts):
                self._flush(now)
                self._report(Completed(self._number, texts, now - self._begun))
        return event is not None

    def _flush(self, now: float) -> None:
        self._reported = now
        if self._characters:
            self._report(Grew(self._number, tuple(self._characters)))
            self._characters.clear()


def command_line(model: str, prompt: str, controls: Controls) -> str:
    """The command that generates the same on the command line.

    Args:
        model: name in the library.
        prompt: text to go on from.
        controls: with the seed that was used, to get the very same text.
    """
    words = ["charterm", "generate", "--model", model, "--prompt", prompt]
    usual = for_method(controls.method).to_json()
    given = {**replace(controls).to_json(), "method": controls.method}
    for name in usual.keys() - given.keys():  # the method's own start differs from the default
        given[name] = getattr(controls, name)
    for name, value in given.items():
        for each in value if isinstance(value, (tuple, list)) else (value,):
            words += [f"--{name.replace('_', '-')}", str(each)]
    return shlex.join(words)
