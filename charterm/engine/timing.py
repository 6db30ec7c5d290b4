"""Timing single calls, whole processes and the machine they run on."""

import os
import platform
import subprocess
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was timed, in microseconds a call."""

    group: str
    name: str
    median: float
    p95: float
    calls: int


@dataclass(frozen=True, slots=True)
class Ratio:
    """A figure of this run and what it should be.

    Attributes:
        name: what is divided by what.
        value: the quotient (or the figure itself).
        unit: empty for a quotient.
        target: the bound, or ``None`` where none is set.
        at_least: whether the target is a lower bound; an upper bound otherwise.
    """

    name: str
    value: float
    unit: str = ""
    target: float | None = None
    at_least: bool = False

    @property
    def met(self) -> bool | None:
        """Whether the target is met; ``None`` where none is set."""
        if self.target is None:
            return None
        return self.value >= self.target if self.at_least else self.value <= self.target


@dataclass(frozen=True, slots=True)
class Report:
    """All lines and ratios of one run, and the machine they are of."""

    machine: dict[str, Any]
    lines: tuple[Line, ...]
    ratios: tuple[Ratio, ...]

    def to_json(self) -> dict[str, Any]:
        """The object as plain JSON values, with whether each target is met."""
        return {
            "machine": self.machine,
            "lines": [asdict(line) for line in self.lines],
            "ratios": [{**asdict(ratio), "met": ratio.met} for ratio in self.ratios],
        }

    def joined(self, other: "Report") -> "Report":
        """This report with the facts, lines and ratios of ``other`` after its own."""
        return Report(
            self.machine | other.machine, self.lines + other.lines, self.ratios + other.ratios
        )


def measure(
    calls: dict[str, Callable[[], object]], *, group: str, rounds: int = 20, seconds: float = 0.04
) -> list[Line]:
    """Time ``calls`` in turns, ``rounds`` times for ``seconds`` each (at least two calls)."""
    for call in calls.values():  # first calls load code and grow memory
        call()
        call()
    samples: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            end = time.perf_counter() + seconds
            begin = 0.0
            while begin < end:
                begin = time.perf_counter()
                call()
                samples[name].append(time.perf_counter() - begin)
    return [line(group, name, taken) for name, taken in samples.items()]


def line(group: str, name: str, seconds: list[float]) -> Line:
    """Median and 95th percentile of single calls that took ``seconds``."""
    median, p95 = np.percentile(np.array(seconds) * 1e6, (50, 95))
    return Line(group, name, float(median), float(p95), len(seconds))


def process_line(name: str, command: list[str], runs: int = 10) -> Line:
    """Time whole processes, from start to exit.

    Raises:
        subprocess.CalledProcessError: the command failed.
    """
    taken = []
    for _ in range(runs):
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        taken.append(time.perf_counter() - start)
    return line("processes", name, taken)


def own_folders(folder: str) -> dict[str, str]:
    """Environment variables for a process that shall not touch the user's files."""
    return {f"CHARTERM_{kind}_DIR": f"{folder}/{kind}" for kind in ("DATA", "CONFIG", "CACHE")}


def resident_megabytes() -> float | None:
    """Memory this process holds, in MB; ``None`` where the system does not say."""
    status = Path("/proc/self/statm")
    if not status.is_file():
        return None
    pages = int(status.read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def machine_facts() -> dict[str, Any]:
    """What the figures depend on."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "load_average": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
    }


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.is_file():
        for entry in information.read_text(encoding="utf-8").splitlines():
            if entry.startswith("model name"):
                return entry.partition(":")[2].strip()
    return platform.processor() or platform.machine()
