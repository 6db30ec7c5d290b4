"""Runs the real program in a process of its own."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def charterm(
    *arguments: str, stdin: str = "", python: tuple[str, ...] = (), timeout: float = 120
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *python, "-m", "charterm", *arguments],
        input=stdin,
        capture_output=True,
        encoding="utf-8",
        timeout=timeout,
        cwd=ROOT,
        check=False,
    )
