"""Opens the program for the command line."""

from collections.abc import Sequence
from pathlib import Path


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
    from charterm.tui.app import run

    run(model or None, paths, new=new)
