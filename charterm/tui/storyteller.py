"""The story and its model on a thread of their own: neither the disk nor a generation blocks keys.

The thread does one thing after the other, in the order asked. What the writer asks for ends a
generation that is going on, which keeps what it has. The screen reads the story that it is handed
and never changes it.
"""

import math
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from charterm.decoding.controls import SAMPLE, Controls
from charterm.decoding.generated import Character, Ended, Progress, Results
from charterm.engine.language_model import LanguageModel
from charterm.engine.shared_models import shared_language_model
from charterm.errors import ChartermError
from charterm.model.library import find_model
from charterm.story.narrator import Narrator
from charterm.story.store import StoryStore
from charterm.story.story import Story, well_formed
from charterm.story.tree import MODEL, Turn
from charterm.story.typed import Typed
from charterm.tui import echo
from charterm.tui.predictor import ModelFailed, ModelReady
from charterm.tui.story_reports import (
    Began,
    Finished,
    Grew,
    Listed,
    PlaceRead,
    Refused,
    Report,
    Said,
    Searching,
    StoryChanged,
    StoryOpened,
    Weighed,
)

REPORT_SECONDS: Final = 0.04
"""A turn that grows is reported this often."""

LISTED: Final = 20
"""Characters listed at a place of the story."""


@dataclass(frozen=True)
class _Job:
    run: Callable[[], None]
    kind: str  # of those that wait, only the last of a kind is done; "" for all
    interrupts: bool


class Storyteller:
    """Keeps a story and lets the model go on with it, on its own thread."""

    def __init__(self, report: Callable[[Report], None]) -> None:
        """Prepare; the thread starts with :meth:`begin`.

        Args:
            report: takes each report; it is called on the thread.
        """
        self._report = report
        self._condition = threading.Condition()
        self._jobs: deque[_Job] = deque()
        self._stopping = False
        self._closing = False
        self._store: StoryStore | None = None
        self._story: Story | None = None
        self._model: LanguageModel | None = None
        self._narrator: Narrator | None = None
        self._search = ""
        self.drafts_fail = False
        """Whether what was typed last could not be kept."""
        self._thread = threading.Thread(target=self._run, name="storyteller", daemon=True)

    # What the screen asks for -------------------------------------------------------------

    def begin(self, model: str, story: int | None = None, *, new: bool = False) -> None:
        """Open a story, by default the one last written, or begin one, and load the model."""
        if new:
            self.new()
        elif story is not None:
            self.open(story)
        else:
            self._ask(self._open_last)
        self.use(model)
        self._thread.start()

    def use(self, model: str) -> None:
        """Let the model of this name read and write from now on."""
        self._ask(lambda: self._load(model))

    def new(self) -> None:
        """Begin another story; it is kept from its first turn on."""
        self._ask(lambda: self._show(None))

    def open(self, story: int) -> None:
        """Open a story of the list."""
        self._ask(lambda: self._show(Story(self._stories, story)))

    def say(self, text: str, controls: Controls) -> None:
        """Add the writer's turn, where there is text, and let the model go on."""
        self._ask(lambda: self._say(text, controls))

    def retry(self, turn: int | None, controls: Controls) -> None:
        """Let the model write the turn again, beside what there is; None: at the head."""
        self._ask(lambda: self._retry(turn, controls))

    def edit(self, turn: int, text: str, controls: Controls) -> None:
        """Put a text in the place of a turn's, beside it, and let the model go on from it."""
        self._ask(lambda: self._edit(turn, text, controls))

    def choose(
        self, turn: int, offset: int, character: str, probability: float, controls: Controls
    ) -> None:
        """Branch off at a character, with another one, and let the model go on from it."""
        self._ask(lambda: self._choose(turn, offset, character, probability, controls))

    def change(self, change: Callable[[Story], object]) -> None:
        """Change the story, without the model: undo, redo, another head."""
        self._ask(lambda: self._change(change))

    def stop(self) -> None:
        """End the generation that is going on; what it wrote stays."""
        self._stopping = True

    def weigh(self, turn: int) -> None:
        """Report how probable each character of a turn was."""
        self._ask(lambda: self._weigh(turn), interrupts=False)

    def read_place(self, turn: int, offset: int) -> None:
        """Report what the model expects there; of several such wishes the last counts."""
        self._ask(lambda: self._read_place(turn, offset), kind="place", interrupts=False)

    def keep_draft(self, story: int | None, typed: Typed) -> None:
        """Keep what is typed of a story; None for one that has not begun."""
        self._ask(lambda: self._keep_draft(story, typed), kind=f"draft {story}", interrupts=False)

    def save_draft(self, story: int | None, typed: Typed) -> None:
        """The same before it returns, on any thread. Raises ChartermError."""
        with self._condition:  # what waits is older
            self._drop(f"draft {story}")
        if self._store is not None:
            self._store.write_draft(story, _well_formed(typed))

    def list_stories(self, search: str | None = None) -> None:
        """Report the stories; with ``search``, those in which that occurs, from now on."""
        self._ask(lambda: self._list(search), kind="list", interrupts=False)

    def keep(self, work: Callable[[StoryStore], Said | None]) -> None:
        """Do something with the stories as they are kept, and list them again."""
        self._ask(lambda: self._keep(work))

    def has(self, story: int) -> bool:
        """Whether there is such a story; also where that cannot be told now. On any thread."""
        store = self._store
        if store is None:
            return True
        try:
            return store.has(story)
        except ChartermError:  # busy or closed: what depends on the story stays
            return True

    def close(self, timeout: float = 2.0) -> None:
        """Save and end the thread; waits at most ``timeout`` seconds for it."""
        with self._condition:
            self._closing = True
            self._condition.notify()
        if self._thread.is_alive():
            self._thread.join(timeout)

    # The thread ---------------------------------------------------------------------------

    def _ask(self, run: Callable[[], None], *, kind: str = "", interrupts: bool = True) -> None:
        with self._condition:
            if kind:
                self._drop(kind)
            self._jobs.append(_Job(run, kind, interrupts))
            self._condition.notify()

    def _drop(self, kind: str) -> None:
        self._jobs = deque(job for job in self._jobs if job.kind != kind)

    def _run(self) -> None:
        while True:
            with self._condition:
                self._condition.wait_for(lambda: self._closing or self._jobs)
                if not self._jobs:
                    break
                job = self._jobs.popleft()
                self._stopping = False
            try:
                job.run()
            except ChartermError as error:
                self._report(Refused(str(error)))
                self._report(StoryChanged())
            except Exception as error:  # a defect must not end the thread without a word
                self._report(Refused(f"{type(error).__name__}: {error}"))
        if self._store is not None:
            self._store.close()

    def _overtaken(self) -> bool:
        echo.let_keys_pass()
        return self._stopping or self._closing or any(job.interrupts for job in self._jobs.copy())

    @property
    def _stories(self) -> StoryStore:
        if self._store is None:
            self._store = StoryStore()
        return self._store

    def _open_last(self) -> None:
        stories = self._stories.stories()
        self._show(Story(self._stories, stories[0].id) if stories else None)

    def _load(self, name: str) -> None:
        try:
            model = shared_language_model(find_model(name).folder, name=name)
        except ChartermError as error:
            self._model = self._narrator = None
            self._report(ModelFailed(name, str(error)))
            return
        self._model = model
        self._attach()
        config = model.config
        self._report(ModelReady(name, config.title))
        self._warm()

    def _attach(self) -> None:
        """Let the model, if there is one, read the story, if there is one."""
        if self._model is not None and self._story is not None:
            self._narrator = Narrator(self._model, self._story)
        else:
            self._narrator = None

    def _show(self, story: Story | None, *, begun: bool = False) -> None:
        draft = None
        if not begun:
            self._do_drafts()
            draft = self._stories.draft(story.id if story is not None else None)
            if draft.turn is None or story is None or draft.turn not in story.tree:
                draft = Typed(draft.text)
        self._story = story
        self._attach()
        self._report(StoryOpened(story, draft))
        self._warm()

    def _keep_draft(self, story: int | None, typed: Typed) -> None:
        try:
            self._stories.write_draft(story, _well_formed(typed))
        except ChartermError as error:
            if not self.drafts_fail:  # told once, not at every word
                self._report(Refused(str(error)))
            self.drafts_fail = True
        else:
            self.drafts_fail = False

    def _do_drafts(self) -> None:
        """Keep what waits to be kept of what is typed."""
        with self._condition:
            drafts = [job for job in self._jobs if job.kind.startswith("draft")]
            self._jobs = deque(job for job in self._jobs if not job.kind.startswith("draft"))
        for job in drafts:
            job.run()

    def _begun(self) -> Story:
        """The story, which comes into being with its first turn."""
        if self._story is None:
            self._show(Story.create(self._stories), begun=True)
            self._keep_draft(None, Typed())
        assert self._story is not None
        return self._story

    def _warm(self) -> None:
        """Read up to the head, so that the next turn begins at once."""
        if self._narrator is not None and not self._overtaken():
            self._narrator.context(self._narrator.story.tree.head)

    def _say(self, text: str, controls: Controls) -> None:
        story = self._begun()
        if text:
            story.say(text)
            self._keep_draft(story.id, Typed())
            self._report(StoryChanged())
        self._go_on(controls, after=story.tree.head)

    def _retry(self, turn: int | None, controls: Controls) -> None:
        tree = self._begun().tree
        told = None if turn is None else tree[turn]
        after = told.parent if told is not None and told.author == MODEL else turn
        tried = len(tree.children(after))
        if controls.seed >= 0:  # as repeatable, and not the same again
            controls = replace(controls, seed=controls.seed + tried)
        self._go_on(controls, after=after)

    def _edit(self, turn: int, text: str, controls: Controls) -> None:
        story = self._begun()
        edited = story.edit(turn, text)
        self._stories.forget_edit(story.id)
        self._report(StoryChanged())
        if edited.id != turn:
            self._go_on_from(edited, controls)

    def _choose(
        self, turn: int, offset: int, character: str, probability: float, controls: Controls
    ) -> None:
        narrator = self._narrator
        if narrator is None:
            return
        branch = narrator.story.branch_at(
            turn, offset, character, model=narrator.name, logprob=math.log(probability)
        )
        self._report(StoryChanged())
        self._go_on_from(branch, controls)

    def _go_on_from(self, turn: Turn, controls: Controls) -> None:
        """The model goes on with a turn of its own, and answers one of the writer's."""
        if turn.author == MODEL:
            self._go_on(controls, into=turn.id)
        else:
            self._go_on(controls, after=turn.id)

    def _go_on(
        self, controls: Controls, *, after: int | None = None, into: int | None = None
    ) -> None:
        narrator = self._narrator
        if narrator is None or self._overtaken():
            return
        begun = reported = time.perf_counter()
        turns: list[int] = []
        reason, characters = "", 0
        self._report(Began(1 if into is not None else controls.n))
        try:
            for told in narrator.go_on(
                controls, after=after, into=into, should_stop=self._overtaken
            ):
                match told.event:
                    case Character():
                        characters += 1
                        if told.turn is not None and told.turn.id not in turns:
                            turns.append(told.turn.id)
                            self._report(StoryChanged())
                        now = time.perf_counter()
                        if now - reported >= REPORT_SECONDS:
                            reported = now
                            self._report(Grew(tuple(turns)))
                            self._do_drafts()
                    case Ended(reason=why):
                        reason = reason or why
                    case Progress(best=best):
                        now = time.perf_counter()
                        if best and now - reported >= REPORT_SECONDS:
                            reported = now
                            self._report(Searching(best[0]))
                            self._do_drafts()
                    case Results(texts=texts) if controls.method != SAMPLE:
                        characters = sum(len(text.text) for text in texts)
                        reason = texts[0].reason if texts else ""
                        head = narrator.story.tree.head
                        parent = narrator.story.tree[head].parent if head is not None else None
                        if into is None and head is not None:
                            fresh = [turn.id for turn in narrator.story.tree.children(parent)]
                            turns = fresh[-sum(bool(text.text) for text in texts) :]
        finally:
            self._report(StoryChanged())
            seconds = time.perf_counter() - begun
            self._report(Finished(tuple(turns), reason, characters, seconds))
        self._warm()

    def _change(self, change: Callable[[Story], object]) -> None:
        if self._story is not None:
            change(self._story)
            self._report(StoryChanged())
            self._warm()

    def _weigh(self, turn: int) -> None:
        if self._narrator is not None and turn in self._narrator.story.tree:
            self._report(Weighed(turn, self._narrator.logprobs(turn)))

    def _read_place(self, turn: int, offset: int) -> None:
        if self._narrator is not None and turn in self._narrator.story.tree:
            listed, _rest = self._narrator.alternatives(turn, offset, LISTED)
            self._report(PlaceRead(turn, offset, tuple(listed)))

    def _list(self, search: str | None) -> None:
        if search is not None:
            self._search = search
        stories = self._stories.stories(self._search)
        self._report(Listed(tuple(stories), len(self._stories.deleted()), self._search))

    def _keep(self, work: Callable[[StoryStore], Said | None]) -> None:
        said = work(self._stories)
        if said is not None:
            self._report(said)
        self._list(None)
        there = {info.id for info in self._stories.stories()}
        if self._story is not None and self._story.id not in there:
            self._open_last()


def _well_formed(typed: Typed) -> Typed:
    return replace(typed, text=well_formed(typed.text), edit=well_formed(typed.edit))
