"""``charterm classify``: train, use and look after classifiers of texts."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from typer.core import TyperGroup

from charterm.classify import library
from charterm.classify.methods import best_method
from charterm.cli.classify_text import ClassifierOption, judge, load
from charterm.cli.options import JsonOption
from charterm.cli.output import narrate, print_facts, print_json, print_table, tell
from charterm.cli.progress import ProgressLine
from charterm.model.library import find_model

if TYPE_CHECKING:
    from charterm.classify.classifier import Classifier
    from charterm.classify.evaluation import Evaluation, MethodFigures

_JUDGE: Final = "text"
_SHOWN_NGRAMS: Final = 12


class _JudgesByDefault(TyperGroup):
    """``charterm classify TEXT`` means ``charterm classify text TEXT``."""

    def parse_args(self, context: Any, args: list[str]) -> list[str]:
        own = (*self.commands, "-h", "--help")
        if (args and args[0] not in own) or (not args and not sys.stdin.isatty()):
            args = [_JUDGE, *args]
        return list(super().parse_args(context, args))


commands = typer.Typer(
    name="classify",
    cls=_JudgesByDefault,
    help="Tell classes of texts apart, such as author, language, genre or sentiment. "
    "charterm classify TEXT judges a text.",
    rich_markup_mode=None,
)

NameArgument = Annotated[str, typer.Argument(help="The classifier's name.")]
commands.command(_JUDGE)(judge)


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.add_typer(commands)


@commands.command()
def train(
    file: Annotated[Path, typer.Argument(help="A table: class, tab, text; one text a line.")],
    name: Annotated[str, typer.Option("--name", help="Name of the classifier.")],
    start: Annotated[
        str | None,
        typer.Option(
            "--from", help="Model to start from; the one that reads the texts best if left out."
        ),
    ] = None,
    methods: Annotated[
        str, typer.Option(help="Which of likelihood, state, nbsvm and ngrams, with commas.")
    ] = "likelihood,state,nbsvm,ngrams",
    reader_epochs: Annotated[
        float | None, typer.Option(help="Passes over all texts, before the classes are learnt.")
    ] = None,
    class_epochs: Annotated[
        float | None, typer.Option(help="Passes of each class's model over its texts.")
    ] = None,
    learning_rate: Annotated[float | None, typer.Option(help="Its peak.")] = None,
    dropout: Annotated[float | None, typer.Option(help="Share of outputs dropped.")] = None,
    held_out: Annotated[
        float | None, typer.Option(help="Share of the texts kept aside to calibrate with.")
    ] = None,
    prior: Annotated[
        str | None, typer.Option(help="trained: as in the table; even: all classes alike.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="The same seed repeats a training.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Train a classifier on FILE and say how well it does on texts kept aside."""
    from dataclasses import replace

    from charterm.classify.folder import save_classifier
    from charterm.classify.labelled import read_labelled
    from charterm.classify.settings import ClassifierSettings

    options: dict[str, Any] = {
        "reader_epochs": reader_epochs,
        "class_epochs": class_epochs,
        "learning_rate": learning_rate,
        "dropout": dropout,
        "held_out": held_out,
        "prior": prior,
        "seed": seed,
    }
    settings = ClassifierSettings(
        methods=tuple(method.strip() for method in methods.split(",") if method.strip()),
        **{key: value for key, value in options.items() if value is not None},
    )
    folder = library.new_classifier_folder(name)
    data = read_labelled(file, per_class=4)
    needs_model = bool({"likelihood", "state"} & set(settings.methods))
    entry = find_model(start) if start and needs_model else None

    from charterm.classify.training import choose_start, train_classifier  # imports torch

    narrate(
        f"{len(data):,} texts: "
        + ", ".join(f"{c} {n:,}" for c, n in zip(data.classes, data.counts, strict=True))
    )
    with ProgressLine() as progress:

        def show(task: str, share: float) -> None:
            progress.show(f"{task} {share:.0%}")

        if needs_model and entry is None:
            entry = choose_start(data, show)
            progress.clear()
            narrate(f"starting from the model {entry.name}")
        classifier = train_classifier(data, entry, settings, show)
    save_classifier(folder, replace(classifier, name=name))
    facts = classifier.facts
    if as_json:
        print_json({"name": name, "folder": str(folder), **facts})
        return
    print_table(
        ("method", "accuracy", "95 % interval", "nats", "seconds"),
        (
            (
                method,
                f"{each['accuracy']:.2%}",
                f"{each['low']:.1%} to {each['high']:.1%}",
                f"{each['nats']:.3f}",
                _seconds(method, facts),
            )
            for method, each in facts["validation"].items()
        ),
        right="lrrrr",
    )
    narrate(
        f"on {facts['held_out']:,} texts kept aside; trained in {facts['seconds']:.0f} s; "
        f"saved as {name}"
    )


def _seconds(method: str, facts: dict[str, Any]) -> str:
    """Seconds to train a method; fine-tuning on all texts counts for those that build on it."""
    seconds = facts["seconds_by_step"]
    if method == "combined":
        return f"{facts['seconds']:.0f}"
    shared = seconds.get("reader", 0.0) if method in ("likelihood", "state") else 0.0
    return f"{seconds.get(method, 0.0) + shared:.0f}"


@commands.command()
def evaluate(
    file: Annotated[Path, typer.Argument(help="A table: class, tab, text; one text a line.")],
    name: ClassifierOption = None,
    as_json: JsonOption = False,
) -> None:
    """Measure how well a classifier judges the labelled texts of FILE, by every method."""
    from charterm.classify.evaluation import evaluate as measure
    from charterm.classify.labelled import read_labelled

    data = read_labelled(file)
    classifier = load(name)
    data = data.with_classes(classifier.classes, str(file))
    with ProgressLine() as progress:
        result = measure(classifier, data, progress.show_share)
    if as_json:
        print_json(
            {
                "model": classifier.name,
                "seconds_to_train": classifier.facts["seconds"],
                "seconds_by_step": classifier.facts["seconds_by_step"],
                **result.to_json(),
            }
        )
    else:
        _print_evaluation(classifier, result)


def _print_evaluation(classifier: Classifier, result: Evaluation) -> None:
    print_table(
        ("method", "accuracy", "95 % interval", "F1", "nats", "seconds to train"),
        (
            (
                each.method,
                f"{each.accuracy:.2%}",
                f"{each.low:.1%} to {each.high:.1%}",
                f"{each.macro_f1:.3f}",
                f"{each.nats:.3f}",
                _seconds(each.method, classifier.facts),
            )
            for each in result.figures.values()
        ),
        right="lrrrrr",
    )
    best = result.figures[classifier.default_method]
    print(f"\n{best.method}: {best.right:,} of {best.texts:,} texts right; rows are the truth")
    _print_confusion(result.classes, best)
    print()
    print_facts(
        (
            ("one text alone", f"{result.milliseconds_a_text:.1f} ms"),
            ("one of many", f"{result.milliseconds_in_bulk:.2f} ms"),
            ("its length", f"{result.characters_a_text:.0f} characters, the mean"),
        )
    )


def _print_confusion(classes: tuple[str, ...], figures: MethodFigures) -> None:
    print_table(
        ("", *classes),
        (
            (name, *(f"{count:,}" for count in row))
            for name, row in zip(classes, figures.confusion, strict=True)
        ),
        right="l" + "r" * len(classes),
    )


def _summary(entry: library.Entry) -> dict[str, Any]:
    from charterm.classify.folder import load_facts

    facts = load_facts(entry.folder)
    methods = facts["methods"]
    judges = best_method(facts["validation"])
    best = facts["validation"][judges]
    return {
        "name": entry.name,
        "classes": facts["classes"],
        "methods": methods,
        "judges_by": judges,
        "texts": facts["texts"],
        "accuracy": best["accuracy"],
        "interval": [best["low"], best["high"]],
        "started_from": facts["started_from"],
        "created": facts["created"],
        "bytes": entry.bytes,
        "folder": str(entry.folder),
    }


@commands.command("list")
def list_classifiers(as_json: JsonOption = False) -> None:
    """List the classifiers."""
    summaries = [_summary(entry) for entry in library.list_classifiers()]
    if as_json:
        print_json(summaries)
        return
    if not summaries:
        narrate("no classifiers yet: make one with charterm classify train FILE.tsv --name NAME")
        return
    print_table(
        ("name", "classes", "texts", "accuracy", "from", "MB", "created"),
        (
            (
                each["name"],
                _some(each["classes"]),
                f"{each['texts']:,}",
                f"{each['accuracy']:.1%}",
                each["started_from"] or "",
                f"{each['bytes'] / 1e6:.1f}",
                each["created"][:10],
            )
            for each in summaries
        ),
        right="llrrlrl",
    )


def _some(names: list[str], most: int = 4) -> str:
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"


@commands.command()
def show(name: NameArgument, as_json: JsonOption = False) -> None:
    """Show what is known about a classifier, and what it goes by."""
    from charterm.classify.folder import load_facts

    entry = library.find_classifier(name)
    facts = load_facts(entry.folder)
    if as_json:
        print_json({**_summary(entry), **facts})
        return
    print_facts(
        (key, ", ".join(map(str, value)) if isinstance(value, list) else str(value))
        for key, value in _summary(entry).items()
        if value is not None
    )
    for method, machine in facts["machines"].items():
        print(f"\nwhat speaks most for each class, by {method}")
        print_table(
            ("class", "n-grams"),
            (
                (each, "  ".join(repr(text) for text, _ in telling[:_SHOWN_NGRAMS]))
                for each, telling in zip(facts["classes"], machine["telling"], strict=True)
            ),
        )
    if facts["state"]:
        state = facts["state"]
        print(
            f"\nthe units that say most: {state['penalty'].upper()} penalty {state['strength']}, "
            f"{state['used']:,} weights in use"
        )
        print_table(
            ("unit", "value", *facts["classes"]),
            (
                (str(unit["unit"]), unit["pool"], *(f"{weight:+.3f}" for weight in unit["weights"]))
                for unit in state["telling"]
            ),
            right="rl" + "r" * len(facts["classes"]),
        )


@commands.command()
def delete(name: NameArgument, as_json: JsonOption = False) -> None:
    """Delete a classifier."""
    library.delete_classifier(name)
    tell({"deleted": name}, f"deleted {name}", as_json)
