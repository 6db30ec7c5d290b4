"""The clock that ``charterm bench`` times keys with."""

import pytest

from charterm.cli.screen_timing import time_echo
from charterm.tui.modes import MODES
from tests.tui.models import save_word_model

pytestmark = pytest.mark.usefixtures("own_folders")


def test_every_field_of_every_screen_shows_its_keys() -> None:
    model = save_word_model()
    timing = time_echo(str(model), keys=4)
    assert timing.lost == 0
    titles = {field.partition(",")[0] for field in timing.seconds}
    assert titles == {mode.action.title for mode in MODES}
    assert len(timing.seconds) > len(MODES)  # fields to find something in, too
    for field, seconds in timing.seconds.items():
        assert len(seconds) == 4, field
        assert all(taken > 0 for taken in seconds)
