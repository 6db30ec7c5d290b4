"""``charterm config``: read and change the settings."""

from pathlib import Path
from typing import Annotated, Any

import typer

from charterm.cli.given import load_settings
from charterm.cli.options import JsonOption
from charterm.cli.output import narrate, print_json, print_table
from charterm.settings import Settings, config_file
from charterm.settings.schema import KEYS, SETTINGS, Setting, find_setting

commands = typer.Typer(name="config", help="Show and change the settings.", rich_markup_mode=None)

KeyArgument = Annotated[str, typer.Argument(help="The setting, such as write.threshold.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.add_typer(commands)


def _json_value(value: Any) -> Any:
    return str(value) if isinstance(value, Path) else value


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _facts(settings: Settings, setting: Setting[Any]) -> dict[str, Any]:
    return {
        "key": setting.key,
        "value": _json_value(settings.get(setting)),
        "default": _json_value(setting.default),
        "set": settings.is_set(setting),
        "kind": setting.kind,
        "minimum": setting.minimum,
        "maximum": setting.maximum,
        "choices": list(setting.choices),
        "restart": setting.restart,
        "title": setting.title,
        "help": setting.help,
    }


@commands.callback(invoke_without_command=True)
def config(context: typer.Context, as_json: JsonOption = False) -> None:
    """List the settings (the same as ``charterm config list``)."""
    if context.invoked_subcommand is None:
        list_settings(as_json=as_json)


@commands.command("list")
def list_settings(as_json: JsonOption = False) -> None:
    """List every setting, its value and what it does; a star marks what was changed."""
    settings = load_settings()
    listed = [setting for setting in SETTINGS if setting.group != KEYS]
    if as_json:
        print_json([_facts(settings, setting) for setting in listed])
        return
    print_table(
        ("setting", "", "value", "allowed", "what it does"),
        (
            (
                setting.key,
                "*" if settings.is_set(setting) else "",
                _shown(settings.get(setting)),
                str(setting.allowed),
                setting.help,
            )
            for setting in listed
        ),
    )
    narrate("key bindings are settings too, keys.ID: charterm keys lists them")


@commands.command()
def get(key: KeyArgument, as_json: JsonOption = False) -> None:
    """Print one setting's value."""
    setting = find_setting(key)
    settings = load_settings()
    if as_json:
        print_json(_facts(settings, setting))
    else:
        print(_shown(settings.get(setting)))


@commands.command("set", context_settings={"ignore_unknown_options": True})
def set_value(
    key: KeyArgument,
    value: Annotated[str, typer.Argument(help="Its new value.")],
    as_json: JsonOption = False,
) -> None:
    """Change one setting."""
    _keep(load_settings().with_value(key, value), [key], as_json=as_json)


@commands.command()
def unset(
    keys: Annotated[list[str], typer.Argument(help="The settings.", metavar="KEY...")],
    as_json: JsonOption = False,
) -> None:
    """Give settings their defaults again."""
    _keep(load_settings().without_value(*keys), keys, as_json=as_json)


def _keep(changed: Settings, keys: list[str], *, as_json: bool) -> None:
    saved = changed.save()
    settings = [find_setting(key) for key in keys]
    if as_json:
        facts = [_facts(saved, setting) for setting in settings]
        print_json(facts[0] if len(facts) == 1 else facts)
        return
    for setting in settings:
        later = ", from the next start on" if setting.restart else ""
        narrate(f"{setting.key} is now {_shown(saved.get(setting))}{later}")


@commands.command("path")
def show_path(as_json: JsonOption = False) -> None:
    """Print where the config file is, whether it exists or not."""
    path = config_file()
    if as_json:
        print_json({"path": str(path), "exists": path.exists()})
    else:
        print(path)
