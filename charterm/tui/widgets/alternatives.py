"""The list of continuations with their probabilities."""

from rich.cells import cell_len
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from charterm.i18n import N_
from charterm.tui.bindings import keyed
from charterm.tui.fitting import fill, fit_end
from charterm.tui.offers import Offers, Suggestion

_NUMBER_CELLS = 6


class Alternatives(OptionList, inherit_bindings=False):
    """Continuations, likeliest first. The highlighted one is offered; enter or a click takes it."""

    BINDINGS = keyed("alternatives", OptionList.BINDINGS)

    HELP = N_(
        "What the model expects next, with the probability that exactly this comes next.\n\n"
        "↑ and ↓ choose, enter or a click takes the chosen one. From the text, ctrl+↓ and ctrl+↑ "
        "choose without leaving it."
    )

    class Chosen(Message):
        """The writer moved the highlight."""

        def __init__(self, suggestion: Suggestion) -> None:
            super().__init__()
            self.suggestion = suggestion

    class Taken(Message):
        """The writer took a continuation."""

        def __init__(self, suggestion: Suggestion) -> None:
            super().__init__()
            self.suggestion = suggestion

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False, compact=True)
        self._offers = Offers()
        self._typed = ""
        self._showing = False
        self.rows = 0
        """Lines to fill, so that the screen's layout stays when the list grows or shrinks."""

    def show(self, offers: Offers, typed: str) -> None:
        """Show these offers, the chosen one highlighted.

        Args:
            offers: what comes next.
            typed: the beginning of the word that is there already, drawn before each.
        """
        if (offers, typed) == (self._offers, self._typed):
            return
        self._offers, self._typed = offers, typed
        self._draw()

    def _draw(self) -> None:
        options = [Option(self._line(suggestion)) for suggestion in self._offers.suggestions]
        options += [Option("", disabled=True) for _ in range(self.rows - len(options))]
        self._showing = True
        try:
            self.set_options(options)
            self.highlighted = self._offers.chosen
        finally:
            self._showing = False

    def _line(self, suggestion: Suggestion) -> Content:
        cells = max(self.scrollable_content_region.width - _NUMBER_CELLS, 4)
        begun = "" if suggestion.text.startswith(" ") else self._typed  # a space ends the word
        typed = fit_end(begun, cells // 2)
        return Content.assemble(
            (typed, "$foreground-muted"),
            fill(suggestion.text.removeprefix(" "), cells - cell_len(typed)),
            (
                f"{100 * suggestion.probability:{_NUMBER_CELLS - 2}.0f} %",
                "$foreground-muted",
            ),
        )

    def on_resize(self) -> None:
        """The probabilities stand at the right edge."""
        self._draw()

    def watch_highlighted(self, highlighted: int | None) -> None:
        """Tell when the writer, not the program, moved the highlight."""
        super().watch_highlighted(highlighted)
        if not self._showing and highlighted is not None and highlighted != self._offers.chosen:
            self.post_message(self.Chosen(self._offers.suggestions[highlighted]))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter or a click: the text is still the one these continuations belong to."""
        event.stop()
        if event.option_index < len(self._offers.suggestions):
            self.post_message(self.Taken(self._offers.suggestions[event.option_index]))
