"""What the training screen does on threads: following a run, and what people want of one.

Nothing here knows a widget. Wishes return what to say when they are fulfilled.
"""

import collections
import contextlib
import itertools
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from textual.worker import Worker

from charterm import storage
from charterm.errors import ChartermError
from charterm.i18n import _
from charterm.training import runs, watching
from charterm.training.events import Event
from charterm.training.model_changes import delete_model
from charterm.tui.train_fields import Wanted
from charterm.tui.typed_paths import new_file


class _Stop(threading.Event):
    """Is set, or its worker is cancelled, as all are when the program ends."""

    def __init__(self, worker: Worker[Any]) -> None:
        super().__init__()
        self._worker = worker

    def is_set(self) -> bool:
        return super().is_set() or self._worker.is_cancelled


def follow(name: str, events: "collections.deque[Event]", worker: Worker[Any]) -> None:
    """Put the events of a run into a queue, until it ends or the worker is cancelled."""
    with contextlib.suppress(ChartermError):  # it was removed meanwhile: the next list tells
        for event in watching.follow_events(name, _Stop(worker)):
            events.append(event)


def start(asked: Wanted, paths: Sequence[Path]) -> str:
    """Begin a training in a process of its own."""
    run = runs.create_run(asked.name, paths, asked.options, asked.settings, base=asked.base)
    runs.start_run(run, from_program=True)
    return _("{name} is being trained.").format(name=asked.name)


def pause(name: str) -> str:
    """Pause a running training."""
    if runs.pause_run(name).state == "finished":  # it came to its end just then
        return _("The training of {name} is finished.").format(name=name)
    return _("{name} is paused; it can be continued at any time.").format(name=name)


def pause_all(names: Sequence[str]) -> str:
    """Pause several."""
    for name in names:
        runs.pause_run(name)
    return _("Paused.")


def go_on(name: str) -> str:
    """Go on with a training that is not running."""
    runs.continue_run(name, from_program=True)
    return _("{name} goes on.").format(name=name)


def stop(name: str) -> str:
    """Finish a training with the model as it is."""
    runs.stop_run(name)
    return _("{name} is finished; its model is in the library.").format(name=name)


def discard(name: str, *, running: bool, model: bool) -> str:
    """Stop, forget, delete: what belongs to a run that nobody wants."""
    if running:
        runs.pause_run(name)
    runs.delete_run(name)
    if model:
        delete_model(name)
        return _("{name} is discarded; its model is in the trash.").format(name=name)
    return _("{name} is discarded.").format(name=name)


def free_file(folder: Path, name: str, ending: str) -> Path:
    """``NAME.ENDING``, or the first of ``NAME-2.ENDING``, ... that is not there yet."""
    names = itertools.chain([name], (f"{name}-{number}" for number in itertools.count(2)))
    return next(path for each in names if not (path := folder / f"{each}.{ending}").exists())


def write_new(typed: str, name: str, content: Callable[[], str]) -> str:
    """Write a file that is not there yet; ``name`` is that of the file in a folder.

    Raises:
        UsageError: it is there, or no file was named.
        ChartermError: the disk refuses.
    """
    path = new_file(typed, name)
    storage.write_text(path, content())
    return _("Written to {path}.").format(path=path)
