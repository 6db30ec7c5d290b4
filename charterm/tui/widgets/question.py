"""A question at the foot of a screen: one line to answer in, and what is wrong with the answer."""

from collections.abc import Callable
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Input, Static

from charterm.errors import ChartermError
from charterm.i18n import N_, _
from charterm.text.editable import drawable, editable
from charterm.tui.bindings import WITHDRAW
from charterm.tui.widgets.line import Line, PathSuggester

Answer = Callable[[str], object]
"""Takes the answer; raises ChartermError where it will not do."""


class Question(Vertical):
    """Hidden until something is asked; takes the focus then, and gives it back.

    Whoever goes elsewhere on the screen asks no more.

    The screen behind it stays in sight, because the answer is about what is seen there.
    """

    BINDINGS: ClassVar[list[BindingType]] = [WITHDRAW]

    HELP = N_("Type the answer. Enter takes it, escape leaves everything as it is.")

    def __init__(self) -> None:
        super().__init__(id="question")
        self._answer: Answer | None = None
        self._check: Answer | None = None
        self._note = ""
        self._before: Widget | None = None
        self._entered = False  # whether the focus has come since it was asked

    def compose(self) -> ComposeResult:
        """The line, and a row for what to know about it."""
        with Horizontal():
            yield Static("", id="question-label", markup=False)
            yield Line(id="question-line")
            yield Static("", id="question-take", classes="choice")
            yield Static("", id="question-withdraw", classes="choice")
        yield Static("", id="question-note", markup=False)

    @property
    def asked(self) -> bool:
        """Whether an answer is awaited."""
        return self._answer is not None

    def ask(
        self,
        label: str,
        answer: Answer,
        *,
        value: str = "",
        note: str = "",
        take: str = "",
        check: Answer | None = None,
        path: bool = False,
    ) -> None:
        """Ask for one line.

        Args:
            label: what is wanted, in the language in use, as is all that follows.
            answer: takes it.
            value: what stands there to begin with.
            note: what to know about it.
            take: the word that takes the answer.
            check: told every change; says by a ChartermError what is wrong with it so far.
            path: whether to complete the name of a file.
        """
        if not self.asked:
            self._before = self.screen.focused
        self._answer, self._check, self._note = answer, check, note
        self.query_one("#question-label", Static).update(label)
        self.query_one("#question-take", Static).update(take or _("OK"))
        self.query_one("#question-withdraw", Static).update(_("Cancel"))
        line = self.query_one(Line)
        line.suggester = PathSuggester() if path else None
        line.value = drawable(editable(value).replace("\n", " "))
        line.cursor_position = len(line.value)
        self._tell(note)
        self.add_class("-asked")
        self._entered = line.has_focus
        line.focus()

    def _tell(self, text: str, *, wrong: bool = False) -> None:
        note = self.query_one("#question-note", Static)
        note.update(text)
        note.set_class(wrong, "-wrong")

    @on(Input.Changed)
    def _look(self, event: Input.Changed) -> None:
        event.stop()
        if self._check is None or not self.asked:
            return
        try:
            self._check(event.value)
        except ChartermError as error:
            self._tell(str(error), wrong=True)
        else:
            self._tell(self._note)

    def on_click(self, event: events.Click) -> None:
        """Take the answer or not, by the word that was clicked."""
        clicked = event.widget.id if event.widget is not None else None
        if clicked == "question-take":
            self.action_take()
        elif clicked == "question-withdraw":
            self.action_withdraw()

    @on(Input.Submitted)
    def _submit(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_take()

    def action_take(self) -> None:
        """Take the answer, or say what is wrong with it."""
        if self._answer is None:
            return
        try:
            self._answer(self.query_one(Line).value.strip())
        except ChartermError as error:
            self._tell(str(error), wrong=True)
        else:
            self.action_withdraw()

    def action_withdraw(self) -> None:
        """Ask no more and give the focus back."""
        if not self.asked:
            return
        self._end()
        if self._before is not None and self._before.is_attached:
            self._before.focus()

    def on_descendant_focus(self) -> None:
        """From now on it can be left."""
        self._entered = True

    def on_descendant_blur(self) -> None:
        """See where the focus has gone."""
        self.call_after_refresh(self._end_if_left)

    def _end_if_left(self) -> None:
        focused = self.screen.focused  # none while another program has the keyboard
        if self._entered and focused is not None and self not in focused.ancestors:
            self._end()

    def _end(self) -> None:
        self._answer = self._check = None
        self.remove_class("-asked")
