"""Calls that are read without Typer mean the same to it; commands are imported when used."""

import inspect
import pkgutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from typer.main import get_group

import charterm.cli
from charterm.cli import predict, predictions
from charterm.cli.app import COMMANDS, app
from charterm.cli.opening import open_on_story
from charterm.cli.predictions import print_characters, print_completions
from charterm.cli.quick import CALLS, quick_call
from charterm.tui.running import run

from .program import charterm as run_program

WORDS = st.sampled_from(
    [
        *("-m", "--model", "-n", "--count", "--words", "--top", "--json", "--new"),
        *("--", "-", "-5"),
        *(
            "--wor",
            "-nm",
            "-n5",
            "--count=3",
            "--model=tiny",
            "--no-json",
            "-h",
            "--help",
            "--debug",
        ),
        *("english", "a b", "", "0", "1", "8", "9", "07", "1.0", "٣", "１", "soon", "/tmp/x.txt"),
        *("write", "story", "complete", "predict", "keys", "tour"),
    ]
)
CALL = st.tuples(st.sampled_from(["", *CALLS]), st.lists(WORDS, max_size=6)).map(
    lambda call: [*([call[0]] if call[0] else []), *call[1]]
)


class _Called(BaseException):
    """Carries what a command would do past everything that handles errors."""


def _recorded(function: Callable[..., object]) -> Callable[..., object]:
    """In place of ``function``: raises what it was asked for."""
    signature = inspect.signature(function)

    def called(*given: Any, **named: Any) -> None:
        raise _Called(function.__name__, signature.bind(*given, **named).arguments)

    return called


@contextmanager
def _nothing_done() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("charterm.tui.running.run", _recorded(run))
        patch.setattr("charterm.cli.opening.open_on_story", _recorded(open_on_story))
        patch.setattr("charterm.documents.files.read_file", lambda path, new: None)
        for function in (print_characters, print_completions):
            patch.setattr(predictions, function.__name__, _recorded(function))
            patch.setattr(predict, function.__name__, _recorded(function))
        yield


def _asked(call: Callable[[], object]) -> tuple[object, ...]:
    """What is to be done, or nothing where the words were refused."""
    try:
        call()
    except _Called as called:
        return called.args
    except (typer.TyperException, SystemExit):
        pass
    return ()


@given(words=CALL)
def test_a_quick_call_is_what_typer_makes_of_the_words(words: list[str]) -> None:
    quick = quick_call([*words, "-m", "tiny"])  # typer asks the settings where none is given
    if quick is None:
        return
    with _nothing_done():
        quick = quick_call([*words, "-m", "tiny"])
        assert quick is not None
        typed = partial(app, [*words, "-m", "tiny"], prog_name="charterm", standalone_mode=False)
        asked = _asked(quick)
        assert asked
        assert asked == _asked(typed)


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["-m", "tiny"],
        ["write", "a.txt", "--new", "b.txt", "--model", "tiny"],
        ["story"],
        ["story", "3", "-m", "tiny"],
        ["story", "--new"],
        ["complete", "The weather is", "-n", "3", "--words", "2", "-m", "tiny", "--json"],
        ["complete", "--", "-5 degrees"],
        ["predict", "--top", "4"],
    ],
)
def test_usual_calls_are_quick(words: list[str]) -> None:
    assert quick_call(words) is not None


@pytest.mark.parametrize(
    "words",
    [["complete", "-h"], ["complete", "a", "-n", "0"], ["keys"], ["a"], ["story", "x"]],
)
def test_what_is_not_plain_is_left_to_the_command_line(words: list[str]) -> None:
    assert quick_call(words) is None


def test_the_table_of_commands_is_what_the_modules_have() -> None:
    modules = {
        module.name: import_module(f"charterm.cli.{module.name}")
        for module in pkgutil.iter_modules(charterm.cli.__path__)
    }
    found = {}
    for name, module in modules.items():
        if hasattr(module, "register"):
            part = typer.Typer()
            module.register(part)
            found |= dict.fromkeys(get_group(part).commands, name)
    assert dict(COMMANDS) == found


def test_a_command_does_not_import_the_others() -> None:
    shown = run_program("presets", "--json", python=("-X", "importtime"))
    assert shown.returncode == 0, shown.stderr
    imported = {line.rpartition("|")[2].strip() for line in shown.stderr.splitlines()}
    assert "charterm.decoding.presets" in imported  # it imports them
    assert imported.isdisjoint(
        {"charterm.cli.bench", "charterm.cli.train", "charterm.cli.classify"}
    )


def test_help_names_every_command() -> None:
    shown = run_program("--help")
    assert shown.returncode == 0
    listed = [
        line.split()[0] for line in shown.stdout.partition("Commands:")[2].splitlines() if line
    ]
    assert {*COMMANDS, "tour", "paths"} <= set(listed)


def test_completion_runs_without_typer(tmp_path: Path) -> None:
    shown = run_program("complete", "a", "-m", str(tmp_path / "none"), python=("-X", "importtime"))
    assert shown.returncode == 2
    assert "no model in" in shown.stderr
    imported = {line.rpartition("|")[2].strip() for line in shown.stderr.splitlines()}
    assert "charterm.text.reading" in imported
    assert imported.isdisjoint({"typer", "charterm.cli.app"})
