"""The writing screen as it is seen: a text, what the model expects next, and what that has saved.

What can be done with texts and their files is in :mod:`charterm.tui.screens.write`.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from textual import on
from textual.app import SystemCommand
from textual.containers import Horizontal, Vertical
from textual.dom import DOMNode
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static, TextArea

from charterm.documents.autosave import Autosave, NotSaved, Saved
from charterm.documents.documents import Document, Documents
from charterm.documents.statistics import TypingStatistics
from charterm.documents.store import TextStore
from charterm.errors import ChartermError, UsageError
from charterm.i18n import N_, _
from charterm.model.library import list_models
from charterm.settings import schema
from charterm.tui import text_facts
from charterm.tui.learner import DOCUMENTS, Learnt, MemoryTold
from charterm.tui.predictor import (
    Measured,
    ModelFailed,
    ModelReady,
    Predicted,
    PredictionFailed,
    Predictor,
    Report,
)
from charterm.tui.screens.remembering import RememberingScreen
from charterm.tui.widgets.alternatives import Alternatives
from charterm.tui.widgets.bars import NextCharacters
from charterm.tui.widgets.editor import Editor, EditorView
from charterm.tui.widgets.figures import TextFigures
from charterm.tui.widgets.find_bar import FindBar
from charterm.tui.widgets.mode_bar import ModeBar
from charterm.tui.widgets.question import Question
from charterm.tui.widgets.status import Fact, StatusLine
from charterm.tui.widgets.words import Words

THRESHOLD_STEP = 0.1

STATUS_EVERY = 0.2
"""Seconds between two updates of the figures."""
_PLACEHOLDER = N_("Begin to write …")


class WriteView(RememberingScreen, inherit_bindings=False):
    """Type, see what is likely, take it or go on typing."""

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

    # Layout -------------------------------------------------------------------------------

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

    def commands(self) -> Iterator[SystemCommand]:
        """The bindings' actions, the models, and how readily suggestions are shown."""
        yield from super().commands()
        for entry in list_models():
            yield SystemCommand(
                _("Write: model {name}").format(name=entry.name),
                _("Let this model complete; the text stays"),
                partial(self.use_model, entry.name),
            )
        yield SystemCommand(
            _("Write: suggest more often"),
            _("Also show suggestions that save fewer keys"),
            partial(self.change_threshold, -THRESHOLD_STEP),
        )
        yield SystemCommand(
            _("Write: suggest less often"),
            _("Show only suggestions that save more keys"),
            partial(self.change_threshold, THRESHOLD_STEP),
        )

    # Begin and end --------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Open the text of last time, and read the model once the screen has been painted."""
        self.autosave.delay = self.program.settings.get(schema.AUTOSAVE)
        self._share_margin()
        try:
            self.documents.begin()
        except ChartermError as error:
            kept = _("This text is kept as {name}.").format(name=self.document.name)
            self.notify(f"{error}. {kept}", severity="error", timeout=12)
        self.predictor.share_memory(self.program.settings.get(schema.MEMORY))
        self._load_shown()
        self.editor.focus()
        self.app.app_suspend_signal.subscribe(self, self._suspend, immediate=True)
        self._show_status()
        self.call_after_refresh(self._use_first_model)

    def _use_first_model(self) -> None:
        """The text's own model, or the one that was asked for, unless that is for a file."""
        asked = "" if self.program.files else self.program.model
        self.use_model(asked or self.document.model)

    def _load_shown(self) -> None:
        """Put the text of the document into the editor, as it was when it was last seen."""
        document, editor = self.document, self.editor
        if isinstance(document.view, EditorView):
            editor.bring_back(document.text, document.view)
        else:
            editor.load_text(document.text)
            editor.move_cursor(editor.index_to_location(document.cursor))
        self._shown_since = editor.revision
        self._requested = None
        self._follow()
        self._remark()

    def _note(self) -> None:
        """Let the document have what is in the editor."""
        self.document.text, self.document.cursor = self.editor.text, self.editor.cursor_index

    def change_shown(self, change: Callable[[], object]) -> None:
        """Put the shown text away, and show the one that is the current one after a change.

        Args:
            change: of :attr:`documents`; what goes wrong with it is told.
        """
        shown = self.document
        self._note()
        shown.view = self.editor.put_away()
        self.documents.keep(shown)
        try:
            change()
        except ChartermError as error:
            self.notify(str(error), severity="error", timeout=12)
        if self.document is not shown:
            self._shown_before = shown.statistics
        self._load_shown()
        wanted = self.document.model or self.program.settings.get(schema.MODEL)
        if wanted != self._used_model:
            self.use_model(self.document.model)
        self.editor.focus()
        self.text_shown()

    def text_shown(self) -> None:
        """Called when another text may be in the editor."""

    def open_text(self, name: str) -> None:
        """Put the text that is open away, and show another one of the store with its model."""
        self.change_shown(partial(self.documents.show, name))

    def _remark(self) -> None:
        """Say which text this is, whether its file has it, and how many others are open."""
        remark = text_facts.remark(self.document)
        if remark != self._remarked:
            self._remarked = remark
            self.query_one(ModeBar).remark(remark)

    def leave(self) -> None:
        """Save now: the program ends or is suspended. Raises ChartermError."""
        self._keep()
        self.autosave.flush()

    def _share_margin(self) -> None:
        settings = self.program.settings
        self.set_class(settings.get(schema.BARS) == 0, "-without-bars")
        self.query_one(Alternatives).rows = settings.get(schema.ALTERNATIVES)
        self.query_one("#continuations").styles.height = settings.get(schema.ALTERNATIVES) + 3

    def settings_changed(self) -> None:
        """Let the settings count at once; another default model, where this text uses that."""
        self.autosave.delay = self.program.settings.get(schema.AUTOSAVE)
        self._share_margin()
        self.predictor.share_memory(self.program.settings.get(schema.MEMORY))
        wanted = self.document.model or self.program.settings.get(schema.MODEL)
        if self._used_model not in ("", wanted):
            self.use_model(self.document.model)
        self._requested = None
        self._follow()

    def translate(self) -> None:
        """Say everything in the language in use."""
        super().translate()
        self.editor.placeholder = _(_PLACEHOLDER)
        self._status_soon()

    def _suspend(self, _app: object) -> None:
        try:
            self.leave()
        except ChartermError as error:
            self.notify(str(error), title=_("Not saved"), severity="error")

    def on_unmount(self) -> None:
        """End the threads; what waits to be saved is written even when the program broke."""
        self.predictor.close()
        try:
            self.autosave.close()
        except ChartermError as error:
            self.program.farewell.append(str(error))

    def use_model(self, name: str) -> None:
        """Let a model complete this text from now on; the default one where ``name`` is empty."""
        self.document.model = name
        name = self._used_model = name or self.program.settings.get(schema.MODEL)
        self._model_fact = Fact(name, _("is being read …"), weight=9)
        self.predictor.use(name)
        self._keep()
        self._status_soon()

    def change_threshold(self, by: float) -> None:
        """Suggest more readily (negative) or less."""
        threshold = round(self.program.settings.get(schema.THRESHOLD) + by, 2)
        try:
            self.program.change_setting(schema.THRESHOLD, threshold)
        except UsageError as error:
            self.notify(str(error), severity="warning")
            return
        self.notify(
            _("Suggestions are shown when they save more than {keys} keys on average.").format(
                keys=threshold
            )
        )
        self._requested = None
        self._follow()

    # The text changes -----------------------------------------------------------------------

    @on(TextArea.Changed)
    @on(TextArea.SelectionChanged)
    def _follow(self) -> None:
        editor, settings = self.editor, self.program.settings
        if editor.revision == self._requested:
            return
        self._requested = editor.revision
        editor.threshold = settings.get(schema.THRESHOLD)
        self.predictor.request(
            replace(
                editor.request(),
                characters=settings.get(schema.BARS),
                completions=settings.get(schema.ALTERNATIVES),
                words=settings.get(schema.PHRASE_WORDS),
                learnt=Learnt(f"{DOCUMENTS}{self.document.name}"),
            )
        )
        self._keep()
        self._status_soon()

    def _keep(self) -> None:
        self._note()
        self.documents.keep(self.document)

    @on(Editor.Typed)
    def _count_typed(self, event: Editor.Typed) -> None:
        if not event.pasted:
            self.statistics.count_typed(len(event.text))
            self._keep()

    @on(Editor.Shown)
    def _count_shown(self) -> None:
        self.statistics.shown += 1

    @on(Editor.Accepted)
    def _count_accepted(self, event: Editor.Accepted) -> None:
        self.statistics.count_accepted(len(event.text), event.keys)
        self._keep()

    @on(Editor.OffersChanged)
    def _show_offers(self) -> None:
        editor = self.editor
        self.query_one(Alternatives).show(editor.offers, editor.word_before_cursor)
        if bool(editor.ghost) != self._ghost_hinted:
            self._status_soon()

    # The list and the bars ------------------------------------------------------------------

    @on(Alternatives.Chosen)
    def _choose(self, event: Alternatives.Chosen) -> None:
        self.editor.choose(event.index)

    @on(Alternatives.Taken)
    def _take(self, event: Alternatives.Taken) -> None:
        if event.suggestion in self.editor.offers.suggestions:  # the text may have gone on
            self.editor.accept(event.suggestion.text)
        self.editor.focus()

    @on(NextCharacters.Picked)
    def _type(self, event: NextCharacters.Picked) -> None:
        self.editor.insert(event.character, maintain_selection_offset=False)
        self.editor.focus()

    # Reports of the threads -----------------------------------------------------------------

    @on(Reported)
    def _take_report(self, event: Reported) -> None:
        match event.report:
            case Predicted(version, characters, suggestions, milliseconds):
                if version != self.editor.revision:
                    return
                self.query_one(NextCharacters).characters = characters
                if suggestions is None:
                    return
                self.editor.offer(version, suggestions)
                self.answered, self._milliseconds = version, milliseconds
            case Measured(version, bits, characters):
                shown = version >= self._shown_since  # else typed before this text was shown
                statistics = self.statistics if shown else self._shown_before
                statistics.count_information(bits, characters)
            case ModelReady(name, shape):
                self._tell_without("")
                self._model_fact = Fact(name, shape, weight=9)
            case ModelFailed(name, reason):
                self._model_fact = Fact(_("no model"), weight=9)
                self._tell_without(reason)
            case MemoryTold() as told:
                self.told_of_memory(told)
            case PredictionFailed(reason):
                self.notify(reason, severity="error")
            case Saved(saved, words, was):
                self._learn_name(self.documents.was_saved(saved, words, was))
            case NotSaved(reason):
                self.notify(reason, title=_("Not saved"), severity="error")
        self._status_soon()

    def _learn_name(self, renamed: Document | None) -> None:
        """Tell of a text that had to take another name."""
        if renamed is not None:
            told = _("This text is open elsewhere and was changed there; yours is kept as {name}.")
            self.notify(told.format(name=renamed.name), severity="warning", timeout=12)
            self._remark()

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
