"""What the story screen shows: the turns, the line below them, panels, and what threads tell."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from textual import on
from textual.app import SystemCommand
from textual.containers import Horizontal, Vertical
from textual.dom import DOMNode
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static, TextArea

from charterm.decoding.controls import PRESETS, Controls
from charterm.decoding.presets import USUAL, all_presets
from charterm.errors import ChartermError
from charterm.i18n import N_, _
from charterm.model.library import list_models
from charterm.settings import schema
from charterm.story.story import Story, separator
from charterm.story.tree import MODEL
from charterm.story.typed import Typed
from charterm.text.display import visible
from charterm.tui import predictor as prediction
from charterm.tui import story_reports as told
from charterm.tui import text_facts
from charterm.tui.learner import MemoryTold
from charterm.tui.screens.remembering import RememberingScreen
from charterm.tui.story_learning import learnt_of, story_number
from charterm.tui.story_line import StoryLine
from charterm.tui.storyteller import Storyteller
from charterm.tui.widgets.choices import Choices
from charterm.tui.widgets.controls_form import ControlsForm
from charterm.tui.widgets.mode_bar import ModeBar
from charterm.tui.widgets.place_list import PlaceList
from charterm.tui.widgets.question import Question
from charterm.tui.widgets.status import Fact, StatusLine
from charterm.tui.widgets.story_entry import StoryEntry
from charterm.tui.widgets.story_shelf import StoryShelf
from charterm.tui.widgets.story_side import CONTROLS, PLACE, STORIES, StorySide
from charterm.tui.widgets.transcript import Transcript
from charterm.tui.widgets.words import Words

LOOKBACK: Final = 1500
"""Characters of the story that the completions of the next turn take into account."""

_PLACEHOLDER: Final = N_("Your turn …")
_EMPTY: Final = N_(
    "A story by turns: you write, the model goes on.\n\n"
    "Type the beginning below; enter sends it. Every version is kept: retry as often as you "
    "like, edit any turn, come back by the branches."
)


def _number(story: Story | None) -> int | None:
    return story.id if story is not None else None


class StoryView(RememberingScreen, inherit_bindings=False):
    """The story screen without its actions."""

    mode = "story"
    CSS_PATH = [  # noqa: RUF012
        Path(__file__).with_name("foot.tcss"),
        Path(__file__).parent.with_name("widgets") / "controls_form.tcss",
        Path(__file__).with_name("story.tcss"),
    ]

    class Reported(Message):
        """The storyteller or the predictor has something to say."""

        def __init__(self, report: told.Report | prediction.Report, *, ghost: bool) -> None:
            super().__init__()
            self.report = report
            self.ghost = ghost

    def __init__(self) -> None:
        super().__init__()
        self.teller = Storyteller(lambda report: self._report(report, ghost=False))
        self.predictor = prediction.Predictor(
            lambda report: self._report(report, ghost=True), self._is_kept
        )
        self.story: Story | None = None
        """What is shown; only the storyteller changes it."""
        self.writing = False
        """Whether the model is writing."""
        self.has_model = False
        self._used_model = ""
        self._model_fact = Fact("", weight=9)
        self._written = Fact("")
        self._requested: int | None = None
        self._entry = StoryEntry(id="entry", placeholder=_(_PLACEHOLDER))
        self.line = StoryLine(self._entry, self.teller)
        """What is typed, and for which turn."""
        self._draft_waits = False

    def _report(self, report: told.Report | prediction.Report, *, ghost: bool) -> None:
        self.post_message(self.Reported(report, ghost=ghost))  # from any thread

    def _is_kept(self, document: str) -> bool:
        """Whether a document of the memory is still there; stories may be deleted."""
        story = story_number(document)
        return story is None or self.teller.has(story)

    # Layout -------------------------------------------------------------------------------

    def content(self) -> Iterable[Widget]:
        """The transcript and the line below it; beside it one of four panels."""
        with Horizontal(id="desk"):
            with Vertical(id="told"):
                yield Words(_EMPTY, id="empty")
                yield Transcript(id="transcript")
                yield Choices()
                yield Static("", id="entry-note", markup=False)
                with Horizontal(id="entry-row"):
                    yield self._entry
            yield StorySide(self.teller, id="side")
        yield Question()
        yield StatusLine()

    @property
    def entry(self) -> StoryEntry:
        """Where the next turn is typed."""
        return self._entry

    editor = entry

    @property
    def learnt_title(self) -> str:
        """The title of the story."""
        return visible(self.story.info.title) if self.story is not None else ""

    @property
    def transcript(self) -> Transcript:
        """The turns."""
        return self.query_one(Transcript)

    @property
    def shelf(self) -> StoryShelf:
        """The stories."""
        return self.query_one(StoryShelf)

    @property
    def choosing(self) -> bool:
        """Whether alternatives stand side by side."""
        return self.query_one(Choices).display

    @property
    def side(self) -> StorySide:
        """What stands beside the story."""
        return self.query_one(StorySide)

    @property
    def panel(self) -> str:
        """Which panel that is; "" for none."""
        return self.side.panel

    @property
    def controls(self) -> Controls:
        """How the model writes."""
        return self.query_one(ControlsForm).controls

    def command_nodes(self) -> Iterable[DOMNode]:
        """The screen, the line, the turns and the stories."""
        return (self, self.entry, self.transcript, self.shelf.list)

    def commands(self) -> Iterator[SystemCommand]:
        """The bindings' actions, and the models."""
        yield from super().commands()
        for entry in list_models():
            yield SystemCommand(
                _("Story: model {name}").format(name=entry.name),
                _("Let this model write; the story stays"),
                partial(self.use_model, entry.name),
            )

    # Begin and end ------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Open the story asked for, or that of last time; read the model once all is painted."""
        self.settings_changed()
        self._load_presets()
        form = self.query_one(ControlsForm)
        form.controls = form.presets.get(self.program.settings.get(schema.PRESET), PRESETS[USUAL])
        self.open_panel(CONTROLS if self.app.size.width >= 110 else "")
        self.entry.focus()
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        self._used_model = self.program.model or self.program.settings.get(schema.MODEL)
        self._model_fact = Fact(self._used_model, _("is being read …"), weight=9)
        self.teller.begin(self._used_model, self.program.first_story, new=self.program.begins_story)
        self.predictor.share_memory(self.program.settings.get(schema.MEMORY))
        self.predictor.use(self._used_model)
        self._show_status()

    def _load_presets(self) -> None:
        try:
            self.query_one(ControlsForm).presets = all_presets()
        except ChartermError as error:
            self.notify(str(error), severity="warning", timeout=12)

    def begin_with(self, preset: str) -> None:
        """Let this preset be in force at the next start."""
        self.program.change_setting(schema.PRESET, preset)

    @on(ControlsForm.Changed)
    def _take_controls(self, event: ControlsForm.Changed) -> None:
        if event.form.preset:
            self.begin_with(event.form.preset)

    def on_unmount(self) -> None:
        """End the threads; what is being written is saved."""
        self.predictor.close()
        self.teller.close()

    def settings_changed(self) -> None:
        """Let the settings count at once."""
        settings = self.program.settings
        self.entry.threshold = settings.get(schema.THRESHOLD)
        self.shelf.folder = settings.get(schema.FOLDER)
        self.predictor.share_memory(settings.get(schema.MEMORY))
        wanted = self.program.model or settings.get(schema.MODEL)
        if self._used_model and wanted != self._used_model:
            self.use_model(wanted)

    def use_model(self, name: str) -> None:
        """Let another model write from now on."""
        self._used_model = name
        self._model_fact = Fact(name, _("is being read …"), weight=9)
        self.teller.use(name)
        self.predictor.use(name)
        self._show_status()

    def translate(self) -> None:
        """Say everything in the language in use."""
        super().translate()
        self.entry.placeholder = _(_PLACEHOLDER)
        self.transcript.refresh()
        self._show_status()

    # Reports of the threads ---------------------------------------------------------------

    @on(Reported)
    async def _take_report(self, event: Reported) -> None:
        if event.ghost:
            self._take_prediction(event.report)
            return
        match event.report:
            case told.StoryOpened(story, draft):
                self._show_story(story, draft)
            case told.StoryChanged():
                self._show_change()
            case told.Began(count):
                self.writing = True
                self.entry.offer(self.entry.revision, ())  # escape stops the model, no ghost first
                self._written = Fact(_("writing …"), weight=8)
                if count > 1:
                    await self.query_one(Choices).begin(count)
                    self._set_choosing(True)
            case told.Grew(turns):
                self._show_growth(turns)
            case told.Searching(text):
                self._written = Fact(_("searching …"), visible(text[-40:]), weight=8)
            case told.Finished():
                self._end_writing(event.report)
            case told.Weighed(turn, logprobs):
                self.transcript.weigh(turn, logprobs)
            case told.PlaceRead(turn, offset, characters):
                self._show_place(turn, offset, characters)
            case told.Listed():
                self.shelf.show(event.report)
            case told.Said(text):
                self.notify(text)
                self._remark()
            case told.Refused(reason):
                self.notify(reason, severity="error", timeout=12)
            case prediction.ModelReady(name, shape):
                self.has_model = True
                self._model_fact = Fact(name, shape, weight=9)
                self.transcript.forget_weights()
                self.transcript.refresh()
            case prediction.ModelFailed(name, reason):
                self.has_model = False
                self._model_fact = Fact(_("no model"), weight=9)
                self.notify(reason, severity="warning", timeout=12)
        self._show_status()

    def _take_prediction(self, report: told.Report | prediction.Report) -> None:
        match report:
            case prediction.Predicted(version=version, suggestions=suggestions):
                if suggestions is not None and not self.writing:
                    self.entry.offer(version, suggestions)
            case MemoryTold():
                self.told_of_memory(report)
                self._show_status()
            case prediction.PredictionFailed(reason):
                self.notify(reason, severity="error")

    def _show_story(self, story: Story | None, draft: Typed | None) -> None:
        self._set_choosing(False)
        if draft is not None:
            self.line.show(_number(story), draft)
        elif story is not None:
            self.line.begun(story.id)
        self.story = story
        self._mark_edit()
        self.shelf.current = _number(story)
        self.transcript.show(story)
        self._written = Fact("")
        self._show_change()
        self._remark()
        self.teller.list_stories()

    # What is typed is kept ----------------------------------------------------------------

    @on(TextArea.Changed, "#entry")
    def _keep_draft_soon(self) -> None:
        if not self._draft_waits:
            self._draft_waits = True
            self.set_timer(self.program.settings.get(schema.AUTOSAVE), self._keep_draft)

    def _keep_draft(self) -> None:
        self._draft_waits = False
        self.line.keep()

    def leave(self) -> None:
        """Keep what was typed now: the program ends. Raises ChartermError."""
        self.line.keep_now()

    def _mark_edit(self) -> None:
        """Tell what the line is for, where it is an edit."""
        turn = self.line.editing
        self.query_one("#entry-row").set_class(turn is not None, "-editing")
        if turn is None or self.story is None:
            self._note("")
            return
        self._note(
            _("Editing the model's turn: enter goes on from it, escape leaves it as it is")
            if self.story.tree[turn].author == MODEL
            else _("Editing your turn: enter goes on from it, escape leaves it as it is")
        )

    def _remark(self) -> None:
        title = ""
        if self.story is not None:
            try:
                title = self.story.info.title
            except ChartermError:  # it was deleted meanwhile; another one is being opened
                title = ""
        self.query_one(ModeBar).remark(visible(title))

    def _show_change(self) -> None:
        path = self.story.tree.path if self.story is not None else []
        self.query_one("#empty").display = not path
        self.transcript.display = bool(path)
        self.transcript.read()
        self._show_branches()
        if len(path) <= 1:
            self._remark()
        self._follow_again()
        self.refresh_bindings()

    def _show_branches(self) -> None:
        self.side.show_branches(self.story.tree if self.story is not None else None)

    def _show_growth(self, turns: tuple[int, ...]) -> None:
        if self.story is None or not turns:
            return
        tree = self.story.tree
        self.transcript.grow(turns[0])
        count = sum(len(tree[turn].text) for turn in turns if turn in tree)
        self._written = Fact(f"{count:,}", _("characters · esc stops"), weight=8)
        if self.choosing:
            texts = [tree[turn].text for turn in turns if turn in tree]
            self.query_one(Choices).show(turns, texts)

    def _end_writing(self, done: told.Finished) -> None:
        self.writing = False
        self._show_growth(done.turns)
        speed = done.characters / done.seconds if done.seconds else 0
        self._written = Fact(f"{speed:,.0f}", _("characters/s"), weight=5)
        if not done.characters:
            self._written = Fact("")
            self._set_choosing(False)
        self._show_change()
        self.teller.list_stories()

    def _show_status(self) -> None:
        facts = [self._model_fact, *text_facts.facts_of_memory(self.memory_state)]
        if self._written.value:
            facts.append(self._written)
        if self.story is not None:
            facts += text_facts.facts_of_story(self.story.tree)
        self.query_one(StatusLine).facts = tuple(facts)

    # Live completions ---------------------------------------------------------------------

    @on(TextArea.Changed)
    @on(TextArea.SelectionChanged)
    def _follow(self) -> None:
        entry, settings = self.entry, self.program.settings
        if entry.revision == self._requested or self.writing:
            return
        self._requested = entry.revision
        before = self._before_entry()
        request = entry.request()
        before += separator(before, request.text)
        self.predictor.request(
            replace(
                request,
                text=before + request.text,
                cursor=len(before) + request.cursor,
                measure=False,
                completions=settings.get(schema.ALTERNATIVES),
                words=settings.get(schema.PHRASE_WORDS),
                learnt=learnt_of(
                    self.story, len(before), editing=self.line.editing, unsent=self.line.unsent
                ),
            )
        )

    def _follow_again(self) -> None:
        """The story before the line is another one: what was expected is stale."""
        self.entry.revision += 1
        self._follow()

    def _before_entry(self) -> str:
        if self.story is None:
            return ""
        tree = self.story.tree
        editing = self.line.editing
        if editing is not None and editing in tree:
            return tree.tail(tree[editing].parent, LOOKBACK)
        return tree.tail(tree.head, LOOKBACK)

    @on(StoryEntry.OffersChanged)
    def _hint(self) -> None:
        self.refresh_bindings()

    # Parts that come and go ---------------------------------------------------------------

    def open_panel(self, panel: str) -> None:
        """Show a panel beside the story, or with "" none."""
        self.side.open(panel)
        self.query_one("#told").set_class(panel not in ("", PLACE), "-covered")
        self._show_branches()
        if panel == STORIES:
            self.teller.list_stories()

    def _set_choosing(self, choosing: bool) -> None:
        choices = self.query_one(Choices)
        choices.display = choosing
        self.side.cover(choosing)
        self._note("")
        if choosing:
            self._note(_("← → choose, enter takes one; the others stay as branches"))
            choices.focus()
        elif choices.has_focus:
            self.entry.focus()

    def _note(self, text: str) -> None:
        note = self.query_one("#entry-note", Static)
        note.update(text)
        note.display = bool(text)

    def _show_place(
        self, turn: int, offset: int, characters: tuple[tuple[str, float], ...]
    ) -> None:
        transcript = self.transcript
        if (turn, offset) != (transcript.chosen, transcript.offset_in_turn):
            return  # the cursor has gone on
        text = transcript.passages[turn].text
        self.query_one(PlaceList).show(turn, offset, text[offset : offset + 1], characters)

    @on(Transcript.Needed)
    def _weigh(self, event: Transcript.Needed) -> None:
        self.teller.weigh(event.turn)

    @on(Transcript.ChosenChanged)
    def _look_at_place(self) -> None:
        transcript = self.transcript
        if transcript.exact and transcript.chosen is not None:
            self.teller.read_place(transcript.chosen, transcript.offset_in_turn)
        self.refresh_bindings()
