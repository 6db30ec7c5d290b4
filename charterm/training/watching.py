"""How far runs are, and their events as they happen. Without torch."""

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal

from charterm.training.events import Event, Failed, Finished, Paused, Step, Validation
from charterm.training.run_folder import RunFolder, all_run_folders, parse_events

State = Literal["running", "paused", "finished", "failed", "interrupted"]

POLL_SECONDS: Final = 0.2
"""Between two looks at what a process does."""

_TAIL: Final = 1 << 16  # bytes of events.jsonl that tell how far a run is


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
        stop.wait(POLL_SECONDS)
