"""Runs in processes of their own: start, list, follow, pause, continue, stop. Without torch.

The command line and the training screen both use these functions.
"""

import contextlib
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from charterm.errors import ChartermError, UsageError
from charterm.model.library import find_model
from charterm.process_lock import LockedError
from charterm.text.corpus_options import CorpusOptions
from charterm.training.events import (
    Event,
    Failed,
    Finished,
    Paused,
    Step,
    Validation,
)
from charterm.training.run_folder import (
    EventLog,
    Request,
    RunFolder,
    Wish,
    all_run_folders,
    file_states,
    parse_events,
)
from charterm.training.settings import TrainSettings

State = Literal["running", "paused", "finished", "failed", "interrupted"]

_TAIL = 1 << 16  # bytes of events.jsonl that tell how far a run is
_POLL_SECONDS = 0.2
_START_SECONDS = 60.0  # a new process has taken its lock by then, on any machine
_CHILDREN: list[subprocess.Popen[bytes]] = []  # so that those that end leave no zombies


@dataclass(frozen=True)
class RunStatus:
    """A run as it is now.

    Attributes:
        name: of the run and of its model.
        state: ``running``, ``paused``, ``finished``, ``failed``, or ``interrupted`` where its
            process was killed; all but ``finished`` can be continued.
        message: what went wrong, in one line, where it failed.
        pid: process that works on it, or None.
        from_program: whether the program's screens began that process.
        progress: part of the budget used, 0 to 1.
        step: optimizer steps done.
        characters: trained on.
        train_nats: smoothed training loss, nats per character; None before the first step.
        validation_nats: of the last validation; None before the first.
        characters_per_second: at the last report.
        seconds: of training, pauses left out.
        seconds_left: estimate.
        created: when it was asked for, ISO 8601.
        folder: of the model.
    """

    name: str
    state: State
    message: str = ""
    pid: int | None = None
    from_program: bool = False
    progress: float = 0.0
    step: int = 0
    characters: int = 0
    train_nats: float | None = None
    validation_nats: float | None = None
    characters_per_second: float | None = None
    seconds: float = 0.0
    seconds_left: float | None = None
    created: str = ""
    folder: str = ""

    def to_json(self) -> dict[str, Any]:
        """The object as plain JSON values."""
        return asdict(self)


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
    command = [sys.executable, "-m", "charterm.training.run_process", run.name]
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
        time.sleep(_POLL_SECONDS / 4)
    return process.pid


def list_runs() -> list[RunStatus]:
    """Every run, the newest first."""
    statuses = [status_of(run) for run in all_run_folders()]
    return sorted(statuses, key=lambda status: status.created, reverse=True)


def list_running() -> list[RunStatus]:
    """The runs that go on now, in any process of this computer."""
    return [status_of(run) for run in all_run_folders() if run.holder() is not None]


def run_status(name: str) -> RunStatus:
    """One run. Raises UsageError if there is none of that name."""
    return status_of(RunFolder.existing(name))


def status_of(run: RunFolder) -> RunStatus:
    """The run as it is now, by its lock and its last events."""
    pid = run.holder()
    status = RunStatus(
        run.name,
        "running" if pid is not None else "interrupted",
        pid=pid,
        from_program=pid is not None and run.from_program,
        created=run.request().created,
        folder=str(run.model),
    )
    last: Event | None = None
    for event in _last_events(run):
        last = event
        if isinstance(event, Step):
            status = replace(
                status,
                progress=event.progress,
                step=event.step,
                characters=event.characters,
                train_nats=event.train_nats,
                characters_per_second=event.characters_per_second,
                seconds=event.seconds,
                seconds_left=event.seconds_left,
            )
        elif isinstance(event, Validation):
            status = replace(status, validation_nats=event.validation_nats)
        elif isinstance(event, Paused):
            status = replace(status, progress=event.progress, step=event.step)
        elif isinstance(event, Finished):
            status = replace(
                status,
                progress=1.0,
                step=event.facts["steps"],
                train_nats=event.facts["train_nats"],
                validation_nats=event.facts["validation_nats"],
                characters=event.facts["characters_seen"],
                seconds=event.facts["seconds"],
                seconds_left=0.0,
            )
    if pid is not None:
        return status
    if isinstance(last, Finished):
        return replace(status, state="finished")
    if isinstance(last, Paused):
        return replace(status, state="paused")
    if isinstance(last, Failed):
        return replace(status, state="failed", message=last.message)
    message = _last_words(run.process_log)
    return replace(status, state="failed", message=message) if message else status


def _last_events(run: RunFolder) -> Iterator[Event]:
    try:
        with run.events_file.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - _TAIL))
            content = file.read()
    except FileNotFoundError:
        return iter(())
    return parse_events(content)  # half a line at the beginning is passed over


def _last_words(log: Path) -> str:
    """The error that a process died of without an event, in one line; empty if there is none."""
    try:
        text = log.read_text("utf-8", "replace")
    except FileNotFoundError:
        return ""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    dead = lines and (lines[-1].startswith("charterm: ") or "Traceback" in text)
    return lines[-1].removeprefix("charterm: ") if dead else ""


def follow_events(name: str, stop: threading.Event | None = None) -> Iterator[Event]:
    """The events of a run from its beginning, each as soon as it happens.

    Ends when the run is neither going on nor about to. After a process was killed and the run
    continued, steps come again that were done already.

    Args:
        name: of the run.
        stop: ends the following when it is set.

    Raises:
        UsageError: there is no such run.
    """
    run = RunFolder.existing(name)
    stop = stop or threading.Event()
    held, position = b"", 0
    while not stop.is_set():
        going_on = run.holder() is not None  # asked first: what it wrote until then is read below
        content = b""
        with contextlib.suppress(FileNotFoundError), run.events_file.open("rb") as file:
            file.seek(position)
            content = file.read()
        position += len(content)
        whole, end, rest = (held + content).rpartition(b"\n")
        held = rest
        yield from parse_events(whole + end)
        if not going_on and not content:
            return
        stop.wait(_POLL_SECONDS)


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
        time.sleep(_POLL_SECONDS)
    return status_of(run)
