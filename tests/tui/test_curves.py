"""The axis of the curves."""

import pytest

from charterm.tui.widgets.curves import SpacedTicks


@pytest.mark.parametrize(
    ("begin", "end", "most", "labels"),
    [
        (1.0, 8.0, 8, ["1", "2", "3", "4", "5", "6", "7", "8"]),
        (1.0, 8.0, 4, ["2", "4", "6", "8"]),
        (0.031, 0.109, 4, ["0.04", "0.06", "0.08", "0.10"]),
        (0.031, 0.109, 2, ["0.05", "0.10"]),
        (1.0, 4.0, 2, ["1", "4"]),
    ],
)
def test_an_axis_has_only_the_figures_that_have_room(
    begin: float, end: float, most: int, labels: list[str]
) -> None:
    ticks = SpacedTicks()
    ticks.most = most
    assert ticks.get_labels_for_ticks(ticks.get_ticks(begin, end)) == labels
