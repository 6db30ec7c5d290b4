"""The fall-back of the clipboard: a file with what was copied last.

A terminal takes copied text by an escape sequence (OSC 52) and never answers; many do nothing with
it, or only with some of a long text. So what is copied is also in a file, and the user is told.
"""

from pathlib import Path

from charterm import paths, storage
from charterm.i18n import ngettext

NAME = "clipboard.txt"


def sendable(text: str) -> str:
    """``text`` with what no encoding has, half characters, replaced by question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")


def counted(text: str) -> str:
    """What to say of a text that was copied."""
    said = ngettext("{n} character copied.", "{n} characters copied.", len(text))
    return said.format(n=f"{len(text):,}")


def keep(text: str) -> Path:
    """Write the file and return where it is. Raises ChartermError."""
    path = paths.data_dir() / NAME
    storage.write_text(path, text, mode=0o600)
    return path
