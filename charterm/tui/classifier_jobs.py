"""Long work on classifiers in a process of its own; see :mod:`charterm.classify.process`.

Jobs know no widgets; see :mod:`charterm.tui.jobs`.
"""

from __future__ import annotations

import contextlib
import json
import queue
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from charterm import storage
from charterm.errors import ChartermError
from charterm.i18n import _
from charterm.tui.jobs import Advance, Job

if TYPE_CHECKING:
    from charterm.classify.judged import JudgedTexts

MOST_CHARACTERS: Final = 20_000
"""Of a file that is judged as one text: reading more would take minutes and say no more."""

_POLL_SECONDS: Final = 0.1
_LAST_WORDS: Final = 20  # lines of what a process that broke wrote


@dataclass(frozen=True)
class Trained:
    """A classifier was trained.

    Attributes:
        name: its name.
        facts: how it was trained and how well it does.
    """

    name: str
    facts: dict[str, Any]


@dataclass(frozen=True)
class FileJudged:
    """Every text of a file was judged."""

    path: Path


@dataclass(frozen=True)
class TextRead:
    """A file was read to be judged as one text.

    Attributes:
        path: the file.
        text: its text, or the beginning of it.
        left_out: characters after that.
    """

    path: Path
    text: str
    left_out: int


@dataclass(frozen=True)
class Exported:
    """A table was written."""

    path: Path


def reading(path: Path) -> Job:
    """Read a file; the result is a :class:`TextRead`."""

    def read(_advance: Advance) -> object:
        from charterm.text.reading import read_text_file

        text = read_text_file(path).text
        return TextRead(path, text[:MOST_CHARACTERS], max(0, len(text) - MOST_CHARACTERS))

    return read


def exporting(texts: JudgedTexts, places: list[int], path: Path) -> Job:
    """Write some of the texts as CSV; the result is an :class:`Exported`."""

    def export(_advance: Advance) -> object:
        storage.write_text(path, texts.to_csv(places))
        return Exported(path)

    return export


def training(path: Path, name: str, methods: tuple[str, ...]) -> Job:
    """Train a classifier; the result is a :class:`Trained`."""

    def train(advance: Advance) -> object:
        from charterm.classify.library import remove_leftovers
        from charterm.classify.process import TrainRequest, to_line

        facts: dict[str, Any] = {}
        try:
            for values in _told(to_line(TrainRequest(str(path), name, methods)), advance):
                facts = values.get("result", facts)
        finally:
            remove_leftovers(name)
        return Trained(name, facts)

    return train


def judging(
    path: Path, classifier: str, classes: tuple[str, ...], take: Callable[[JudgedTexts], None]
) -> Job:
    """Judge the texts of a file; the result is a :class:`FileJudged`.

    Args:
        path: a text on each line.
        classifier: name of the classifier.
        classes: its classes.
        take: is given the texts as they are judged, on the job's thread.
    """

    def judge(advance: Advance) -> object:
        import numpy as np

        from charterm.classify.judged import JudgedTexts
        from charterm.classify.process import JudgeRequest, to_line

        for values in _told(to_line(JudgeRequest(str(path), classifier)), advance):
            if "texts" in values:
                given = values["given"]
                take(
                    JudgedTexts(
                        tuple(values["texts"]),
                        classes,
                        np.array(values["probabilities"], np.float64),
                        None if given is None else np.array(given, np.int64),
                    )
                )
        return FileJudged(path)

    return judge


def _told(request: str, advance: Advance) -> Iterator[dict[str, Any]]:
    """Start the process and yield what it tells; end it where ``advance`` says so.

    Raises:
        ChartermError: the work could not be done; what the process said of it.
        Stopped: the user stopped it.
    """
    from charterm.classify.process import command

    process = subprocess.Popen(
        command(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    broken: list[str] = []
    readers = (
        threading.Thread(target=_read, args=(process.stdout, lines.put), daemon=True),
        threading.Thread(target=_read, args=(process.stderr, _kept(broken)), daemon=True),
    )
    try:
        for reader in readers:
            reader.start()
        process.stdin.write(request)
        process.stdin.flush()
        share = 0.0
        while True:
            advance(share)
            try:
                line = lines.get(timeout=_POLL_SECONDS)
            except queue.Empty:
                continue
            if line is None:
                break
            values = json.loads(line)
            if "error" in values:
                raise ChartermError(values["error"])
            share = max(share, values.get("share", share))
            yield values
            if "result" in values:
                return
    except OSError as error:  # it ended before it could be asked
        broken.append(str(error))
    finally:
        process.kill()
        process.wait()
        for reader in readers:
            reader.join(1.0)
        for pipe in (process.stdin, process.stdout, process.stderr):
            with contextlib.suppress(OSError):  # what was not written any more
                pipe.close()
    words = "".join(broken).strip().splitlines()
    reason = words[-1] if words else _("it ended without a word")
    raise ChartermError("The work broke off: {reason}", reason=reason)


def _read(pipe: IO[str], take: Callable[[str | None], object]) -> None:
    for line in pipe:
        take(line)
    take(None)


def _kept(words: list[str]) -> Callable[[str | None], object]:
    """Takes lines and keeps the last of them."""

    def keep(line: str | None) -> None:
        words.append(line or "")
        del words[:-_LAST_WORDS]

    return keep
