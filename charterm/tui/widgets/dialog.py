"""A question that must be answered before anything else: a few answers to choose from."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from charterm.i18n import N_
from charterm.tui.bindings import keyed


class Answers(OptionList, inherit_bindings=False):
    """The answers."""

    BINDINGS: ClassVar[list[BindingType]] = keyed("options", OptionList.BINDINGS)
    HELP = N_("Choose an answer with the arrows and enter; escape leaves everything as it is.")


class Dialog(ModalScreen[str]):
    """Asks; the result is the chosen answer's id, or empty where nobody answered."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "escape",
            "withdraw",
            N_("Cancel"),
            tooltip=N_("Leave everything as it is"),
            id="question.withdraw",
        ),
    ]
    DEFAULT_CSS = """
    Dialog {
        align: center middle;

        & > Vertical {
            width: 90%;
            max-width: 64;
            height: auto;
            padding: 1 2;
            background: $surface;
            border-left: wide $primary;
        }

        #dialog-note {
            margin: 0 0 1 0;
            color: $foreground-muted;
        }

        #dialog-text {
            text-style: bold;
        }

        Answers {
            height: auto;
            border: none;
            padding: 0;
            background: $surface;
            background-tint: transparent;

            &:focus {
                border: none;
                background-tint: transparent;
            }

            & > .option-list--option-highlighted {
                color: $primary;
                background: $primary 22%;
                text-style: bold;
            }
        }
    }
    """

    def __init__(self, text: str, note: str, answers: tuple[tuple[str, str], ...]) -> None:
        """Prepare the question.

        Args:
            text: it, in the language in use, as is all that follows.
            note: what to know.
            answers: id and words of each, the first for whoever only presses enter.
        """
        super().__init__()
        self._text = text
        self._note = note
        self._answers = answers

    def compose(self) -> ComposeResult:
        """The question, the note, the answers."""
        with Vertical():
            yield Static(self._text, id="dialog-text", markup=False)
            yield Static(self._note, id="dialog-note", markup=False)
            yield Answers(
                *(Option(words, id=answer) for answer, words in self._answers), markup=False
            )

    def on_mount(self) -> None:
        """Begin at the first answer."""
        answers = self.query_one(Answers)
        answers.highlighted = 0
        answers.focus()

    @on(OptionList.OptionSelected)
    def _take(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_id or "")

    def action_withdraw(self) -> None:
        """Answer nothing."""
        self.dismiss("")
