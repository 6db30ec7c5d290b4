"""A question that must be answered before anything else: a few answers to choose from."""

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from charterm.i18n import N_
from charterm.tui.bindings import WITHDRAW, keyed


class Answers(OptionList, inherit_bindings=False):
    """The answers."""

    BINDINGS: ClassVar[list[BindingType]] = keyed("options", OptionList.BINDINGS)
    HELP = N_("Choose an answer with the arrows and enter; escape leaves everything as it is.")


class Dialog(ModalScreen[str]):
    """Asks; the result is the chosen answer's id, or empty where nobody answered."""

    BINDINGS: ClassVar[list[BindingType]] = [WITHDRAW]
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
            color: $foreground-muted;
        }

        #dialog-text {
            text-style: bold;
        }

        Answers {
            height: auto;
            margin-top: 1;
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

    def __init__(
        self,
        text: str,
        note: str,
        answers: tuple[tuple[str, str], ...],
        *,
        numbered: bool = False,
    ) -> None:
        """Prepare the question.

        Args:
            text: it, in the language in use, as is all that follows.
            note: what to know.
            answers: id and words of each, the first for whoever only presses enter.
            numbered: whether the digits choose as well.
        """
        super().__init__()
        self._text = text
        self._note = note
        self._answers = answers
        self._numbered = numbered

    def compose(self) -> ComposeResult:
        """The question, the note, the answers."""
        with Vertical():
            yield Static(self._text, id="dialog-text", markup=False)
            if self._note:
                yield Static(self._note, id="dialog-note", markup=False)
            yield Answers(
                *(
                    Option(f"{number}  {words}" if self._numbered else words, id=answer)
                    for number, (answer, words) in enumerate(self._answers, 1)
                ),
                markup=False,
            )

    def on_key(self, event: events.Key) -> None:
        """Take the answer of a digit."""
        number = event.character or ""
        if self._numbered and number.isdecimal() and 0 < int(number) <= len(self._answers):
            event.stop()
            self.dismiss(self._answers[int(number) - 1][0])

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
