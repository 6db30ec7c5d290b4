"""``charterm memory``: see and govern what was learnt from the user's writing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from charterm.cli.given import load_settings
from charterm.cli.options import JsonOption
from charterm.cli.output import print_facts, print_json, print_table, tell
from charterm.errors import UsageError
from charterm.settings import schema

if TYPE_CHECKING:
    from charterm.adaptation.store import PersonalMemory

commands = typer.Typer(
    name="memory", help="See and govern what was learnt from your writing.", rich_markup_mode=None
)

NameOption = Annotated[
    str,
    typer.Option(
        "--of", help="The model whose memory it is; by default the memory all models share."
    ),
]
DocumentArgument = Annotated[
    str, typer.Argument(help="The document, as charterm memory show --documents names it.")
]

_KEPT: Final = "what it took away is kept for a day: charterm memory undo, or undo --discard"
_UNDO: Final = "; charterm memory undo brings it back within a day"


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.add_typer(commands)


def _open(name: str) -> PersonalMemory:
    from charterm.adaptation.memory_file import SHARED, memory_path
    from charterm.adaptation.store import PersonalMemory
    from charterm.adaptation.undoing import KEPT_SECONDS, discard

    path = memory_path(name or SHARED)
    discard(path, older_than=KEPT_SECONDS)
    return PersonalMemory.load(path)


@contextmanager
def _changing(name: str) -> Iterator[PersonalMemory]:
    """A memory to change, written when that went well; ``charterm memory undo`` undoes it."""
    from charterm.adaptation.undoing import changing

    opened = _open(name)
    with changing(opened):
        yield opened


@commands.callback(invoke_without_command=True)
def memory(context: typer.Context, as_json: JsonOption = False) -> None:
    """Say what is remembered (the same as ``charterm memory show``)."""
    if context.invoked_subcommand is None:
        show(as_json=as_json)


@commands.command()
def show(
    words: Annotated[int, typer.Option("--words", min=0, help="How many words to list.")] = 10,
    documents: Annotated[
        bool, typer.Option("--documents", help="List the documents it comes from.")
    ] = False,
    of: NameOption = "",
    as_json: JsonOption = False,
) -> None:
    """Show what is remembered: documents, words, and what is never learnt."""
    from charterm.adaptation.undoing import undo_path

    opened = _open(of)
    counted = opened.words()
    sizes = opened.documents
    used = load_settings().get(schema.MEMORY)
    can_undo = undo_path(opened.path).exists()
    if as_json:
        print_json(
            {
                "file": str(opened.path),
                "used": used,
                "learning": opened.learning,
                "characters": sum(sizes.values()),
                "documents": sizes,
                "ignored_documents": sorted(opened.ignored),
                "words": dict(counted.most_common(words) if words else counted),
                "forbidden_words": sorted(opened.forbidden),
                "never_learn": opened.patterns,
                "can_undo": can_undo,
            }
        )
        return
    print_facts(
        (
            ("file", str(opened.path)),
            ("used", {"shared": "by all models", "model": "one for each model"}.get(used, "no")),
            ("learning", "yes" if opened.learning else "no: charterm memory learn on"),
            ("remembers", f"{sum(sizes.values()):,} characters of {len(sizes)} documents"),
            ("words", f"{len(counted):,} different ones"),
            ("never learnt", ", ".join([*sorted(opened.forbidden), *opened.patterns]) or "-"),
            ("ignored", ", ".join(sorted(opened.ignored)) or "-"),
            ("last change", _KEPT if can_undo else "-"),
        )
    )
    if counted and words:
        print()
        best = ((word, str(times)) for word, times in counted.most_common(words))
        print_table(("word", "times"), best, right="lr")
    if documents and sizes:
        print()
        rows = ((name, f"{size:,}") for name, size in sizes.items())
        print_table(("document", "characters"), rows, right="lr")


@commands.command()
def learn(
    what: Annotated[
        str, typer.Argument(help="on or off: whether writing is learnt; or a text file to learn.")
    ],
    of: NameOption = "",
    as_json: JsonOption = False,
) -> None:
    """Switch learning on or off (what was learnt stays in use), or learn a text file."""
    if what in ("on", "off"):
        learning = what == "on"
        with _changing(of) as opened:
            opened.set_learning(learning)
        line = "writing is learnt from now on" if learning else "nothing is learnt any more"
        tell({"learning": learning}, line, as_json)
        return
    from charterm.text.reading import read_text_file

    document = str(Path(what).absolute())
    with _changing(of) as opened:
        opened.learn(document, read_text_file(Path(what)).text)
    size = opened.documents.get(document, 0)
    facts = {"document": document, "characters": size}
    tell(facts, f"learnt {size:,} characters of {what}", as_json)


@commands.command("forget-word")
def forget_word(
    word: Annotated[str, typer.Argument(help="One word, in any case.")],
    of: NameOption = "",
    as_json: JsonOption = False,
) -> None:
    """Forget a word everywhere, and never learn it again."""
    with _changing(of) as opened:
        times = opened.forget_word(word)
    line = f"forgot {word}, written {times} times{_UNDO}"
    tell({"word": word, "times": times}, line, as_json)


@commands.command("allow-word")
def allow_word(
    word: Annotated[str, typer.Argument(help="A word that was forgotten.")],
    of: NameOption = "",
    as_json: JsonOption = False,
) -> None:
    """Let a forgotten word be learnt again from now on."""
    with _changing(of) as opened:
        if word.casefold() not in opened.forbidden:
            raise UsageError(
                f"{word!r} was not forgotten: charterm memory show lists those that were"
            )
        opened.allow_word(word)
    tell({"word": word}, f"{word} may be learnt again", as_json)


@commands.command("forget-document")
def forget_document(
    document: DocumentArgument, of: NameOption = "", as_json: JsonOption = False
) -> None:
    """Forget what was learnt from one document, and learn it no more."""
    with _changing(of) as opened:
        if document not in opened.documents:
            raise UsageError(
                f"nothing was learnt from {document!r}: charterm memory show --documents lists them"
            )
        opened.forget_document(document)
    tell({"document": document}, f"forgot {document}{_UNDO}", as_json)


@commands.command("allow-document")
def allow_document(
    document: DocumentArgument, of: NameOption = "", as_json: JsonOption = False
) -> None:
    """Let a forgotten document be learnt again when it is opened."""
    with _changing(of) as opened:
        if document not in opened.ignored:
            raise UsageError(f"{document!r} was not forgotten: charterm memory show lists those")
        opened.allow_document(document)
    tell({"document": document}, f"{document} may be learnt again", as_json)


@commands.command()
def never(
    pattern: Annotated[str, typer.Argument(help="A regular expression.")],
    remove: Annotated[bool, typer.Option("--remove", help="Drop the pattern again.")] = False,
    of: NameOption = "",
    as_json: JsonOption = False,
) -> None:
    """Never learn runs of characters in which PATTERN is found, and forget those there are."""
    with _changing(of) as opened:
        if remove and pattern not in opened.patterns:
            raise UsageError(
                f"{pattern!r} is not among the patterns: charterm memory show lists them"
            )
        others = [each for each in opened.patterns if each != pattern]
        opened.never_learn(others if remove else [*others, pattern])
    line = f"{len(opened.patterns)} patterns of your own are never learnt"
    tell({"never_learn": opened.patterns}, line, as_json)


@commands.command()
def reset(of: NameOption = "", as_json: JsonOption = False) -> None:
    """Forget everything that was learnt; the rules of what is never learnt stay."""
    with _changing(of) as opened:
        forgotten = sum(opened.documents.values())
        opened.reset()
    tell({"characters": forgotten}, f"forgot {forgotten:,} characters{_UNDO}", as_json)


@commands.command()
def undo(
    discard: Annotated[
        bool,
        typer.Option("--discard", help="Rather delete what it would bring back, for good."),
    ] = False,
    of: NameOption = "",
    as_json: JsonOption = False,
) -> None:
    """Undo the last change of the memory, such as a forgetting, within a day."""
    from charterm.adaptation import undoing

    opened = _open(of)
    if discard:
        gone = undoing.discard(opened.path)
        line = "what was forgotten is gone for good" if gone else "there was nothing to delete"
        tell({"discarded": gone}, line, as_json)
        return
    if not undoing.undo(opened):
        raise UsageError(
            "there is nothing to undo: the memory was not changed in the last day, or it was undone"
        )
    size = sum(opened.documents.values())
    tell({"characters": size}, f"undone: {size:,} characters are remembered", as_json)


@commands.command("export")
def export_file(
    file: Annotated[Path, typer.Argument(help="The file to write.")],
    of: NameOption = "",
    force: Annotated[bool, typer.Option("--force", help="Replace a file that exists.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Write the memory into one file, readable by you only."""
    opened = _open(of)
    if file.exists() and not force:
        raise UsageError(f"{file} exists already: choose another name, or add --force")
    opened.write(file)
    tell({"file": str(file)}, f"wrote {file}", as_json)


@commands.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="A file that charterm memory export wrote.")],
    of: NameOption = "",
    as_json: JsonOption = False,
) -> None:
    """Put an exported memory in the place of this one."""
    from charterm.adaptation.memory_file import read_memory

    with _changing(of) as opened:
        opened.restore(read_memory(file))
    size = sum(opened.documents.values())
    tell({"characters": size}, f"took over {size:,} characters of {file}", as_json)
