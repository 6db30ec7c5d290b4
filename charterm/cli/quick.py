"""The calls that somebody waits for, read without Typer, which takes longer to import than to run.

The program is opened so, and a shell or an editor asks for completions so, at each word. Here
stands what those calls may have; the command line proper makes its options of the same
declarations. What is not plainly one of them is left to it: help, other spellings of an option,
and whatever is wrong, which it knows how to tell.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from importlib import import_module
from typing import Any, Final, NamedTuple

from charterm.cli.given import DEFAULT_MODEL


def _whole_number(word: str) -> int | None:
    return int(word) if word.isascii() and word.isdecimal() else None


class Option(NamedTuple):
    """An option of a command.

    Attributes:
        parameter: the parameter of the function that it is given to.
        names: as they are written.
        default: its value where it is not given; a switch where that is False.
        help: a sentence.
        least: the smallest number allowed.
        most: the largest.
    """

    parameter: str
    names: tuple[str, ...]
    default: Any
    help: str
    least: int | None = None
    most: int | None = None

    def value_of(self, word: str) -> str | int | None:
        """The value that ``word`` writes, or ``None`` where that is not plain."""
        if word.startswith("-"):
            return None
        if isinstance(self.default, str):
            return word
        number = _whole_number(word)
        if number is None:
            return None
        if (self.least is not None and number < self.least) or (
            self.most is not None and number > self.most
        ):
            return None
        return number


MODEL: Final = Option(
    "model", ("-m", "--model"), DEFAULT_MODEL, "Model's name, or the path of its folder."
)
PROGRAM_MODEL: Final = Option(
    "model", ("-m", "--model"), "", "The model that completes in the program."
)
JSON: Final = Option("as_json", ("--json",), False, "Print JSON on stdout.")
NEW: Final = Option("new", ("--new",), False, "Begin a new text.")
NEW_STORY: Final = Option("new", ("--new",), False, "Begin a new story.")
TOP: Final = Option("top", ("--top",), 10, "How many characters.", least=1)
COUNT: Final = Option("count", ("-n", "--count"), 5, "How many words.", least=1)
WORDS: Final = Option("words", ("--words",), 1, "Words in a completion, at most.", least=1, most=8)


class Call(NamedTuple):
    """A command that is read here.

    Attributes:
        function: ``module:name`` of what does it.
        options: it may have.
        argument: the parameter that takes what is no option; empty where there may be nothing.
        many: whether there may be several of those, which are given as a list.
        number: whether it is a number, from 0 on.
    """

    function: str
    options: tuple[Option, ...]
    argument: str = ""
    many: bool = False
    number: bool = False

    def read(self, words: Sequence[str]) -> dict[str, Any] | None:
        """The arguments for the function, or ``None`` where the words are not plainly right."""
        known = {name: option for option in self.options for name in option.names}
        given: dict[str, Any] = {option.parameter: option.default for option in self.options}
        rest: list[str] = []
        left: Iterator[str] = iter(words)
        for word in left:
            if word == "--":
                rest += left
            elif word == "-" or not word.startswith("-"):
                rest.append(word)
            else:
                option = known.get(word)
                if option is None:
                    return None
                value = True if option.default is False else option.value_of(next(left, "-"))
                if value is None:
                    return None
                given[option.parameter] = value
        if not self.argument:
            return None if rest else given
        if self.many:
            return {**given, self.argument: rest}
        if len(rest) > 1:
            return None
        if self.number and rest:
            number = _whole_number(rest[0])
            return None if number is None else {**given, self.argument: number}
        return {**given, self.argument: rest[0] if rest else None}


CALLS: Final[Mapping[str, Call]] = {
    "": Call("charterm.cli.opening:open_program", (PROGRAM_MODEL,)),
    "write": Call("charterm.cli.opening:open_program", (PROGRAM_MODEL, NEW), "files", many=True),
    "story": Call(
        "charterm.cli.opening:open_on_story", (PROGRAM_MODEL, NEW_STORY), "story", number=True
    ),
    "complete": Call(
        "charterm.cli.predictions:print_completions", (COUNT, WORDS, MODEL, JSON), "text"
    ),
    "predict": Call("charterm.cli.predictions:print_characters", (TOP, MODEL, JSON), "text"),
}
"""By the name of the command; without one, the program is opened."""

_EXPANDED: Final = frozenset("*?[~$%")
"""What Typer expands on Windows, where the shell does not."""


def quick_call(words: Sequence[str]) -> Callable[[], object] | None:
    """What the process was called for, where that is one of :data:`CALLS` and plainly right.

    Args:
        words: the arguments of the process.
    """
    if os.name == "nt" and any(_EXPANDED.intersection(word) for word in words):
        return None
    name = words[0] if words and not words[0].startswith("-") else ""
    call = CALLS.get(name)
    given = None if call is None else call.read(words[1:] if name else words)
    if call is None or given is None:
        return None
    module, function = call.function.split(":")
    return partial(getattr(import_module(module), function), **given)
