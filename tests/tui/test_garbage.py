import gc
import weakref
from collections.abc import Iterator

import pytest

from charterm.tui import echo, garbage


class Cycle:
    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def usual() -> Iterator[None]:
    yield
    gc.unfreeze()
    gc.enable()


def test_what_the_start_left_behind_is_collected_in_the_first_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    quiet = [0.0]
    monkeypatch.setattr(echo, "seconds_since_key", lambda: quiet[0])
    gc.disable()
    left = weakref.ref(Cycle())
    rests = garbage.Rests()
    garbage.keep_widgets()
    assert gc.isenabled()
    for _ in range(10):  # somebody types
        rests.look()
    assert left() is not None
    quiet[0] = 10.0
    rests.look()
    assert left() is None
    assert gc.get_freeze_count() > 10_000  # what is not garbage is not looked at again


def test_a_rest_right_at_the_start_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(echo, "seconds_since_key", lambda: 1e9)  # no key yet
    gc.disable()
    left = weakref.ref(Cycle())
    rests = garbage.Rests()
    garbage.keep_widgets()
    rests.look()
    assert left() is not None
    for _ in range(5):
        rests.look()
    assert left() is None
