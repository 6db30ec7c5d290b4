"""Curves in the colours of the theme."""

from typing import Self

from textual.geometry import Region
from textual.theme import Theme
from textual_plot import NumericAxisFormatter, PlotWidget

_CELLS_PER_LABEL = 7
"""Of the lower axis: a figure such as 0.05 or 12.5, and room to the next."""


class SpacedTicks(NumericAxisFormatter):
    """Only as many round figures as have room, each told from the next."""

    def __init__(self) -> None:
        super().__init__()
        self.most = 8
        """How many have room."""

    def get_ticks(self, min_: float, max_: float, max_ticks: int = 8) -> list[float]:
        """Round figures from ``min_`` to ``max_``, at most :attr:`most` of them."""
        ticks = super().get_ticks(min_, max_, max_ticks)
        if len(ticks) <= self.most:
            return ticks
        interval = ticks[1] - ticks[0]
        for step in (2, 5, 10):
            kept = [tick for tick in ticks if round(tick / interval) % step == 0]
            if len(kept) <= self.most:
                break
        return kept if len(kept) > 1 else [ticks[0], ticks[-1]]


class Curves(PlotWidget, inherit_bindings=False):
    """A plot that follows the theme, and draws itself where its own ground is covered."""

    def on_mount(self) -> None:
        """Follow the theme."""
        super().on_mount()
        self._ticks = SpacedTicks()
        self.set_x_formatter(self._ticks)
        self.margin_top, self.margin_bottom, self.margin_left = 0, 2, 6
        self.app.theme_changed_signal.subscribe(self, self._recolour)

    def on_resize(self) -> None:
        """Show as many figures as have room."""
        self._ticks.most = max((self.size.width - self.margin_left) // _CELLS_PER_LABEL, 2)

    def _recolour(self, _theme: Theme) -> None:
        self.draw()

    def draw(self) -> None:
        """Draw the curves, in the colours of the theme."""
        raise NotImplementedError

    def refresh(
        self,
        *regions: Region,
        repaint: bool = True,
        layout: bool = False,
        recompose: bool = False,
    ) -> Self:
        """Also draw the canvases anew, once they are laid out.

        textual-plot 0.10.1 does that when its own ground is drawn. The canvases cover that, and
        what is covered is not drawn here.
        """
        super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)
        if self._needs_rerender and self.is_mounted:
            self.call_after_refresh(self.render)
        return self
