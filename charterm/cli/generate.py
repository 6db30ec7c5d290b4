"""``charterm generate``: let the model write on, by any method, with every control."""

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from charterm.cli.control_options import (
    PRESET,
    chosen_controls,
    control_parameters,
    parameter,
    print_text,
    set_signature,
)
from charterm.cli.given import given_text, load
from charterm.cli.options import DEFAULT_MODEL, JsonOption, ModelOption, TextArgument
from charterm.cli.output import narrate, print_json
from charterm.cli.progress import ProgressLine
from charterm.decoding import presets
from charterm.decoding.controls import SAMPLE
from charterm.errors import ChartermError, UsageError
from charterm.text.display import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from charterm.decoding.generated import Event, Generated


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(generate)


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
    text: str | None = None,
    prompt: str | None = None,
    preset: str | None = None,
    save_preset: str | None = None,
    echo: bool = False,
    story: bool = False,
    model: str = DEFAULT_MODEL,
    as_json: bool = False,
    **given: Any,
) -> None:
    """Write on from TEXT, by sampling or a search.

    Options are named as in Hugging Face transformers, or llama.cpp where only it has them.
    """
    controls = chosen_controls(preset, given)
    if save_preset is not None:
        presets.save_preset(save_preset, controls)
        narrate(f"kept as preset {save_preset} in {presets.presets_path()}")
        return
    if text is not None and prompt is not None:
        raise UsageError("the text to go on from was given twice: as an argument and by --prompt")
    text = given_text(prompt if text is None else text)
    language_model = load(model)

    from charterm.decoding.generated import Context
    from charterm.decoding.generation import generate as run
    from charterm.decoding.noise import seeded

    controls = seeded(controls)
    backend, alphabet = language_model.backend, language_model.alphabet
    tokens = alphabet.encode(text)
    context = Context(language_model.start, tokens[:0]).after(backend, tokens)
    events = run(backend, alphabet, context, controls, with_filtered=as_json)
    streamed = controls.method == SAMPLE and controls.n == 1 and not as_json
    if echo and not as_json:
        sys.stdout.write(visible(text, lines=True))
    texts = _stream(events) if streamed else _wait(events)
    kept = _keep_story(text, texts, language_model.name) if story else None
    if as_json:
        print_json(
            {
                "model": language_model.name,
                "prompt": text,
                "controls": {**controls.to_json(), "method": controls.method},
                "texts": [_json(each) for each in texts],
                **({} if kept is None else {"story": kept}),
            }
        )
    elif not streamed:
        for number, each in enumerate(texts, start=1):
            about = f"{number}: {each.reason}, log-probability {each.logprob:.2f}"
            print_text(about, each.text)


def _keep_story(prompt: str, texts: "tuple[Generated, ...]", model: str) -> int:
    """Keep the prompt and the texts as a new story; its number."""
    from charterm.story.exchange import import_generated
    from charterm.story.store import StoryStore

    turns = [(each.text, [c.logprob for c in each.characters]) for each in texts if each.text]
    if not turns:
        raise ChartermError("nothing was generated, so there is no story to keep")
    with StoryStore() as store:
        id = import_generated(store, prompt, turns, model).id
    narrate(f"story {id}: charterm stories show {id}")
    return id


_PROMPT = typer.Option("--prompt", "-p", help="The text so far, as an option.")
_SAVE_PRESET = typer.Option(
    "--save-preset", help="Keep these controls as a preset of this name, and generate nothing."
)
_STORY = typer.Option("--story", help="Keep the prompt and the texts as a new story.")
_ECHO = typer.Option("--echo", help="Print the prompt before the text.")

set_signature(
    generate,
    [
        parameter("text", TextArgument, None),
        parameter("prompt", Annotated[str | None, _PROMPT], None),
        parameter("preset", Annotated[str | None, PRESET], None),
        parameter("save_preset", Annotated[str | None, _SAVE_PRESET], None),
        *control_parameters(),
        parameter("echo", Annotated[bool, _ECHO], False),
        parameter("story", Annotated[bool, _STORY], False),
        parameter("model", ModelOption, DEFAULT_MODEL),
        parameter("as_json", JsonOption, False),
    ],
)
