"""Curves in the colours of the theme."""

from typing import Self

from textual.geometry import Region
from textual.theme import Theme
from textual_plot import PlotWidget


class Curves(PlotWidget, inherit_bindings=False):
    """A plot that follows the theme, and draws itself where its own ground is covered."""

    def on_mount(self) -> None:
        """Follow the theme."""
        super().on_mount()
        self.margin_top, self.margin_bottom, self.margin_left = 0, 2, 6
        self.app.theme_changed_signal.subscribe(self, self._recolour)

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
