"""Options and output of the commands that let the model write: all controls, all texts."""

import inspect
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from charterm.cli.output import narrate
from charterm.decoding.controls import (
    CONTROLS,
    PRESETS,
    SAMPLE,
    Control,
    Controls,
    for_method,
)
from charterm.decoding.presets import find_preset
from charterm.errors import UsageError
from charterm.text.display import visible

if TYPE_CHECKING:
    from collections.abc import Callable

_TYPES: Final = {"int": int, "float": float, "choice": str, "text": str, "texts": list[str]}

PRESET: Final = typer.Option(
    "--preset", help=f"Start from these controls: {', '.join(PRESETS)}, or saved."
)


def parameter(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    """A parameter of a command whose signature is put together."""
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation
    )


def control_parameters() -> list[inspect.Parameter]:
    """One option for each control; what is not given is left to the method and the preset."""
    return [_option(control) for control in CONTROLS]


def set_signature(command: "Callable[..., None]", parameters: list[inspect.Parameter]) -> None:
    """Let Typer see these parameters in the place of the command's own."""
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]


def _option(control: Control) -> inspect.Parameter:
    # the controls judge their values themselves, in one line and for forms and files too
    help_text = control.help
    if control.choices:
        help_text += f" ({', '.join(control.choices)})"
    elif control.minimum is not None:
        most = "" if control.maximum is None else f" to {control.maximum:.12g}"
        help_text += f" ({control.minimum:g}{most or ' or more'})"
    option = typer.Option(
        f"--{control.name.replace('_', '-')}",
        help=help_text,
        show_default=False if control.kind == "texts" else str(control.default),
    )
    return parameter(control.name, Annotated[_TYPES[control.kind] | None, option], None)


def chosen_controls(
    preset: str | None, given: dict[str, Any], usual: Controls | None = None
) -> Controls:
    """The preset's or the method's controls, with those that were given in their place.

    Args:
        preset: its name.
        given: values by the controls' names; ``None`` where nothing was given.
        usual: where no preset was given, in place of the method's.

    Raises:
        UsageError: there is no such preset, or a value does not fit.
    """
    chosen = {name: value for name, value in given.items() if value not in (None, [])}
    if preset is not None:
        base = find_preset(preset)
    elif usual is not None:
        base = usual
    else:
        base = for_method(chosen.get("method", SAMPLE))
    controls = base.changed(chosen)
    if "num_beams" in chosen and controls.num_beams < controls.n:  # a search would widen itself
        raise UsageError(
            f"--num-beams {controls.num_beams} finds no {controls.n} texts: "
            f"give --num-beams {controls.n} or more, or a smaller --n"
        )
    return controls


def print_text(about: str, text: str) -> None:
    """Print a text on stdout, below a line about it on stderr."""
    narrate(f"-- {about}")
    print(visible(text, lines=True), flush=True)
