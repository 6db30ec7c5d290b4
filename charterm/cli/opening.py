"""Opens the program for the command line."""

from collections.abc import Sequence
from pathlib import Path

from charterm.errors import UsageError


def open_program(model: str = "", files: Sequence[str | Path] = (), *, new: bool = False) -> None:
    """Open the program on the writing screen and stay until the user leaves.

    Args:
        model: name of the model that completes; where empty, that of the text or the settings.
        files: text files to open; what does not exist is begun.
        new: whether to begin a new text.

    Raises:
        UsageError: the program does not run in a terminal.
        ChartermError: a file cannot be read, or the program ended and could not save.
    """
    paths = tuple(Path(file) for file in files)
    if paths:
        from charterm.documents.files import read_file

        for path in paths:
            read_file(path, new=True)  # what is wrong with it is told before the screen changes
    from charterm.tui.running import run

    run(model or None, paths, new=new)


def open_on_story(model: str = "", story: int | None = None, *, new: bool = False) -> None:
    """Open the program on the story screen and stay until the user leaves.

    Args:
        model: name of the model that writes; where empty, that of the settings.
        story: number of the story; by default the last written.
        new: whether to begin a new one.

    Raises:
        UsageError: the program does not run in a terminal, or a story and a new one are asked for.
        ChartermError: there is no such story, or the program ended and could not save.
    """
    if story is not None:
        if new:
            raise UsageError("open a story or begin a new one; leave out ID or --new")
        from charterm.story.store import StoryStore

        with StoryStore() as store:
            store.info(story)  # what is wrong with it is told before the screen changes
    from charterm.tui.running import run_story

    run_story(model or None, story, new=new)
