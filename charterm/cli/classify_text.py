"""``charterm classify text``: judge a text, or each text of a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from charterm.classify import library
from charterm.classify.orders import ORDERS
from charterm.cli.options import JsonOption
from charterm.cli.output import narrate, print_json, print_table
from charterm.cli.progress import ProgressLine
from charterm.errors import UsageError

if TYPE_CHECKING:
    from charterm.classify.classifier import Classifier
    from charterm.classify.judged import JudgedTexts

_SHOWN_TEXT: Final = 60  # characters of a text in a table
_SHOWN_WORDS: Final = 20
_LONGEST_EXPLAINED: Final = 20_000  # characters

ClassifierOption = Annotated[
    str | None,
    typer.Option("-m", "--model", help="The classifier; may be left out where there is only one."),
]


def load(name: str | None) -> Classifier:
    """The classifier of this name, or the only one. Raises UsageError."""
    from charterm.classify.folder import load_classifier

    if name is None:
        entries = library.list_classifiers()
        if len(entries) != 1:
            known = ", ".join(entry.name for entry in entries)
            raise UsageError(
                f"say which classifier with -m: {known}"
                if entries
                else "there is no classifier yet: make one with charterm classify train"
            )
        entry = entries[0]
    else:
        entry = library.find_classifier(name)
    return load_classifier(entry.folder, name=entry.name)


def judge(
    text: Annotated[
        str | None,
        typer.Argument(
            help="A text, or a file with a text on each line; standard input where missing."
        ),
    ] = None,
    name: ClassifierOption = None,
    method: Annotated[
        str,
        typer.Option("--method", help="Judge by one method: likelihood, state, nbsvm or ngrams."),
    ] = "",
    whole: Annotated[
        bool, typer.Option("--whole", help="Take a file or standard input as one text.")
    ] = False,
    why: Annotated[
        bool, typer.Option("--why", help="Print the words that say most for each class.")
    ] = False,
    sort: Annotated[
        str, typer.Option(help=f"Order of the texts of a file: {', '.join(ORDERS)}.")
    ] = "number",
    reverse: Annotated[bool, typer.Option("--reverse", help="Turn the order around.")] = False,
    words: Annotated[
        str,
        typer.Option(
            "--filter", help="Keep texts with these words; =CLASS one class, ! what is wrong."
        ),
    ] = "",
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV on stdout.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Judge a text, or each line of a file.

    Lines that begin with one of the classes and a tab, as in a table to train on, are judged
    without it, and how many are judged so is told.
    """
    if sort not in ORDERS:
        raise UsageError(f"cannot sort by {sort!r}: choose from {', '.join(ORDERS)}")
    if as_csv and as_json:
        raise UsageError("choose --csv or --json, not both")
    classifier = load(name)
    classifier.pool(method)  # says so at once where there is no such method
    found, given = _given_texts(text, classifier.classes, whole=whole)
    if why:
        _explain(classifier, found, method, as_json=as_json)
        return
    from charterm.classify.judged import JudgedTexts

    with ProgressLine() as progress:
        chances = classifier.probabilities(found, method, progress.show_share)
    judged = JudgedTexts(tuple(found), classifier.classes, chances, given)
    places = judged.ordered(judged.chosen(words), sort, descending=reverse)
    if as_csv:
        print(judged.to_csv(places), end="")
    elif as_json:
        rows = [_row(judged, place) for place in places]
        print_json(rows[0] if text is not None and len(found) == len(rows) == 1 else rows)
    elif len(found) == 1:
        order = chances[0].argsort()[::-1]
        print_table(
            ("class", "probability"),
            ((classifier.classes[label], f"{chances[0][label]:.2%}") for label in order),
            right="lr",
        )
    else:
        _print_judged(judged, places)


def _row(judged: JudgedTexts, place: int) -> dict[str, Any]:
    chances = judged.probabilities[place]
    row: dict[str, Any] = {
        "text": judged.texts[place],
        "class": judged.classes[int(chances.argmax())],
        "probabilities": dict(zip(judged.classes, chances.tolist(), strict=True)),
    }
    if judged.given is not None:
        row["given"] = judged.classes[judged.given[place]]
    return row


def _print_judged(judged: JudgedTexts, places: list[int]) -> None:
    given = judged.given
    print_table(
        ("class", "probability", *(("given",) if given is not None else ()), "text"),
        (
            (
                judged.classes[int(judged.probabilities[place].argmax())],
                f"{judged.probabilities[place].max():.1%}",
                *((judged.classes[given[place]],) if given is not None else ()),
                _beginning(judged.texts[place]),
            )
            for place in places
        ),
        right="lrl",
    )
    if judged.right is not None:
        share = judged.right / max(1, len(judged))
        narrate(f"{judged.right:,} of {len(judged):,} judged as the file says ({share:.1%})")


def _beginning(text: str) -> str:
    return text if len(text) <= _SHOWN_TEXT else text[: _SHOWN_TEXT - 1] + "…"


def _explain(classifier: Classifier, texts: list[str], method: str, *, as_json: bool) -> None:
    """What one text is judged by."""
    from charterm.classify.judge import JudgeSession
    from charterm.classify.telling import TextWords
    from charterm.text.reading import clean

    if len(texts) > 1:
        raise UsageError("--why explains one text: give one, or add --whole")
    if method:
        raise UsageError("--why explains what all methods say together: leave --method out")
    text = clean(texts[0]).strip()
    if len(text) > _LONGEST_EXPLAINED:
        raise UsageError(
            f"--why explains texts of up to {_LONGEST_EXPLAINED:,} characters, and this one has "
            f"{len(text):,}: give a part of it"
        )
    session = JudgeSession(classifier)
    with ProgressLine() as progress:
        session.set_text(text, progress.show_share)
    judgement = session.judgement
    if as_json:
        chances = dict(zip(classifier.classes, judgement.probabilities.tolist(), strict=True))
        heat = [
            {
                "start": word.start,
                "end": word.end,
                "text": word.text,
                "nats": dict(zip(classifier.classes, word.heat.tolist(), strict=True)),
            }
            for word in TextWords(text, judgement.heat)
        ]
        print_json(
            {"text": text, "class": judgement.winner, "probabilities": chances, "words": heat}
        )
        return
    print_table(
        ("class", "probability", *judgement.by_method),
        (
            (
                each,
                f"{judgement.probabilities[label]:.2%}",
                *(f"{chances[label]:.1%}" for chances in judgement.by_method.values()),
            )
            for label, each in enumerate(classifier.classes)
        ),
        right="l" + "r" * (1 + len(judgement.by_method)),
    )
    print()
    print_table(
        ("word", "speaks for", "nats"),
        (
            (word.text, classifier.classes[word.speaks_for], f"{word.nats:+.2f}")
            for word in TextWords(text, judgement.heat).most_telling(_SHOWN_WORDS)
        ),
        right="llr",
    )


def _given_texts(
    given: str | None, classes: tuple[str, ...], *, whole: bool
) -> tuple[list[str], Any]:
    """The argument, or the texts of the file it names or of standard input, and their classes."""
    from charterm.classify.labelled import part_texts
    from charterm.cli.given import given_text
    from charterm.text.reading import read_text_file

    if given is None or given == "-":
        content = given_text(given)
    elif _is_file(given):
        content = read_text_file(Path(given)).text
    else:
        if not given.strip():
            raise UsageError("the text is empty: give one that says something")
        return [given_text(given)], None
    if whole:
        texts, labels = [content.strip()], None
    else:
        parted, labels = part_texts(content, classes)
        texts = list(parted)
    if not any(texts):
        raise UsageError("there is no text to judge: give at least one line")
    return texts, labels


def _is_file(given: str) -> bool:
    try:
        return Path(given).is_file()
    except (OSError, ValueError):  # too long for a file's name, or with a NUL in it
        return False
