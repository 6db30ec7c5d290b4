"""Curves of several runs in one plot, which can be zoomed and moved about."""

from typing import Any, ClassVar

from rich.cells import cell_len
from textual.binding import BindingType
from textual_plot import HiResMode, LegendLocation

from charterm.i18n import N_, _
from charterm.training.history import Curve, History
from charterm.tui.bindings import keyed
from charterm.tui.widgets.curves import Curves

_MOST_POINTS = 500  # of a curve: a plot has no more cells
_COLOURS = ("primary", "accent", "success", "error", "warning")


class RunPlot(Curves, can_focus=True, inherit_bindings=False):
    """Bits per character over millions of characters: the run in sight, and those beside it."""

    BINDINGS: ClassVar[list[BindingType]] = keyed(
        "plot",
        [
            ("plus", "zoom_in", "Zoom in"),
            ("minus", "zoom_out", "Zoom out"),
            ("left", "pan_left", "Pan left"),
            ("right", "pan_right", "Pan right"),
            ("up", "pan_up", "Pan up"),
            ("down", "pan_down", "Pan down"),
            ("r", "reset_scales", "Show everything"),
        ],
    )
    HELP = N_(
        "How the loss fell: faint on the training text, bright on the text kept out of it. "
        "+ and - or the wheel zoom, the arrows or dragging move about, r shows everything again."
    )

    def __init__(self) -> None:
        super().__init__(id="run-plot")
        self.shown: tuple[tuple[str, History], ...] = ()
        """Name and history of each run that is drawn."""
        self._smoothing = 0.0

    def translate(self) -> None:
        """Say the words in the language in use."""
        self.draw()

    def show(self, runs: tuple[tuple[str, History], ...], smoothing: float) -> None:
        """Draw runs, the first as the one in sight.

        Args:
            runs: name and history of each.
            smoothing: of the training loss.
        """
        self.shown, self._smoothing = runs, smoothing
        self.draw()

    def draw(self) -> None:
        """Draw the runs, in the colours of the theme."""
        self.clear()
        colours = self.app.theme_variables
        for number, (name, history) in enumerate(self.shown):
            colour = colours[_COLOURS[number % len(_COLOURS)]]
            if number == 0:
                label = _("{name}, training").format(name=name)
                self._draw_curve(history.train_curve(self._smoothing), colours["secondary"], label)
            self._draw_curve(history.validation_curve(), colour, name, dots=True)
        self.show_legend(LegendLocation.TOPRIGHT, is_visible=len(self.shown) > 1)

    def _draw_curve(self, curve: Curve, colour: str, label: str, *, dots: bool = False) -> None:
        if not curve.x:
            return
        label += " " * (cell_len(label) - len(label))  # the legend's width counts characters
        modes: dict[str, Any] = {"hires_mode": HiResMode.BRAILLE}
        if len(curve.x) > 1:
            thin = max(len(curve.x) // _MOST_POINTS, 1)
            curve = Curve(curve.x[::-thin][::-1], curve.y[::-thin][::-1])  # the last one stays
            self.plot(curve.x, curve.y, line_style=colour, label=label, **modes)
        if dots or len(curve.x) == 1:
            named = None if len(curve.x) > 1 else label
            self.scatter(curve.x, curve.y, marker="•", marker_style=colour, label=named)
