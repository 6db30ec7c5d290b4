"""The curve of a training: loss on the training text and on text kept out of it."""

from typing import Any, ClassVar

from textual.binding import BindingType
from textual.theme import Theme
from textual_plot import HiResMode, PlotWidget

from charterm.i18n import N_
from charterm.model.summary import LossCurve


class LossPlot(PlotWidget, can_focus=False, inherit_bindings=False):
    """Bits per character over millions of characters trained on."""

    BINDINGS: ClassVar[list[BindingType]] = []  # it takes no focus

    HELP = N_("How the loss fell: faint on the training text, bright on text kept out of it.")

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, allow_pan_and_zoom=False)
        self._curve = LossCurve()

    def on_mount(self) -> None:
        """Follow the theme."""
        super().on_mount()
        self.margin_top, self.margin_bottom, self.margin_left = 0, 2, 6
        self.app.theme_changed_signal.subscribe(self, self._recolour)

    def _recolour(self, _theme: Theme) -> None:
        self.show(self._curve)

    def show(self, curve: LossCurve) -> None:
        """Draw a curve."""
        self._curve = curve
        self.clear()
        if not curve.characters:
            return
        colours = self.app.theme_variables
        for values, colour in (
            (curve.train, colours["secondary"]),
            (curve.validation, colours["primary"]),
        ):
            self._draw(curve.characters, values, colour)

    def _draw(self, x: tuple[float, ...], y: tuple[float, ...], colour: str) -> None:
        draw: dict[str, Any] = {"hires_mode": HiResMode.BRAILLE}
        if len(x) > 1:
            self.plot(x, y, line_style=colour, **draw)
        else:
            self.scatter(x, y, marker="•", marker_style=colour)
