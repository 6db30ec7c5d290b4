"""The writing screen: a text, what the model expects next, and what that has saved so far."""

from collections.abc import Iterable, Iterator
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
from charterm.documents.statistics import TypingStatistics
from charterm.documents.store import UNTITLED, SavedText, TextStore, count_words
from charterm.errors import ChartermError, UsageError
from charterm.i18n import N_, _, ngettext
from charterm.model.library import list_models
from charterm.settings import schema
from charterm.tui.predictor import (
    Measured,
    ModelFailed,
    ModelReady,
    Predicted,
    PredictionFailed,
    Predictor,
    Report,
)
from charterm.tui.screens.mode import ModeScreen
from charterm.tui.widgets.alternatives import Alternatives
from charterm.tui.widgets.bars import NextCharacters
from charterm.tui.widgets.editor import Editor
from charterm.tui.widgets.figures import TextFigures
from charterm.tui.widgets.mode_bar import ModeBar
from charterm.tui.widgets.status import Fact, StatusLine
from charterm.tui.widgets.words import Words

THRESHOLD_STEP = 0.1

STATUS_EVERY = 0.2
"""Seconds between two updates of the figures."""
_PLACEHOLDER = N_("Begin to write …")


class WriteScreen(ModeScreen):
    """Type, see what is likely, take it or go on typing."""

    mode = "write"
    CSS_PATH = Path(__file__).with_name("write.tcss")

    class Reported(Message):
        """The predictor or the autosave has something to say."""

        def __init__(self, report: Report | Saved | NotSaved) -> None:
            super().__init__()
            self.report = report

    def __init__(self) -> None:
        super().__init__()
        self.store = TextStore()
        self.predictor = Predictor(self._report)
        self.saved = SavedText(UNTITLED)
        """The text as it was read or last written."""
        self.statistics = TypingStatistics()
        self.model = ""
        self.answered: int | None = None
        """The revision of the text that the shown predictions belong to."""
        self._requested: int | None = None
        self._model_fact = Fact("", weight=9)
        self._used_model = ""
        self._milliseconds: float | None = None
        self._words = 0
        self._status_due = False
        self._ghost_hinted = False

    def _report(self, report: Report | Saved | NotSaved) -> None:
        self.post_message(self.Reported(report))  # from any thread

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
        yield StatusLine()

    @property
    def editor(self) -> Editor:
        """The text area."""
        return self.query_one(Editor)

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
        settings = self.program.settings
        self.autosave = Autosave(self.store, self._report, settings.get(schema.AUTOSAVE))
        self._share_margin()
        self._open(UNTITLED)
        self.editor.focus()
        self.app.app_suspend_signal.subscribe(self, self._suspend, immediate=True)
        self._show_status()
        self.call_after_refresh(self.use_model, self.program.model or self.saved.model)

    def _open(self, name: str) -> None:
        try:
            self.saved = self.store.load(name)
        except ChartermError as error:
            self.saved = SavedText(self.store.free_name())
            kept = _("This text is kept as {name}.").format(name=self.saved.name)
            self.notify(f"{error}. {kept}", severity="error", timeout=12)
        self.query_one(ModeBar).remark(self.saved.name)
        self.statistics = self.saved.statistics.copy()
        self.editor.load_text(self.saved.text)
        self.editor.move_cursor(self.editor.index_to_location(self.saved.cursor))
        self._words = count_words(self.saved.text)
        self._follow()

    def open_text(self, name: str) -> None:
        """Put the text that is open away, and open another one with its model.

        Raises:
            ChartermError: the open text could not be saved; it stays.
        """
        self.leave()
        self._open(name)
        self.use_model(self.saved.model)
        self.editor.focus()

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
        if self._used_model not in ("", self.model or self.program.settings.get(schema.MODEL)):
            self.use_model(self.model)
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
        self.model = name
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
            )
        )
        self._keep()
        self._status_soon()

    def _keep(self) -> None:
        editor = self.editor
        self.autosave.keep(
            SavedText(
                self.saved.name,
                editor.text,
                editor.cursor_index,
                self.statistics.copy(),
                self.model,
            )
        )

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
            case Measured(_version, bits, characters):
                self.statistics.count_information(bits, characters)
            case ModelReady(name, shape):
                self._tell_without("")
                self._model_fact = Fact(name, shape, weight=9)
            case ModelFailed(name, reason):
                self._model_fact = Fact(_("no model"), weight=9)
                self._tell_without(reason)
            case PredictionFailed(reason):
                self.notify(reason, severity="error")
            case Saved(saved, words, _was):
                self.saved = saved
                self._words = words
            case NotSaved(reason):
                self.notify(reason, title=_("Not saved"), severity="error")
        self._status_soon()

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
        statistics = self.statistics
        facts = [self._model_fact]
        if statistics.accepted:
            share = _("keys saved, {percent} %").format(percent=round(100 * statistics.savings))
            facts.append(Fact(f"{statistics.keys_saved:,}", share, weight=8))
        if (bits := statistics.bits_per_character) is not None:
            facts.append(Fact(f"{bits:.2f}", _("bits/char"), weight=7))
        if self._milliseconds is not None:
            facts.append(Fact(f"{self._milliseconds:.1f}", _("ms"), weight=6))
        facts.append(
            Fact(f"{self._words:,}", ngettext("word", "words", self._words), weight=3, right=True)
        )
        kept = self.saved.text == self.editor.text
        facts.append(Fact(_("saved") if kept else _("saving"), weight=2, right=True))
        self.query_one(StatusLine).facts = tuple(facts)
        self.query_one(TextFigures).statistics = statistics.copy()
