"""One column of the generation screen: its controls, and what they gave."""

import math
from dataclasses import replace

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Static

from charterm.decoding.controls import SAMPLE, STOCHASTIC_BEAM, Controls
from charterm.i18n import _
from charterm.text.display import cell_width
from charterm.tui.generation import Begun, Completed, Grew, Refused, Searched
from charterm.tui.widgets.passage import Passage
from charterm.tui.widgets.result_view import ResultView


def reason_title(reason: str) -> str:
    """Why a text ended, in the language in use."""
    return {
        "length": _("length reached"),
        "stop": _("stop text"),
        "word": _("end of the word"),
        "sentence": _("end of the sentence"),
        "paragraph": _("end of the paragraph"),
        "cancelled": _("stopped"),
    }.get(reason, "")


class ResultColumn(Vertical):
    """Controls, and the texts they gave."""

    class Selected(Message):
        """The column was clicked or got the focus."""

        def __init__(self, column: "ResultColumn") -> None:
            super().__init__()
            self.column = column

    def __init__(self, controls: Controls, preset: str = "") -> None:
        """Make a column without texts.

        Args:
            controls: how it generates.
            preset: name of the preset they come from.
        """
        super().__init__(classes="result-column")
        self.controls = controls
        self.preset = preset
        self.seed: int | None = None
        """The seed of the shown texts, where one was used."""
        self.used: Controls | None = None
        """The controls of the shown texts."""
        self.changed = False
        """Whether something is different from the preset."""
        self.prompt = ""
        """The prompt of the shown texts."""
        self.going = False
        """Whether its texts are growing."""
        self._problem = ""
        self._seconds = 0.0

    def compose(self) -> ComposeResult:
        """A head, the texts, and a foot."""
        yield Static("", classes="result-head", markup=False)
        yield ResultView()
        yield Static("", classes="result-foot", markup=False)

    @property
    def view(self) -> ResultView:
        """The texts."""
        return self.query_one(ResultView)

    @property
    def passage(self) -> Passage | None:
        """The text that the user means."""
        return self.view.chosen

    def on_mount(self) -> None:
        """Say the words."""
        self.translate()

    def translate(self) -> None:
        """Say everything in the language in use."""
        self.query_one(".result-head", Static).update(self.title, layout=False)
        self.query_one(".result-foot", Static).update(self._foot(), layout=False)
        self.view.note(
            self._problem or ("…" if self.going else "" if self.used else _("Nothing written yet."))
        )

    @property
    def title(self) -> str:
        """The preset or the method, a star where something was changed, and the seed."""
        title = f"{self.preset or self.controls.method}{'*' if self.changed else ''}"
        if self.seed is not None:
            told = f"  {_('seed {seed}').format(seed=self.seed)}"
            fits = cell_width(title + told) <= self.size.width - 2
            title += told if fits else f"  {self.seed}"
        return title

    def _foot(self) -> str:
        passage = self.passage
        if passage is None or self.used is None:
            return ""
        if self.going:
            state = _("{n} characters").format(n=f"{len(passage.text):,}")
        else:
            state = reason_title(passage.reason)
        parts = [state]
        if (bits := passage.bits_per_character) is not None:
            parts.insert(0, _("{bits:.2f} bits/char").format(bits=bits))
            parts.append(f"p 10^{passage.logprob / math.log(10):.0f}")
        room = self.size.width - 2
        while len(parts) > 1 and cell_width(" · ".join(parts)) > room:
            parts.pop()
        return " · ".join(filter(None, parts))

    def on_resize(self) -> None:
        """Say as much as there is room for."""
        self.translate()

    # What happens -------------------------------------------------------------------------

    def take(self, report: Begun | Grew | Searched | Completed | Refused) -> None:
        """Take in what the generation tells; :meth:`show` shows it."""
        view = self.view
        match report:
            case Begun(_column, controls):
                self._problem = ""
                self.used, self.going = controls, True
                random = controls.method in (SAMPLE, STOCHASTIC_BEAM)
                self.seed = controls.seed if random else None
                view.clear()
            case Grew(_column, characters):
                for character in characters:
                    view.passage(character.sequence).extend((character,))
            case Searched(_column, _step, best):
                for number, text in enumerate(best[: self.controls.n]):
                    view.passage(number).replace(text)
            case Completed(_column, texts, seconds):
                self.going, self._seconds = False, seconds
                del view.passages[len(texts) :]
                for number, generated in enumerate(texts):
                    view.passage(number).complete(generated)
            case Refused(_column, reason):
                self.going, self._problem = False, reason

    def show(self) -> None:
        """Show what was taken in."""
        self.view.changed()
        self.translate()

    def change(self, controls: Controls, preset: str = "") -> None:
        """Use other controls for the next texts; those that are shown stay.

        Args:
            controls: the next ones.
            preset: the preset that they are; empty where they are none, and come from the one
                that there was.
        """
        self.controls, self.changed = controls, not preset
        self.preset = preset or self.preset
        self.translate()

    def keep_seed(self) -> bool:
        """Use the seed of the shown texts from now on; whether there is one."""
        if self.seed is None:
            return False
        self.change(replace(self.controls, seed=self.seed))
        return True

    def on_click(self) -> None:
        """Work on this column."""
        self.post_message(self.Selected(self))

    def on_descendant_focus(self, _event: events.DescendantFocus) -> None:
        """Work on this column."""
        self.post_message(self.Selected(self))
