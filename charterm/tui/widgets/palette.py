"""Textual's palette, of which every word is in the language in use."""

from textual.command import CommandList, CommandPalette
from textual.content import Content
from textual.widgets.option_list import Option

from charterm.i18n import _


class Palette(CommandPalette):
    """Chooses from a long list by typing."""

    def _start_no_matches_countdown(self, search_value: str) -> None:
        """As in Textual 8.2.8, which says it in English."""
        self._stop_no_matches_countdown()

        def show() -> None:
            self._list_visible = bool(search_value)
            if search_value:
                said = Content(_("Nothing fits. Type less, or something else."))
                nothing = Option(said, disabled=True, id=self._NO_MATCHES)
                self.query_one(CommandList).add_option(nothing)

        self._no_matches_timer = self.set_timer(self._NO_MATCHES_COUNTDOWN, show)
