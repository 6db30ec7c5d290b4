"""A real training in a process of its own, for what is to be timed beside it."""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from charterm.engine.timing import own_folders
from charterm.errors import ChartermError

_NAME: Final = "beside"
_LIMIT: Final = 120.0  # seconds until it has begun


def write_letters(path: Path) -> None:
    """Write a text to train on, in which there is nothing to learn."""
    letters = random.Random(0).choices("etaoin shrdlu\n", k=400_000)
    path.write_text("".join(letters), encoding="utf-8")


@contextlib.contextmanager
def training_beside() -> Iterator[None]:
    """Train a GRU 1×512 on every core, as ``charterm train --detach`` does, during the body.

    Raises:
        ChartermError: the training did not begin, or ended before the body did.
    """
    with TemporaryDirectory(prefix="charterm-bench-", ignore_cleanup_errors=True) as folder:
        text = Path(folder) / "letters.txt"
        write_letters(text)
        command = f"train {text} --name {_NAME} --cell gru --layers 1 --hidden 512 --minutes 30"
        begun = subprocess.run(
            [sys.executable, "-P", "-m", "charterm", *command.split(), "--detach", "--json"],
            env=os.environ | own_folders(folder),
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        if begun.returncode != 0:
            raise ChartermError(f"no training to time beside: {begun.stderr.strip()}")
        process = int(json.loads(begun.stdout)["pid"])
        try:
            _wait_for_steps(Path(folder) / "DATA" / "runs" / _NAME / "events.jsonl")
            yield
        finally:
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError as error:
                raise ChartermError("the training beside the timing ended too early") from error


def _wait_for_steps(events: Path) -> None:
    end = time.monotonic() + _LIMIT
    while '"kind":"step"' not in (events.read_text("utf-8") if events.exists() else ""):
        if time.monotonic() > end:
            raise ChartermError(f"the training beside the timing did not begin in {_LIMIT:.0f} s")
        time.sleep(0.2)
