"""``charterm verbatim``: does a model write, or does it recite?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from charterm.cli.given import load
from charterm.cli.options import DEFAULT_MODEL, JsonOption, ModelOption
from charterm.cli.output import print_facts, print_json
from charterm.cli.progress import ProgressLine
from charterm.errors import UsageError

if TYPE_CHECKING:
    from charterm.engine.language_model import LanguageModel
    from charterm.text.corpus import Corpus


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(verbatim)


def _corpus(paths: list[Path], model: str) -> Corpus:
    """The corpus of the files, or the one that the model was trained on here."""
    from charterm.text.corpus import build_corpus, load_corpus
    from charterm.text.corpus_options import CorpusOptions

    if paths:
        with ProgressLine() as progress:
            return build_corpus(
                paths,
                CorpusOptions(validation=0.0),
                watch=lambda done, total: progress.show_share(done / max(1, total)),
            )
    from charterm.training.run_folder import RunFolder

    begun = RunFolder.named(Path(model).name).corpus()
    corpus = load_corpus(begun[0]) if begun else None
    if corpus is None:
        raise UsageError(
            f"the text that {model} was trained on is not in the cache: give its files"
        )
    return corpus


def _write(language_model: LanguageModel, length: int, seed: int) -> str:
    """Text that the model draws from its own probabilities, unchanged."""
    from charterm.decoding.controls import SAMPLE, for_method
    from charterm.decoding.generated import Context, Results
    from charterm.decoding.generation import generate

    controls = for_method(SAMPLE).changed({"length": length, "seed": seed, "top_k": 0})
    nothing = language_model.alphabet.encode("")
    context = Context(language_model.start, nothing)
    with ProgressLine() as progress:
        for number, event in enumerate(
            generate(language_model.backend, language_model.alphabet, context, controls)
        ):
            if isinstance(event, Results):
                return event.texts[0].text
            progress.show_share(min(1.0, number / length))
    return ""


def verbatim(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="The training text; missing: that of the model's own training here."),
    ] = None,
    model: ModelOption = DEFAULT_MODEL,
    text: Annotated[
        Path | None, typer.Option("--text", help="Look at this file; missing: the model writes.")
    ] = None,
    length: Annotated[int, typer.Option(min=1, help="Characters that the model writes.")] = 2000,
    seed: Annotated[int, typer.Option(help="Repeats what it writes.")] = 0,
    as_json: JsonOption = False,
) -> None:
    """Measure how much of what a model writes stands word for word in its training text."""
    from charterm.text.reading import read_text_file
    from charterm.text.verbatim import COPIED, find_verbatim

    written = read_text_file(text).text if text else _write(load(model), length, seed)
    corpus = _corpus(paths or [], model)
    with ProgressLine() as progress:
        (found,) = find_verbatim(
            corpus, [written], lambda done, total: progress.show_share(done / total)
        )
    if as_json:
        print_json(found.to_json())
        return
    print_facts(
        [
            ("characters", f"{found.characters:,}"),
            ("longest stretch", f"{found.longest:,} characters"),
            ("stretch", found.stretch),
            ("source", found.source),
            (f"in stretches of {COPIED}", f"{found.copied:.1%}"),
        ]
    )
