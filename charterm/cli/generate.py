"""``charterm generate``: let the model write on, by any method, with every control."""

import inspect
import sys
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from charterm.cli.options import DEFAULT_MODEL, JsonOption, ModelOption, given_text
from charterm.cli.output import narrate, print_json
from charterm.cli.predict import load
from charterm.cli.progress import ProgressLine
from charterm.decoding import presets
from charterm.decoding.controls import (
    CONTROLS,
    PRESETS,
    SAMPLE,
    Control,
    Controls,
    for_method,
)
from charterm.text.display import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from charterm.decoding.generated import Event, Generated

_TYPES: Final = {"int": int, "float": float, "choice": str, "text": str, "texts": list[str]}


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(generate)


def _option(control: Control) -> inspect.Parameter:
    """The option of one control; its default is left to the method and the preset."""
    limits = {"min": control.minimum, "max": control.maximum}
    numeric: dict[str, Any] = limits if control.kind in ("int", "float") else {}
    help_text = control.help
    if control.choices:
        help_text += f" ({', '.join(control.choices)})"
    option = typer.Option(
        f"--{control.name.replace('_', '-')}",
        help=help_text,
        show_default=False if control.kind == "texts" else str(control.default),
        **numeric,
    )
    return inspect.Parameter(
        control.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[_TYPES[control.kind] | None, option],
    )


def _controls(preset: str | None, given: dict[str, Any]) -> Controls:
    """The preset's or the method's controls, with those that were given in their place."""
    chosen = {name: value for name, value in given.items() if value not in (None, [])}
    if preset is None:
        base = for_method(chosen.get("method", SAMPLE))
    else:
        base = presets.find_preset(preset)
    return base.changed(chosen)


def _json(text: "Generated") -> dict[str, Any]:
    return {
        "text": text.text,
        "logprob": text.logprob,
        "score": text.score,
        "reason": text.reason,
        "characters": [
            {"text": each.text, "logprob": each.logprob, "filtered_logprob": each.filtered_logprob}
            for each in text.characters
        ],
    }


def _stream(events: "Iterator[Event]") -> "tuple[Generated, ...]":
    """Print characters as they come and return the texts."""
    from charterm.decoding.generated import Character, Results

    for event in events:
        if isinstance(event, Character):
            sys.stdout.write(visible(event.text, lines=True))
            sys.stdout.flush()
        elif isinstance(event, Results):
            sys.stdout.write("\n")
            return event.texts
    return ()


def _wait(events: "Iterator[Event]") -> "tuple[Generated, ...]":
    """Return the texts, showing the progress of a search."""
    from charterm.decoding.generated import Progress, Results

    with ProgressLine() as progress:
        for event in events:
            if isinstance(event, Progress) and event.best:
                progress.show(visible(event.best[0][-60:]))
            elif isinstance(event, Results):
                return event.texts
    return ()


def generate(
    prompt: str | None = None,
    preset: str | None = None,
    save_preset: str | None = None,
    echo: bool = False,
    model: str = DEFAULT_MODEL,
    as_json: bool = False,
    **given: Any,
) -> None:
    """Write on from a prompt (standard input where it is missing) by sampling or a search.

    Options are named as in Hugging Face transformers, or llama.cpp where only it has them.
    """
    controls = _controls(preset, given)
    if save_preset is not None:
        presets.save_preset(save_preset, controls)
        narrate(f"kept as preset {save_preset} in {presets.presets_path()}")
        return
    text = given_text(prompt)
    language_model = load(model)

    from charterm.decoding.generated import Context
    from charterm.decoding.generation import generate as run
    from charterm.decoding.noise import seeded

    controls = seeded(controls)
    backend, alphabet = language_model.backend, language_model.alphabet
    tokens = alphabet.encode(text)
    context = Context(language_model.start, tokens[:0]).after(backend, tokens)
    events = run(backend, alphabet, context, controls)
    streamed = controls.method == SAMPLE and controls.n == 1 and not as_json
    if echo and not as_json:
        sys.stdout.write(visible(text, lines=True))
    texts = _stream(events) if streamed else _wait(events)
    if as_json:
        print_json(
            {
                "model": language_model.name,
                "prompt": text,
                "controls": {**controls.to_json(), "method": controls.method},
                "texts": [_json(each) for each in texts],
            }
        )
    elif not streamed:
        for number, each in enumerate(texts, start=1):
            narrate(f"-- {number}: {each.reason}, log-probability {each.logprob:.2f}")
            print(visible(each.text, lines=True), flush=True)


def _parameter(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation
    )


_PROMPT = typer.Option("--prompt", "-p", help="Text to go on from; - for standard input.")
_PRESET = typer.Option(
    "--preset", help=f"Start from these controls: {', '.join(PRESETS)}, or saved."
)
_SAVE_PRESET = typer.Option(
    "--save-preset", help="Keep these controls as a preset of this name, and generate nothing."
)
_ECHO = typer.Option("--echo", help="Print the prompt before the text.")

generate.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
    [
        _parameter("prompt", Annotated[str | None, _PROMPT], None),
        _parameter("preset", Annotated[str | None, _PRESET], None),
        _parameter("save_preset", Annotated[str | None, _SAVE_PRESET], None),
        *(_option(control) for control in CONTROLS),
        _parameter("echo", Annotated[bool, _ECHO], False),
        _parameter("model", ModelOption, DEFAULT_MODEL),
        _parameter("as_json", JsonOption, False),
    ]
)
