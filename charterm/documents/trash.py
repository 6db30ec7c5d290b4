"""Deleted texts, which can be brought back for a while.

Each waits in a folder of its own, ``STAMP~NAME``, beside the folder of texts, so that deleting and
bringing back is a move. The text itself moves last: a crash between leaves it where it was.
"""

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from charterm.documents.store import TextStore, shown_name
from charterm.errors import ChartermError, UsageError

KEPT_DAYS: Final = 30
"""How long a deleted text can be brought back."""

_STAMP: Final = "%Y%m%dT%H%M%S.%fZ"
_STAMP_END: Final = "~"
_TEXT: Final = "text.txt"
_STATE: Final = "state.json"


@dataclass(frozen=True)
class DeletedText:
    """A text in the trash: its name, the folder it is in now, and when it was deleted (UTC)."""

    name: str
    folder: Path
    time: datetime


def trash_dir(store: TextStore) -> Path:
    """Where deleted texts wait."""
    return store.folder.with_name("deleted-texts")


def delete_text(store: TextStore, name: str, text: str | None = None) -> DeletedText:
    """Move a text and its state into the trash; the file that it belongs to stays.

    What was deleted more than :data:`KEPT_DAYS` ago goes for ever.

    Args:
        store: has the text.
        name: of the text.
        text: what the user saw of it; None deletes it whatever it is.

    Raises:
        ChartermError: the disk refused, or another window has changed it; it is where it was.
    """
    now = datetime.now(UTC)
    for old in deleted_texts(store):
        if now - old.time > timedelta(days=KEPT_DAYS):
            shutil.rmtree(old.folder, ignore_errors=True)
    folder = trash_dir(store) / f"{now.strftime(_STAMP)}{_STAMP_END}{name}"
    state = store.state_path(name)
    try:
        content = store.path(name).read_bytes()
        if text is not None and content != text.encode("utf-8", "surrogatepass"):
            raise ChartermError(
                "{name} was changed in another window: look at it before you delete it",
                name=shown_name(name),
            )
        folder.mkdir(parents=True)
        if state.is_file():
            shutil.copyfile(state, folder / _STATE)
        store.path(name).rename(folder / _TEXT)
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise ChartermError(
            "cannot delete {path}: {reason}", path=store.path(name), reason=error
        ) from error
    store.delete(name)
    return DeletedText(name, folder, now)


def deleted_texts(store: TextStore) -> list[DeletedText]:
    """The texts in the trash, the last deleted first."""
    found = []
    for folder in trash_dir(store).glob(f"*{_STAMP_END}*"):
        stamp, _, name = folder.name.partition(_STAMP_END)
        try:
            time = datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC)
        except ValueError:  # not of ours
            continue
        if name and (folder / _TEXT).is_file():
            found.append(DeletedText(name, folder, time))
    return sorted(found, key=lambda deleted: deleted.time, reverse=True)


def restore_text(store: TextStore, name: str = "") -> str:
    """Bring a deleted text back: the last one of this name, or the last of all.

    Returns:
        Its name, another one where a text has the old one by now.

    Raises:
        UsageError: there is none.
        ChartermError: the disk refused; the text is still in the trash.
    """
    trash = deleted_texts(store)
    found = next((each for each in trash if name in ("", each.name)), None)
    if found is None and name and trash:
        known = ", ".join(dict.fromkeys(each.name for each in trash))
        raise UsageError("no deleted text named {name}; there are: {known}", name=name, known=known)
    if found is None:
        raise UsageError("there is no deleted text to bring back")
    name = store.free_name(found.name)
    try:
        store.folder.mkdir(parents=True, exist_ok=True)
        if (found.folder / _STATE).is_file():
            shutil.copyfile(found.folder / _STATE, store.state_path(name))
        (found.folder / _TEXT).rename(store.path(name))
    except OSError as error:
        raise ChartermError(
            "cannot bring {name} back: {reason}", name=shown_name(name), reason=error
        ) from error
    shutil.rmtree(found.folder, ignore_errors=True)
    return name
