"""Text of the program itself, which follows the language while the program runs."""

from typing import Protocol, runtime_checkable

from textual.widgets import Static

from charterm.i18n import _


@runtime_checkable
class Translated(Protocol):
    """A widget that can say its words again in another language."""

    def translate(self) -> None:
        """Say them in the language in use."""


def tell(widget: Static, text: str) -> None:
    """Say something in a widget; laid out again is the screen only where that needs other room."""
    if text == widget.content:
        return
    widget.update(text, layout=False)
    room, screen = widget.size, widget.screen.size
    if (widget.styles.is_auto_width and widget.get_content_width(screen, screen) != room.width) or (
        widget.styles.is_auto_height
        and widget.get_content_height(screen, screen, room.width) != room.height
    ):
        widget.refresh(layout=True)


class Words(Static):
    """A text of the catalog."""

    ALLOW_SELECT = False

    def __init__(self, message: str, *, id: str | None = None, classes: str | None = None) -> None:
        """Show a message.

        Args:
            message: in English, marked with ``N_``.
            id: of the widget.
            classes: of the widget.
        """
        super().__init__(_(message), id=id, classes=classes, markup=False)
        self.message = message

    def say(self, message: str) -> None:
        """Show another message."""
        self.message = message
        self.translate()

    def translate(self) -> None:
        """Say it in the language in use."""
        self.update(_(self.message))
