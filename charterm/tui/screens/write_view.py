"""The writing screen as it is seen: a text, what the model expects next, and what that has saved.

What it does with texts is in ``write_texts``, with their files in ``write_files``; what the user
can do is in :mod:`charterm.tui.screens.write`.
"""

from collections.abc import Iterable
from pathlib import Path

from textual import on
from textual.containers import Horizontal, Vertical
from textual.dom import DOMNode
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from charterm.documents.autosave import Autosave, NotSaved, Saved
from charterm.documents.documents import Document, Documents
from charterm.documents.statistics import TypingStatistics
from charterm.documents.store import TextStore
from charterm.i18n import N_, _
from charterm.settings import schema
from charterm.tui import text_facts
from charterm.tui.learner import DOCUMENTS
from charterm.tui.predictor import Predictor, Report
from charterm.tui.screens.remembering import RememberingScreen
from charterm.tui.widgets.alternatives import Alternatives
from charterm.tui.widgets.bars import NextCharacters
from charterm.tui.widgets.editor import Editor
from charterm.tui.widgets.figures import TextFigures
from charterm.tui.widgets.find_bar import FindBar
from charterm.tui.widgets.mode_bar import ModeBar
from charterm.tui.widgets.question import Question
from charterm.tui.widgets.status import Fact, StatusLine
from charterm.tui.widgets.words import Words

STATUS_EVERY = 0.2
"""Seconds between two updates of the figures."""

_PLACEHOLDER = N_("Begin to write …")


class WriteView(RememberingScreen, inherit_bindings=False):
    """The layout of the writing screen, and what is seen in its margin and its lines."""

    mode = "write"
    CSS_PATH = [Path(__file__).with_name(name) for name in ("foot.tcss", "write.tcss")]  # noqa: RUF012

    class Reported(Message):
        """The predictor or the autosave has something to say."""

        def __init__(self, report: Report | Saved | NotSaved) -> None:
            super().__init__()
            self.report = report

    def __init__(self) -> None:
        super().__init__()
        self.store = TextStore()
        self.autosave = Autosave(self.store, self._report)
        self.documents = Documents(self.store, self.autosave)
        self.predictor = Predictor(self._report, self._is_kept)
        self.answered: int | None = None
        """The revision of the text that the shown predictions belong to."""
        self._requested: int | None = None
        self._model_fact = Fact("", weight=9)
        self._used_model = ""
        self._milliseconds: float | None = None
        self._status_due = False
        self._ghost_hinted = False
        self._remarked = ""
        self._shown_since = 0  # revision of the editor
        self._shown_before = TypingStatistics()

    def _report(self, report: Report | Saved | NotSaved) -> None:
        self.post_message(self.Reported(report))  # from any thread

    def _is_kept(self, document: str) -> bool:
        """Whether a document of the memory is still there; texts of this screen may be deleted."""
        mine = document.startswith(DOCUMENTS)
        return not mine or self.store.path(document.removeprefix(DOCUMENTS)).is_file()

    # Layout -----------------------------------------------------------------------------

    def content(self) -> Iterable[Widget]:
        """The page, and in its margin what the model expects."""
        with Horizontal(id="desk"):
            with Vertical(id="page"):
                yield Editor(id="editor", placeholder=_(_PLACEHOLDER))
            with Vertical(id="margin"):
                yield Static(id="without", markup=False)
                with Vertical(id="continuations"):
                    yield Words(N_("Continuations"), classes="heading")
                    yield Alternatives(id="alternatives")
                with Vertical(id="next"):
                    yield Words(N_("Next character"), classes="heading")
                    yield NextCharacters()
                with Vertical(id="figures"):
                    yield Words(N_("This text"), classes="heading")
                    yield TextFigures()
        yield FindBar()
        yield Question()
        yield StatusLine()

    @property
    def editor(self) -> Editor:
        """The text area."""
        return self.query_one(Editor)

    @property
    def document(self) -> Document:
        """The text that is shown."""
        return self.documents.current

    @property
    def learnt_title(self) -> str:
        """The name of the text that is shown."""
        return self.document.title

    @property
    def statistics(self) -> TypingStatistics:
        """What the shown text has cost so far."""
        return self.document.statistics

    @property
    def model(self) -> str:
        """Name of the model of the shown text; empty for the default one."""
        return self.document.model

    def command_nodes(self) -> Iterable[DOMNode]:
        """The screen, the text area and the list."""
        return (self, self.editor, self.query_one(Alternatives))

    def translate(self) -> None:
        """Say everything in the language in use."""
        super().translate()
        self.editor.placeholder = _(_PLACEHOLDER)
        self._status_soon()

    def _share_margin(self) -> None:
        settings = self.program.settings
        self.set_class(settings.get(schema.BARS) == 0, "-without-bars")
        self.query_one(Alternatives).rows = settings.get(schema.ALTERNATIVES)
        self.query_one("#continuations").styles.height = settings.get(schema.ALTERNATIVES) + 3

    def _remark(self) -> None:
        """Say which text this is, whether its file has it, and how many others are open."""
        remark = text_facts.remark(self.document)
        if remark != self._remarked:
            self._remarked = remark
            self.query_one(ModeBar).remark(remark)

    # The list and the bars --------------------------------------------------------------

    @on(Editor.OffersChanged)
    def _show_offers(self) -> None:
        editor = self.editor
        self.query_one(Alternatives).show(editor.offers, editor.word_before_cursor)
        if bool(editor.ghost) != self._ghost_hinted:
            self._status_soon()

    @on(Alternatives.Chosen)
    def _choose(self, event: Alternatives.Chosen) -> None:
        suggestions = self.editor.offers.suggestions
        if event.suggestion in suggestions:  # the text may have gone on
            self.editor.choose(suggestions.index(event.suggestion))

    @on(Alternatives.Taken)
    def _take(self, event: Alternatives.Taken) -> None:
        if event.suggestion in self.editor.offers.suggestions:  # the text may have gone on
            self.editor.accept(event.suggestion.text)
        self.editor.focus()

    @on(NextCharacters.Picked)
    def _type(self, event: NextCharacters.Picked) -> None:
        self.editor.insert(event.character, maintain_selection_offset=False)
        self.editor.focus()

    # Figures and key hints --------------------------------------------------------------

    def _tell_without(self, reason: str) -> None:
        """Say in the margin why nothing is predicted and what to do; nothing where that is well."""
        self.query_one("#without", Static).update(
            _("{reason}.\n\nYou can go on writing. Choose another model with {key}.").format(
                reason=reason[0].upper() + reason[1:], key=self.program.shown_key("app.palette")
            )
            if reason
            else ""
        )
        self.set_class(bool(reason), "-without-model")

    def _status_soon(self) -> None:
        """Bring figures and key hints up to date, a few times a second at most.

        They would only flicker while one types, and painting lines far apart on the screen paints
        all that is between them.
        """
        if not self._status_due:
            self._status_due = True
            self.set_timer(STATUS_EVERY, self._show_status)

    def _show_status(self) -> None:
        self._status_due = False
        if bool(self.editor.ghost) != self._ghost_hinted:
            self._ghost_hinted = not self._ghost_hinted
            self.refresh_bindings()
        self.query_one(StatusLine).facts = (
            self._model_fact,
            *text_facts.facts_of_memory(self.memory_state),
            *text_facts.facts_of(
                self.documents, self._milliseconds, self.program.shown_key("document.save")
            ),
        )
        self.query_one(TextFigures).statistics = self.statistics.copy()
        self._remark()
