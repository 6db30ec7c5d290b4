"""The writing screen at work: open texts, each with its model, and what is predicted of them."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Final

from textual import on
from textual.app import SystemCommand
from textual.widgets import TextArea

from charterm.documents.autosave import NotSaved, Saved
from charterm.documents.documents import Document
from charterm.errors import ChartermError, UsageError
from charterm.i18n import _
from charterm.model.library import list_models
from charterm.settings import schema
from charterm.tui.learner import DOCUMENTS, Learnt, MemoryTold
from charterm.tui.predictor import (
    LettersUnknown,
    Measured,
    ModelFailed,
    ModelReady,
    Predicted,
    PredictionFailed,
)
from charterm.tui.screens.write_view import WriteView
from charterm.tui.widgets.bars import NextCharacters
from charterm.tui.widgets.editor import Editor, EditorView
from charterm.tui.widgets.status import Fact

THRESHOLD_STEP: Final = 0.1


class WriteTexts(WriteView, inherit_bindings=False):
    """Shows one of the open texts, lets it be predicted and learnt, and keeps it on the disk."""

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

    # Begin and end ----------------------------------------------------------------------

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

    def leave(self) -> None:
        """Save now: the program ends or is suspended. Raises ChartermError."""
        self._keep()
        self.autosave.flush()

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

    # The open texts ---------------------------------------------------------------------

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

    # The text changes -------------------------------------------------------------------

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

    # Reports of the threads -------------------------------------------------------------

    @on(WriteView.Reported)
    def _take_report(self, event: WriteView.Reported) -> None:
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
            case LettersUnknown(name, other):
                self.notify(
                    _("{name} does not know these letters; choose {other} with {key}.").format(
                        name=name, other=other, key=self.program.shown_key("app.palette")
                    ),
                    timeout=12,
                )
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
