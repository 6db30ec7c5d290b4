"""What holds between the parts: imports, and the table of actions on one side of each."""

import importlib
import pkgutil
import shlex
import subprocess
import sys

import pytest
import typer.main
from textual.binding import Binding
from textual.dom import DOMNode
from typer.core import TyperGroup

import charterm.tui
from charterm.actions import ACTIONS, Action, default_keys
from charterm.cli.app import app


@pytest.mark.parametrize(
    ("imported", "absent"),
    [
        ("charterm.__main__", ("typer", "numpy", "torch", "textual")),
        ("charterm.cli.app", ("numpy", "torch", "textual", "rich", "tomlkit", "babel")),
        ("charterm.settings", ("typer", "numpy", "torch", "textual", "rich", "tomlkit", "babel")),
        ("charterm.actions", ("typer", "numpy", "torch", "textual", "rich")),
        ("charterm.model.library", ("numpy", "torch")),
    ],
)
def test_a_light_part_imports_nothing_heavy(imported: str, absent: tuple[str, ...]) -> None:
    script = f"import sys, {imported}; print(*sys.modules)"
    shown = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    modules = set(shown.stdout.split())
    assert imported in modules
    assert modules.isdisjoint(absent), modules.intersection(absent)


def _bindings_of_the_interface() -> dict[str, set[str]]:
    """Id and default keys of every binding that a class of ``charterm.tui`` declares."""
    for module in pkgutil.walk_packages(charterm.tui.__path__, "charterm.tui."):
        importlib.import_module(module.name)
    found: dict[str, set[str]] = {}
    kinds = [DOMNode]
    for kind in kinds:
        kinds += kind.__subclasses__()
        if not kind.__module__.startswith("charterm.tui") or "BINDINGS" not in vars(kind):
            continue
        for binding in Binding.make_bindings(kind.BINDINGS):
            assert binding.id, f"{kind.__name__}: the binding of {binding.key} has no id"
            assert binding.tooltip, f"{binding.id} has no help"
            found.setdefault(binding.id, set()).add(binding.key)
    return found


def test_the_bindings_of_the_interface_are_those_of_the_tables() -> None:
    expected = {id: set(keys.split(",")) for id, keys in default_keys().items()}
    assert _bindings_of_the_interface() == expected


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.id)
def test_every_action_has_a_twin_on_the_command_line(action: Action) -> None:
    if action.command in ("exit", "Ctrl-C"):  # leaving and stopping are the shell's own business
        return
    program, *words = shlex.split(action.command)
    assert program == "charterm"
    command = typer.main.get_command(app)
    context = command.context_class(command)
    while isinstance(command, TyperGroup) and words and not words[0].startswith("-"):
        found = command.get_command(context, words[0])
        assert found, f"{action.command}: no command {words[0]}"
        command, words = found, words[1:]
        context = command.context_class(command, parent=context)
    options = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words if word.startswith("-")} <= options | {"--help"}
    if "--help" not in words:
        command.make_parser(context).parse_args(words)
