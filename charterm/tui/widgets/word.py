"""A word to click."""

from textual.widgets import Static

from charterm.i18n import _


class Word(Static):
    """A word that does something when it is clicked."""

    ALLOW_SELECT = False

    def __init__(self, action: str, message: str) -> None:
        """Make it.

        Args:
            action: of the screen, as Textual writes it.
            message: what to say, marked with ``N_``.
        """
        super().__init__("", classes="choice", markup=False)
        self._action = action
        self._message = message

    def on_mount(self) -> None:
        """Say it."""
        self.translate()

    def translate(self) -> None:
        """Say it in the language in use."""
        self.update(_(self._message))

    async def on_click(self) -> None:
        """Do it."""
        await self.screen.run_action(self._action)
