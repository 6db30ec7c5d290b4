"""``charterm story`` opens one in the program; ``charterm stories`` does all that it does there."""

import inspect
from pathlib import Path
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
from charterm.cli.given import load_settings
from charterm.cli.options import DEFAULT_MODEL, JsonOption, ModelOption, declared
from charterm.cli.output import narrate, print_json, print_table, tell
from charterm.cli.quick import NEW_STORY, PROGRAM_MODEL
from charterm.cli.story_facts import (
    IdArgument,
    TurnArgument,
    check_turn,
    facts,
    open_store,
    open_story,
    turn_facts,
)
from charterm.errors import ChartermError, UsageError
from charterm.text.display import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from charterm.story.tree import Turn

commands = typer.Typer(name="stories", help="Write and look after stories.", rich_markup_mode=None)


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command("story")(open_in_program)
    app.add_typer(commands)


def open_in_program(
    id: Annotated[
        int | None,
        typer.Argument(
            metavar="[ID]",
            min=0,
            help="The story's number in charterm stories; the last written by default.",
        ),
    ] = None,
    model: Annotated[str, declared(PROGRAM_MODEL)] = PROGRAM_MODEL.default,
    new: Annotated[bool, declared(NEW_STORY)] = NEW_STORY.default,
) -> None:
    """Open the program on the Story screen, with one of the stories."""
    from charterm.cli.opening import open_on_story

    open_on_story(model, id, new=new)


@commands.callback(invoke_without_command=True)
def stories(context: typer.Context, as_json: JsonOption = False) -> None:
    """List the stories (the same as ``charterm stories list``)."""
    if context.invoked_subcommand is None:
        list_stories(as_json=as_json)


@commands.command("list")
def list_stories(
    search: Annotated[
        str, typer.Option("--search", help="Only those with this in the title or text.")
    ] = "",
    deleted: Annotated[bool, typer.Option("--deleted", help="Those in the trash.")] = False,
    as_json: JsonOption = False,
) -> None:
    """List the stories, the last written first."""
    with open_store() as store:
        found = store.deleted() if deleted else store.stories(search)
    if as_json:
        print_json([facts(info) for info in found])
    elif not found:
        narrate("no stories" + (f" with {search!r}" if search else ": charterm stories new"))
    else:
        from datetime import datetime

        print_table(
            ("id", "title", "turns", "written"),
            (
                (
                    str(info.id),
                    info.title or "untitled",
                    str(info.turns),
                    datetime.fromtimestamp(info.updated).strftime("%Y-%m-%d %H:%M"),
                )
                for info in found
            ),
            right="rlrl",
        )


@commands.command()
def show(id: IdArgument, as_json: JsonOption = False) -> None:
    """Print a story as it is read now."""
    with open_store() as store:
        info, tree = store.info(id), store.load(id)
    if as_json:
        print_json(
            {**facts(info), "head": tree.head, "path": [turn_facts(turn) for turn in tree.path]}
        )
    else:
        print(visible(tree.text, lines=True))


@commands.command()
def tree(id: IdArgument, as_json: JsonOption = False) -> None:
    """Print every turn of a story; a star marks those that are read now."""
    from charterm.story.outline import beginning, outline

    with open_store() as store:
        loaded = store.load(id)
    if as_json:
        print_json({"head": loaded.head, "turns": [turn_facts(turn) for turn in loaded.turns]})
        return
    on_path = {turn.id for turn in loaded.path}
    rows = []
    for branch in outline(loaded):
        turn: int | None = branch.turn
        while turn is not None:
            told = loaded[turn]
            rows.append(
                (
                    str(turn),
                    "*" if turn in on_path else "",
                    told.author,
                    "  " * branch.depth + visible(beginning(loaded, turn)[:60]),
                )
            )
            following = loaded.children(turn)
            turn = following[0].id if turn != branch.last else None
    print_table(("turn", "", "author", "text"), rows, right="rlll")


@commands.command()
def new(
    title: Annotated[str, typer.Argument(help="Its title; else its first words.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Begin a story."""
    with open_store() as store:
        id = store.create(title)
    tell({"id": id, "title": title}, f"story {id}: charterm stories say {id} TEXT", as_json)


@commands.command()
def say(
    id: IdArgument,
    text: Annotated[str, typer.Argument(help="What the writer adds.")],
    as_json: JsonOption = False,
) -> None:
    """Add a turn of the writer's at the end."""
    if not text:
        raise UsageError("no text: a turn has at least one character")
    with open_store() as store:
        turn = open_story(store, id).say(text)
    tell(turn_facts(turn), f"turn {turn.id}", as_json)


def write(
    id: int,
    preset: str | None = None,
    retry: bool = False,
    model: str = DEFAULT_MODEL,
    as_json: bool = False,
    **given: Any,
) -> None:
    """Let the model write the next turn; of several alternatives the first is read on.

    Without a preset or a method it writes as the setting write.preset says.
    """
    from charterm.cli.given import load
    from charterm.decoding.presets import preset_or_usual
    from charterm.settings import Settings, schema
    from charterm.story.narrator import Narrator
    from charterm.story.tree import MODEL

    usual = None
    if preset is None and given["method"] is None:
        usual = preset_or_usual(Settings.load().get(schema.PRESET))
    controls = chosen_controls(preset, given, usual)
    with open_store() as store:
        story = open_story(store, id)
        head = story.head
        after = story.tree.head
        if retry and head is not None and head.author == MODEL:
            after = head.parent
        narrator = Narrator(load(model), story)
        turns: list[Turn] = []
        for told in narrator.go_on(controls, after=after):
            if told.turn is not None and told.turn.id not in [turn.id for turn in turns]:
                turns.append(told.turn)
        if not turns and story.tree.head != after:  # a search tells no single turn
            turns = story.tree.children(after)[-controls.n :]
        written = [story.tree[turn.id] for turn in turns]
    if as_json:
        print_json([turn_facts(turn) for turn in written])
        return
    for turn in written:
        print_text(f"turn {turn.id}", turn.text)


_RETRY = typer.Option("--retry", help="The last turn again; the old one stays as a branch.")

set_signature(
    write,
    [
        parameter("id", IdArgument, inspect.Parameter.empty),
        parameter("preset", Annotated[str | None, PRESET], None),
        parameter("retry", Annotated[bool, _RETRY], False),
        *control_parameters(),
        parameter("model", ModelOption, DEFAULT_MODEL),
        parameter("as_json", JsonOption, False),
    ],
)
commands.command()(write)


@commands.command()
def edit(
    id: IdArgument,
    turn: TurnArgument,
    text: Annotated[str, typer.Argument(help="What is to stand there.")],
    as_json: JsonOption = False,
) -> None:
    """Put a text in the place of a turn's; the turn as it was stays as a branch."""
    with open_store() as store:
        story = open_story(store, id)
        check_turn(story, turn)
        edited = story.edit(turn, text)
    tell(turn_facts(edited), f"turn {edited.id}", as_json)


@commands.command()
def go(id: IdArgument, turn: TurnArgument, as_json: JsonOption = False) -> None:
    """Let a story end with a turn, to go on from there."""
    with open_store() as store:
        story = open_story(store, id)
        check_turn(story, turn)
        story.go(turn)
    tell({"id": id, "head": turn}, f"story {id} ends with turn {turn} now", as_json)


def _step(id: int, forward: bool, as_json: bool) -> None:
    with open_store() as store:
        story = open_story(store, id)
        if not (story.redo() if forward else story.undo()):
            raise ChartermError(f"nothing to {'redo' if forward else 'undo'} in story {id}")
        head = story.tree.head
    where = f"story {id} ends with turn {head} now" if head else f"story {id} is empty now"
    tell({"id": id, "head": head}, where, as_json)


@commands.command()
def undo(id: IdArgument, as_json: JsonOption = False) -> None:
    """Go back to the story before the last change."""
    _step(id, False, as_json)


@commands.command()
def redo(id: IdArgument, as_json: JsonOption = False) -> None:
    """Take the last undo back."""
    _step(id, True, as_json)


@commands.command()
def surprise(
    id: IdArgument,
    turn: Annotated[
        int, typer.Argument(metavar="[TURN]", help="The turn; the last by default.")
    ] = 0,
    top: Annotated[int, typer.Option("--top", min=0, help="Characters in each place.")] = 3,
    model: ModelOption = DEFAULT_MODEL,
    as_json: JsonOption = False,
) -> None:
    """Print how surprising each character of a turn was, in bits, and what was expected."""
    from charterm.cli.given import load
    from charterm.story.narrator import Narrator

    with open_store() as store:
        story = open_story(store, id)
        at = turn or story.tree.head
        if at is None:
            raise UsageError(f"story {id} is empty")
        check_turn(story, at)
        narrator = Narrator(load(model), story)
        rows = list(_surprises(narrator, at, top))
    if as_json:
        print_json(
            [
                {
                    "text": text,
                    "bits": bits,
                    "expected": [{"text": t, "probability": p} for t, p in expected],
                }
                for text, bits, expected in rows
            ]
        )
        return
    print_table(
        ("", "bits", "expected"),
        (
            (
                visible(text, spaces=True),
                f"{bits:.2f}",
                "  ".join(f"{visible(t, spaces=True)} {p:.0%}" for t, p in expected),
            )
            for text, bits, expected in rows
        ),
        right="lr",
    )


def _surprises(
    narrator: Any, turn: int, top: int
) -> "Iterator[tuple[str, float, list[tuple[str, float]]]]":
    import math

    logprobs = narrator.logprobs(turn)
    for offset, character in enumerate(narrator.story.tree[turn].text):
        expected = narrator.alternatives(turn, offset, top)[0] if top else []
        yield character, -float(logprobs[offset]) / math.log(2), expected


@commands.command("export")
def export_file(
    id: IdArgument,
    file: Annotated[
        Path, typer.Argument(help="The file: .md for Markdown, else plain text; - for stdout.")
    ],
    names: Annotated[
        bool, typer.Option("--names", help="Say of each part who wrote it, you or the model.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that exists.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Write a story as it is read now into a text or Markdown file."""
    from charterm import i18n, storage
    from charterm.settings.schema import LANGUAGE
    from charterm.story.exchange import author_names, export

    if names:  # as the program would call them
        i18n.use(load_settings().get(LANGUAGE))
    with open_store() as store:
        called = author_names() if names else None
        content = export(store, id, markdown=file.suffix.lower() == ".md", names=called)
    if str(file) == "-":
        print(content, end="")
        return
    if file.exists() and not force:
        raise UsageError(f"{file} exists: choose another name, or --force")
    storage.write_text(file, content)
    tell({"exported": id, "file": str(file)}, f"wrote {file}", as_json)


@commands.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="A text file.")],
    title: Annotated[str, typer.Option("--title", help="By default the file's name.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Make a story of a text file, to go on from anywhere."""
    from charterm.story.exchange import import_text
    from charterm.text.reading import read_text_file

    text = read_text_file(file).text
    with open_store() as store:
        story = import_text(store, text, title or file.stem)
        turns = len(story.tree)
    tell({"id": story.id, "turns": turns}, f"story {story.id}, {turns} turns", as_json)


@commands.command()
def rename(
    id: IdArgument,
    title: Annotated[str, typer.Argument(help="Its new title.")],
    as_json: JsonOption = False,
) -> None:
    """Give a story another title."""
    with open_store() as store:
        store.rename(id, title)
    tell({"id": id, "title": title}, f"story {id} is {title} now", as_json)


@commands.command()
def delete(id: IdArgument, as_json: JsonOption = False) -> None:
    """Move a story into the trash; charterm stories restore brings it back for 30 days."""
    with open_store() as store:
        store.delete(id)
    tell({"deleted": id}, f"deleted; charterm stories restore {id} brings it back", as_json)


@commands.command()
def restore(
    id: Annotated[
        int, typer.Argument(metavar="[ID]", help="The story; the last deleted by default.")
    ] = 0,
    as_json: JsonOption = False,
) -> None:
    """Bring a deleted story back."""
    with open_store() as store:
        deleted = store.deleted()
        if not id and not deleted:
            raise ChartermError("no story is in the trash")
        id = id or deleted[0].id
        store.restore(id)
        title = store.info(id).title
    tell({"restored": id, "title": title}, f"story {id}, {title}, is back", as_json)
