import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize(("asked", "rate"), [("", "240"), ("30", "30")])
def test_a_key_waits_little_for_the_next_paint(asked: str, rate: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "TEXTUAL_FPS"}
    shown = subprocess.run(
        [
            sys.executable,
            "-c",
            "import charterm.tui.app; from textual.constants import MAX_FPS; print(MAX_FPS)",
        ],
        env=environment | ({"TEXTUAL_FPS": asked} if asked else {}),
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert shown.stdout.strip() == rate
