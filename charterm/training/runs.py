"""Runs in processes of their own: start, pause, continue, stop. Without torch.

The command line and the training screen both use these functions; how far runs are is told by
:mod:`charterm.training.watching`.
"""

import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from charterm.errors import ChartermError, UsageError
from charterm.model.library import find_model
from charterm.process_lock import LockedError
from charterm.text.corpus_options import CorpusOptions
from charterm.training.events import Finished
from charterm.training.run_folder import EventLog, Request, RunFolder, Wish, file_states
from charterm.training.settings import TrainSettings
from charterm.training.watching import POLL_SECONDS, RunStatus, status_of

_START_SECONDS: Final = 60.0  # a new process has taken its lock by then, on any machine
_CHILDREN: list[subprocess.Popen[bytes]] = []  # so that those that end leave no zombies


def create_run(
    name: str,
    paths: Sequence[Path],
    options: CorpusOptions,
    settings: TrainSettings,
    *,
    description: str = "",
    base: str = "",
    recall: Sequence[Path] = (),
    overwrite: bool = False,
) -> RunFolder:
    """Write down a new run; nothing is trained yet.

    Args:
        name: of the run and of its model.
        paths: text files and folders of them.
        options: how they become a corpus.
        settings: of the training.
        description: a sentence for the library.
        base: name or path of a model to train further; empty for a new one.
        recall: files on which it is measured what the base still knows.
        overwrite: replace the run and, when there is something to save, the model of this name.

    Raises:
        UsageError: the name is bad or taken, or there is no such base.
        LockedError: a process is training that model.
        ChartermError: a path is missing or holds no text.
    """
    run = RunFolder.named(name)
    if base:
        entry = find_model(base)
        base = (
            base if entry.folder.parent == run.model.parent or entry.starter else str(entry.folder)
        )
    given = tuple(str(path.expanduser().resolve()) for path in paths)
    recalled = tuple(str(path.expanduser().resolve()) for path in recall)
    if recalled and not base:
        raise UsageError("--recall measures what a model forgets: it needs --from MODEL")
    if recalled:
        file_states(recalled)
    require_free(run)
    if not overwrite and _is_unfinished(run):
        raise UsageError(
            "there is an unfinished training of {name!r}: go on with --resume "
            "{name}, choose another --name, or --overwrite it",
            name=name,
        )
    if not overwrite and run.model.exists():
        raise UsageError(
            "there is a model named {name!r} already: choose another --name, or --overwrite it",
            name=name,
        )
    request = Request(
        given,
        options,
        settings,
        description,
        base,
        recalled,
        file_states(given),
        datetime.now(UTC).isoformat(timespec="seconds"),
    )
    with run.locked():
        run.begin(request)
    return run


def _is_unfinished(run: RunFolder) -> bool:
    return run.exists and status_of(run).state != "finished"


def require_free(run: RunFolder) -> None:
    """Raise LockedError if a process works on the run."""
    other = run.holder()
    if other is not None:
        raise LockedError(
            "process {other} is training {name}: pause or stop it first", other=other, name=run.name
        )


def start_run(run: RunFolder, *, old_text: bool = False, from_program: bool = False) -> int:
    """Do a run, or go on with it, in a process of its own that outlives this one.

    Args:
        run: with its request.
        old_text: go on with the text as it was when the run began, though the files have changed.
        from_program: whether the program's screens begin it, which then ask about it at the end.

    Returns:
        The process's number, when it has begun to work on the run.

    Raises:
        LockedError: a process is at it already.
        ChartermError: the text has changed since the run began, or the process failed at once.
    """
    require_free(run)
    run.require_same_text(old_text=old_text)
    _CHILDREN[:] = [child for child in _CHILDREN if child.poll() is None]
    command = [sys.executable, "-P", "-m", "charterm.training.run_process", run.name]
    with run.process_log.open("wb") as log:
        process = subprocess.Popen(
            command + ["--old-text"] * old_text,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    _CHILDREN.append(process)
    if from_program:
        run.keep_process_of_program(process.pid)
    deadline = time.monotonic() + _START_SECONDS
    while run.holder() != process.pid and time.monotonic() < deadline:
        if process.poll() not in (None, 0):
            status = status_of(run)
            raise ChartermError(status.message or f"the training of {run.name} did not start")
        if process.returncode == 0:  # so short a run that it has ended
            break
        time.sleep(POLL_SECONDS / 4)
    return process.pid


def pause_run(name: str, *, wait: float = 600.0) -> RunStatus:
    """Let a running run write a checkpoint and end; it can be continued.

    Args:
        name: of the run.
        wait: seconds to wait for it.

    Raises:
        UsageError: it is not running.
        ChartermError: it did not end in time.
    """
    run = RunFolder.existing(name)
    if run.holder() is None:
        raise UsageError(
            "the training of {name} is not running: it is {state}",
            name=name,
            state=status_of(run).state,
        )
    return _ask(run, "pause", wait)


def continue_run(name: str, *, old_text: bool = False, from_program: bool = False) -> int:
    """Go on with a run in a process of its own; all as of :func:`start_run`.

    Raises:
        UsageError: it is finished.
    """
    return start_run(resumable_run(name), old_text=old_text, from_program=from_program)


def resumable_run(name: str) -> RunFolder:
    """The run of that name, which is not finished.

    Raises:
        UsageError: there is none, or it is finished.
    """
    run = RunFolder.existing(name)
    if status_of(run).state == "finished":
        raise UsageError(
            "the training of {name} is finished: train the model further with --from {name}",
            name=name,
        )
    return run


def stop_run(name: str, *, wait: float = 600.0) -> RunStatus:
    """Finish a run before its budget is used up, with the model as it is.

    A running one does its final validation first. Of one that is not running, the model in the
    library stays, and what continuing would need is removed.

    Args:
        name: of the run.
        wait: seconds to wait for a running one.

    Raises:
        UsageError: there is no such run, it is finished, or it has no model yet.
        ChartermError: it did not end in time.
    """
    run = resumable_run(name)
    if run.holder() is not None:
        return _ask(run, "stop", wait)
    if not run.checkpoint.exists():
        raise UsageError(
            "the training of {name} has no model yet: continue it, or remove it with "
            "charterm runs delete {name}",
            name=name,
        )
    from charterm.model.folder import load_info  # needs NumPy, which a listing does not

    with run.locked(), EventLog(run) as log:
        log.append(Finished("stopped", str(run.model), load_info(run.model).training))
        run.checkpoint.unlink()
    return status_of(run)


def delete_run(name: str) -> None:
    """Forget a run that is not running; its model stays.

    Raises:
        UsageError: there is none, or it is running.
    """
    run = RunFolder.existing(name)
    if run.holder() is not None:
        raise UsageError("the training of {name} is running: pause or stop it first", name=name)
    shutil.rmtree(run.path)


def _ask(run: RunFolder, wish: Wish, wait: float) -> RunStatus:
    run.wish(wish)
    deadline = time.monotonic() + wait
    while run.holder() is not None:
        if time.monotonic() > deadline:
            raise ChartermError(
                "the training of {name} has not ended after {wait:.0f} seconds; it "
                "will when it has done what it is at",
                name=run.name,
                wait=wait,
            )
        time.sleep(POLL_SECONDS)
    return status_of(run)
