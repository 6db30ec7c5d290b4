"""Programs in real pseudo-terminals, ended with their test."""

import signal
from collections.abc import Iterator

import pytest

from tests.e2e.program import Program
from tests.tui.models import save_word_model


@pytest.fixture
def start(own_folders: object) -> Iterator[type[Program]]:
    """Starts programs; the model ``english`` is made by hand and predicts its words."""
    save_word_model()
    started: list[Program] = []

    class Started(Program):
        def __init__(self, size: tuple[int, int] = (80, 24), **environment: str) -> None:
            super().__init__(size, **environment)
            started.append(self)

    yield Started
    for program in started:
        if not program.process.closed:
            program.process.kill(signal.SIGKILL)
            program.process.wait()
