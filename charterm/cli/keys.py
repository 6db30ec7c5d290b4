"""``charterm keys``: every action, its keys, and the command that does the same."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from charterm.actions import ACTIONS, SCREENS, Action
from charterm.cli.given import load_settings
from charterm.cli.options import JsonOption
from charterm.cli.output import narrate, print_json, print_table
from charterm.settings.keys import key_label
from charterm.widget_keys import WIDGET_KEYS


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(keys)


def _names(keys: str) -> list[str]:
    return keys.split(",") if keys else []


def _labels(*keys: str) -> str:
    return ", ".join(key_label(name) for listed in keys for name in _names(listed))


def _facts(action: Action, in_force: str) -> dict[str, Any]:
    return {
        "id": action.id,
        "keys": _names(in_force),
        "also": _names(action.also),
        "default": _names(action.keys),
        "changed": in_force != action.keys,
        "screen": action.screen,
        "title": action.title,
        "help": action.help,
        "command": action.command,
    }


def _list_editing(bindings: Mapping[str, str], *, as_json: bool) -> None:
    if as_json:
        print_json(
            [
                {
                    "id": key.id,
                    "keys": _names(bindings[key.id]),
                    "default": _names(key.keys),
                    "title": key.title,
                }
                for key in WIDGET_KEYS
            ]
        )
    else:
        print_table(
            ("id", "keys", "what it does"),
            ((key.id, _labels(bindings[key.id]), key.title) for key in WIDGET_KEYS),
        )


def keys(
    editing: Annotated[
        bool,
        typer.Option("--editing", help="List the keys that move and edit inside a text instead."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """List every action with its keys and the command that does the same.

    Change keys with ``charterm config set keys.ID KEYS``.
    """
    bindings = load_settings().bindings()
    if editing:
        _list_editing(bindings, as_json=as_json)
        return
    if as_json:
        print_json([_facts(action, bindings[action.id]) for action in ACTIONS])
        return
    print_table(
        ("id", "keys", "screen", "what it does", "command"),
        (
            (
                action.id,
                _labels(bindings[action.id], action.also),
                SCREENS[action.screen],
                action.help,
                action.command,
            )
            for action in ACTIONS
        ),
    )
    narrate("change keys with charterm config set keys.ID KEYS, such as keys.app.help f1,f12")
