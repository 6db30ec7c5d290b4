"""``charterm write`` opens texts in the program; ``charterm documents`` looks after them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from charterm.cli.options import JsonOption, declared
from charterm.cli.output import narrate, print_json, print_table
from charterm.cli.quick import NEW, PROGRAM_MODEL
from charterm.errors import UsageError
from charterm.text.display import visible

if TYPE_CHECKING:
    from charterm.documents.store import SavedText, TextInfo, TextStore

commands = typer.Typer(
    name="documents",
    help="The texts of the Write screen: list, show, find, save, delete, restore.",
    rich_markup_mode=None,
)

NameArgument = Annotated[
    str, typer.Argument(metavar="NAME", help="The text's name in the list, or its file's.")
]


def _store() -> "TextStore":
    from charterm.documents.store import TextStore

    return TextStore()


def _loaded(name: str) -> "tuple[TextStore, SavedText]":
    store = _store()
    return store, store.load(store.find(name).name)


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command("write")(write)
    app.add_typer(commands)


def write(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FILE]...", help="Text files; what does not exist is begun."),
    ] = None,
    model: Annotated[str, declared(PROGRAM_MODEL)] = PROGRAM_MODEL.default,
    new: Annotated[bool, declared(NEW)] = NEW.default,
) -> None:
    """Open the program on the Write screen, with files if you name some."""
    from charterm.cli.opening import open_program

    open_program(model, files or (), new=new)


def _facts(store: "TextStore", info: "TextInfo") -> dict[str, Any]:
    from charterm.documents.store import count_words

    saved = store.load(info.name)
    counts = saved.statistics
    return {
        "name": info.name,
        "file": str(info.file) if info.file is not None else None,
        "used": info.used,
        "model": info.model,
        "characters": len(saved.text),
        "words": count_words(saved.text),
        "typed": counts.typed,
        "keys_saved": counts.keys_saved,
        "suggestions_shown": counts.shown,
        "suggestions_accepted": counts.accepted,
        "bits_per_character": counts.bits_per_character,
        "beginning": info.beginning,
    }


@commands.callback(invoke_without_command=True)
def documents(context: typer.Context, as_json: JsonOption = False) -> None:
    """List the texts (the same as ``charterm documents list``)."""
    if context.invoked_subcommand is None:
        list_documents(as_json=as_json)


@commands.command("list")
def list_documents(as_json: JsonOption = False) -> None:
    """List the texts, the one used last first, with their files, models and statistics."""
    store = _store()
    found = [_facts(store, info) for info in store.texts()]
    if as_json:
        print_json(found)
        return
    if not found:
        narrate("no texts yet: charterm write begins one")
        return
    from datetime import datetime

    print_table(
        ("name", "words", "keys saved", "bits/char", "used", "file"),
        (
            (
                facts["name"],
                f"{facts['words']:,}",
                f"{facts['keys_saved']:,}",
                "" if facts["bits_per_character"] is None else f"{facts['bits_per_character']:.2f}",
                datetime.fromtimestamp(facts["used"]).strftime("%Y-%m-%d %H:%M"),
                facts["file"] or "",
            )
            for facts in found
        ),
        right="lrrrll",
    )


@commands.command("show")
def show_document(name: NameArgument) -> None:
    """Print a text."""
    saved = _loaded(name)[1]
    typer.echo(saved.text.encode("utf-8", "replace"), nl=not saved.text.endswith("\n"))


@commands.command("find")
def find_in_documents(
    words: Annotated[str, typer.Argument(metavar="TEXT", help="What to find.")],
    name: Annotated[
        str, typer.Option("--in", metavar="NAME", help="Only in the text of this name.")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Find words in the texts, with the line of each hit. Small letters find capitals too."""
    from charterm.documents.search import find_hits, pattern_of

    pattern = pattern_of(words)
    if pattern is None:
        raise UsageError("no words to find: give some")
    store = _store()
    infos = [store.find(name)] if name else store.texts()
    found = []
    for info in infos:
        text = store.load(info.name).text
        for start, end in find_hits(pattern, text):
            begin, stop = text.rfind("\n", 0, start) + 1, text.find("\n", end)
            line = text[begin : stop if stop >= 0 else len(text)]
            number = text.count("\n", 0, start) + 1
            found.append({"name": info.name, "line": number, "start": start, "text": line})
    if as_json:
        print_json(found)
        return
    for hit in found:
        print(f"{hit['name']}:{hit['line']}: {visible(str(hit['text']))}")
    narrate(f"{len(found):,} hits")


@commands.command("save")
def save_document(
    name: NameArgument,
    file: Annotated[
        Path | None,
        typer.Argument(help="Another file, which the text belongs to from then on."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace what is in the file, whatever it is.")
    ] = False,
) -> None:
    """Save a text to the file it belongs to, or to another one."""
    from dataclasses import replace

    from charterm.documents import files
    from charterm.errors import ChartermError

    store, saved = _loaded(name)
    link = saved.file
    if file is not None:
        path = files.absolute(file)
        link = link if link is not None and link.path == path else files.LinkedFile(path)
    if link is None:
        raise UsageError(
            f"{name} belongs to no file: name one, charterm documents save {name} FILE"
        )
    try:
        written = files.write_file(saved.text, link, overwrite=force)
    except (files.FileChangedError, files.UnopenedFileError) as error:
        raise ChartermError(f"{error}: --force replaces it") from error
    store.save(replace(saved, file=written))
    narrate(f"saved to {written.path}")


@commands.command("delete")
def delete_document(name: NameArgument) -> None:
    """Move a text into the trash; charterm documents restore brings it back."""
    from charterm.documents.trash import KEPT_DAYS, delete_text

    store = _store()
    info = store.find(name)
    delete_text(store, info.name)
    stays = f"; {info.file} stays" if info.file is not None else ""
    narrate(
        f"deleted {info.name}{stays}; charterm documents restore {info.name} brings it back "
        f"within {KEPT_DAYS} days"
    )


@commands.command("restore")
def restore_document(
    name: Annotated[
        str,
        typer.Argument(
            metavar="[NAME]", help="The text; the last deleted one by default.", show_default=False
        ),
    ] = "",
) -> None:
    """Bring a deleted text back."""
    from charterm.documents.trash import restore_text

    narrate(f"{restore_text(_store(), name)} is back")
