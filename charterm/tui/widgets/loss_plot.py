"""The curve of a training: loss on the training text and on text kept out of it."""

from typing import Any, ClassVar

from textual.binding import BindingType
from textual_plot import HiResMode

from charterm.i18n import N_
from charterm.model.summary import LossCurve
from charterm.tui.widgets.curves import Curves


class LossPlot(Curves, can_focus=False, inherit_bindings=False):
    """Bits per character over millions of characters trained on."""

    BINDINGS: ClassVar[list[BindingType]] = []  # it takes no focus

    HELP = N_("How the loss fell: faint on the training text, bright on text kept out of it.")

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, allow_pan_and_zoom=False)
        self._curve = LossCurve()

    def show(self, curve: LossCurve) -> None:
        """Draw a curve."""
        self._curve = curve
        self.draw()

    def draw(self) -> None:
        """Draw the curve, in the colours of the theme."""
        curve = self._curve
        self.clear()
        if not curve.characters:
            return
        colours = self.app.theme_variables
        for values, colour in (
            (curve.train, colours["secondary"]),
            (curve.validation, colours["primary"]),
        ):
            self._draw_curve(curve.characters, values, colour)

    def _draw_curve(self, x: tuple[float, ...], y: tuple[float, ...], colour: str) -> None:
        draw: dict[str, Any] = {"hires_mode": HiResMode.BRAILLE}
        if len(x) > 1:
            self.plot(x, y, line_style=colour, **draw)
        else:
            self.scatter(x, y, marker="•", marker_style=colour)
