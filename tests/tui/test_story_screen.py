"""The story screen with a model made by hand, from the keys to the database."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
from textual.css.stylesheet import Stylesheet
from textual.dom import DOMNode
from textual.widgets import Input, Select

from charterm.decoding.controls import PRESETS, Controls
from charterm.decoding.presets import saved_presets
from charterm.errors import ChartermError
from charterm.settings import schema
from charterm.story.store import StoryStore
from charterm.story.story import Story
from charterm.story.tree import MODEL, WRITER
from charterm.story.typed import Typed
from charterm.text.reading import read_text_file
from charterm.tui.running import StoryFirst
from charterm.tui.screens.story import StoryScreen
from charterm.tui.widgets.branch_list import BranchList
from charterm.tui.widgets.choices import Choices
from charterm.tui.widgets.controls_form import ControlsForm
from charterm.tui.widgets.place_list import PlaceList
from charterm.tui.widgets.question import Question
from charterm.tui.widgets.status import StatusLine
from charterm.tui.widgets.story_shelf import StoryShelf
from charterm.tui.widgets.story_side import BRANCHES, CONTROLS, STORIES
from tests.tui.models import save_word_model
from tests.tui.program import Opened, opened
from tests.tui.waiting import type_text, wait_until

SHORT = Controls(length=12, temperature=0.0)


class Storied:
    """The opened story screen and its parts."""

    def __init__(self, program: Opened) -> None:
        self.program = program
        self.pilot = program.pilot

    @property
    def screen(self) -> StoryScreen:
        screen = self.program.app.screen_stack[0]
        assert isinstance(screen, StoryScreen)
        return screen

    @property
    def texts(self) -> list[str]:
        return [turn.text for turn in self.screen.story.path] if self.screen.story else []

    @property
    def shown(self) -> str:
        transcript = self.screen.transcript
        lines = (transcript.render_line(y).text for y in range(transcript.size.height))
        return "\n".join(line.rstrip() for line in lines)

    @property
    def status(self) -> str:
        return str(self.screen.query_one(StatusLine).render())

    async def wait(self, predicate: object) -> None:
        await wait_until(self.pilot, predicate)  # type: ignore[arg-type]

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def say(self, text: str) -> None:
        """Type a turn, send it and wait until the model has answered."""
        before = len(self.texts)
        await type_text(self.pilot, text)
        await self.press("enter")
        wanted = before + (2 if text else 1)
        await self.wait(lambda: len(self.texts) == wanted and self.idle)

    async def answer(self, text: str) -> None:
        """Answer the question at the foot of the screen."""
        question = self.screen.query_one(Question)
        line = question.query_one(Input)
        await self.wait(lambda: question.asked and line.has_focus)
        await self.press("ctrl+u")
        await type_text(self.pilot, text)
        await self.wait(lambda: line.value == text)
        await self.press("enter")
        await self.wait(lambda: not question.asked)

    @property
    def idle(self) -> bool:
        return not self.screen.writing

    def use(self, controls: Controls) -> None:
        self.screen.query_one(ControlsForm).controls = controls


@contextlib.asynccontextmanager
async def story_screen(
    size: tuple[int, int] = (80, 24), controls: Controls | None = SHORT
) -> AsyncIterator[Storied]:
    async with opened(size) as program:
        await program.pilot.press("alt+s")
        await wait_until(
            program.pilot, lambda: isinstance(program.app.screen_stack[0], StoryScreen)
        )
        storied = Storied(program)
        await storied.wait(lambda: storied.screen.has_model)
        if controls is not None:
            storied.use(controls)
        yield storied


async def test_the_writer_and_the_model_take_turns() -> None:
    async with story_screen() as story:
        assert story.screen.query_one("#empty").display
        await story.say("cloud")
        assert story.texts == ["cloud", " bright brig"]
        assert [turn.author for turn in story.screen.story.path] == [WRITER, MODEL]
        assert "You" in story.shown
        assert "Model" in story.shown
        assert "bright brig" in story.shown
        assert story.screen.entry.text == ""
        await story.say("")
        assert len(story.texts) == 3
        assert "3 turns" in story.status


@pytest.mark.parametrize(("asked", "text"), [(None, "new"), (1, "old")])
async def test_the_program_opens_on_a_story(asked: int | None, text: str) -> None:
    save_word_model()
    with StoryStore() as store:
        for first in ("old", "new"):
            Story.create(store).say(first)
    async with StoryFirst(story=asked).run_test(size=(80, 24)) as pilot:
        storied = Storied(Opened(pilot))
        await storied.wait(lambda: storied.screen.has_model)
        await storied.wait(lambda: storied.texts == [text])
        assert storied.screen.entry.has_focus


async def test_the_program_opens_on_a_new_story() -> None:
    save_word_model()
    with StoryStore() as store:
        Story.create(store).say("old")
    async with StoryFirst(new_story=True).run_test(size=(80, 24)) as pilot:
        storied = Storied(Opened(pilot))
        await storied.wait(lambda: storied.screen.has_model)
        storied.use(SHORT)
        await storied.say("cloud")
        assert storied.texts == ["cloud", " bright brig"]


async def test_everything_is_there_after_the_program_was_opened_again() -> None:
    async with story_screen() as story:
        await story.say("cloud")
        texts = story.texts
    async with story_screen() as story:
        await story.wait(lambda: story.texts == texts)
        await story.pilot.pause()
        assert "bright brig" in story.shown


async def drafts_are(story: Storied, drafts: dict[int | None, str]) -> None:
    """Wait until these are the drafts on the disk."""
    with StoryStore() as store:
        await story.wait(lambda: {number: store.draft(number).text for number in drafts} == drafts)


async def test_what_is_typed_survives_a_kill_and_is_gone_when_it_is_sent() -> None:
    async with story_screen() as story:
        await type_text(story.pilot, "clo")
        await drafts_are(story, {None: "clo"})  # a kill now loses nothing
    async with story_screen() as story:
        await story.wait(lambda: story.screen.entry.text == "clo")
        await story.say("ud")
        assert story.texts[0] == "cloud"
        await drafts_are(story, {None: "", 1: ""})
        await type_text(story.pilot, "bri")
        await drafts_are(story, {1: "bri"})
    async with story_screen() as story:
        await story.wait(lambda: story.screen.entry.text == "bri")
        assert story.screen.entry.cursor_location == (0, 3)


async def test_what_was_typed_last_is_kept_when_the_program_ends_at_once() -> None:
    async with story_screen() as story:
        story.program.app.change_setting(schema.AUTOSAVE, 600.0)
        await type_text(story.pilot, "cloud")
        await story.press("ctrl+q")
    with StoryStore() as store:
        assert store.draft(None) == Typed("cloud")


async def test_each_story_has_its_own_line() -> None:
    with StoryStore() as store:
        for first in ("old", "new"):
            Story.create(store).say(first)
        store.write_draft(1, Typed("of the old"))
        store.write_draft(None, Typed("begun"))
        store.write_draft(2, Typed())  # the last one
    async with story_screen() as story:
        await story.wait(lambda: story.texts == ["new"])
        await type_text(story.pilot, "of the new")
        story.screen.shelf.post_message(StoryShelf.Opened(1))
        await story.wait(lambda: story.screen.entry.text == "of the old")
        await story.press("ctrl+n")
        await story.wait(lambda: story.screen.entry.text == "begun")
        await type_text(story.pilot, " again")
        story.screen.shelf.post_message(StoryShelf.Opened(2))
        await story.wait(lambda: story.screen.entry.text == "of the new")
        await drafts_are(story, {1: "of the old", 2: "of the new", None: "begun again"})


async def test_what_is_typed_after_another_story_was_asked_for_is_meant_for_that() -> None:
    with StoryStore() as store:
        Story.create(store).say("old")
        store.write_draft(None, Typed("begun"))
    async with story_screen() as story:
        await story.wait(lambda: story.texts == ["old"])
        story.screen.action_new_story()
        story.screen.entry.insert(" again")  # before the story is there
        await story.wait(lambda: story.screen.story is None)
        assert story.screen.entry.text == "begun again"
        await drafts_are(story, {1: "", None: "begun again"})


async def test_an_edit_of_a_turn_survives_a_kill_and_a_look_at_another_story() -> None:
    with StoryStore() as store:
        old = Story.create(store)
        old.say("the cloud")
        store.write_draft(old.id, Typed("mine"))
        Story.create(store).say("new")
    async with story_screen() as story:
        await story.wait(lambda: story.texts == ["new"])
        story.screen.shelf.post_message(StoryShelf.Opened(old.id))
        await story.wait(lambda: story.screen.entry.text == "mine")
        await story.press("alt+up", "e")
        await story.wait(lambda: story.screen.entry.text == "the cloud")
        await type_text(story.pilot, " 비")
        edit = Typed("mine", 1, "the cloud 비")
        with StoryStore() as store:
            await story.wait(lambda: store.draft(old.id) == edit)  # a kill now loses nothing
        await type_text(story.pilot, " of")
        story.screen.shelf.post_message(StoryShelf.Opened(2))
        await story.wait(lambda: story.texts == ["new"])
        assert story.screen.line.editing is None
        assert story.screen.entry.text == ""
        story.screen.shelf.post_message(StoryShelf.Opened(old.id))
        await story.wait(lambda: story.screen.line.editing == 1)
        await story.press("ctrl+q")
    async with story_screen() as story:
        await story.wait(lambda: story.screen.line.editing == 1)
        assert story.screen.entry.text == "the cloud 비 of"
        assert story.screen.query_one("#entry-note").display
        await story.press("enter")
        await story.wait(lambda: story.texts[:1] == ["the cloud 비 of"])
        assert story.screen.entry.text == "mine"
        with StoryStore() as store:
            await story.wait(lambda: store.draft(old.id) == Typed("mine"))


async def test_an_edit_that_was_left_is_not_kept() -> None:
    with StoryStore() as store:
        Story.create(store).say("the cloud")
        store.write_draft(1, Typed("mine", 1, "the clo"))
        store.write_draft(None, Typed("", 7, "of a turn that is not there"))
    async with story_screen() as story:
        await story.wait(lambda: story.screen.entry.text == "the clo")
        await story.press("escape", "escape")  # the ghost text, the edit
        assert story.screen.entry.text == "mine"
        await story.press("ctrl+n")
        await story.wait(lambda: story.screen.story is None)
        assert story.screen.line.editing is None
    with StoryStore() as store:
        assert store.draft(1) == Typed("mine")


async def test_what_is_typed_while_a_story_comes_into_being_is_of_that_story() -> None:
    async with story_screen() as story:
        line = story.screen.line
        await type_text(story.pilot, "cloud")
        story.screen.entry.load_text("")
        story.screen.teller.say("cloud", SHORT)
        story.screen.entry.insert("bri")
        line.keep()  # before the screen has heard of the story
        await story.wait(lambda: story.screen.story is not None)
        with StoryStore() as store:
            await story.wait(lambda: (store.draft(None), store.draft(1)) == (Typed(), Typed("bri")))


async def test_drafts_that_cannot_be_kept_are_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    async with story_screen() as story:
        story.program.app.change_setting(schema.AUTOSAVE, 0.2)

        full, write = True, StoryStore.write_draft

        def write_where_there_is_room(store: StoryStore, number: int | None, typed: Typed) -> None:
            if full:
                raise ChartermError("the disk is full")
            write(store, number, typed)

        monkeypatch.setattr(StoryStore, "write_draft", write_where_there_is_room)
        await type_text(story.pilot, "clo")
        await story.wait(lambda: "the disk is full" in story.program.notices)
        await type_text(story.pilot, "ud")
        await story.pilot.pause(0.6)
        assert story.program.notices.count("the disk is full") == 1
        await story.press("ctrl+q")
        await story.wait(lambda: "leaves without saving" in story.program.notices)
        full = False
        await story.press("ctrl+q")
    with StoryStore() as store:
        assert store.draft(None) == Typed("cloud")


async def test_escape_stops_the_model_and_keeps_what_it_wrote() -> None:
    async with story_screen() as story:
        story.use(Controls(length=1_000_000))
        await type_text(story.pilot, "cloud")
        await story.press("enter")
        await story.wait(lambda: len(story.texts) == 2 and len(story.texts[1]) > 100)
        await story.press("escape")
        await story.wait(lambda: story.idle)
        kept = story.texts[1]
        assert 100 < len(kept) < 1_000_000
        assert StoryStore().load(story.screen.story.id).path[1].text == kept


async def test_retry_keeps_the_old_turn_as_a_branch_and_undo_brings_it_back() -> None:
    async with story_screen() as story:
        await story.say("cloud")
        await story.press("ctrl+r")
        await story.wait(lambda: len(story.screen.story.tree) == 3 and story.idle)
        head = story.screen.story.tree.head
        assert head == 3
        await story.wait(lambda: "‹ 2/2 ›" in story.shown)
        await story.press("ctrl+z")
        await story.wait(lambda: story.screen.story.tree.head == 2)
        await story.press("ctrl+y")
        await story.wait(lambda: story.screen.story.tree.head == 3)
        await story.press("up", "left")
        await story.wait(lambda: story.screen.story.tree.head == 2)
        assert "‹ 1/2 ›" in story.shown


async def test_undo_in_the_line_comes_before_undo_of_the_story() -> None:
    async with story_screen() as story:
        await story.say("cloud")
        await type_text(story.pilot, "b")
        await story.press("ctrl+z")
        assert story.screen.entry.text == ""
        assert story.screen.story.tree.head == 2
        await story.press("ctrl+z")
        await story.wait(lambda: story.screen.story.tree.head == 1)


async def test_alternatives_stand_side_by_side_and_one_is_chosen() -> None:
    async with story_screen() as story:
        await story.say("cloud")
        await story.press("alt+a")
        choices = story.screen.query_one(Choices)
        await story.wait(lambda: len(choices.turns) == 3 and story.idle)
        await story.wait(lambda: choices.has_focus)
        assert len({column.region.x for column in choices.columns}) == 3
        await story.press("right", "enter")
        await story.wait(lambda: story.screen.story.tree.head == choices.turns[1])
        assert not choices.display
        assert len(story.screen.story.tree) == 5
        await story.wait(lambda: story.screen.entry.has_focus)


async def test_an_edited_turn_is_gone_on_from() -> None:
    async with story_screen() as story:
        await story.say("cloud")
        await story.say("bright")
        await type_text(story.pilot, "b")
        await story.press("up", "up", "up", "enter")
        assert story.screen.line.editing == 2
        assert story.screen.entry.text == "bright brig"
        await story.press("ctrl+u")
        await type_text(story.pilot, "clo")
        await story.press("enter")
        await story.wait(lambda: len(story.texts) == 2 and story.idle)
        assert story.texts == ["cloud", " cloud bright bri"[:16]]
        assert story.screen.entry.text == "b"
        tree = story.screen.story.tree
        assert tree.leaf(2) == 4


async def test_escape_leaves_an_edit() -> None:
    async with story_screen() as story:
        await story.say("cloud")
        await type_text(story.pilot, "mine")
        await story.press("up", "e")
        assert story.screen.line.editing == 2
        await story.wait(lambda: story.screen.entry.ghost)
        await story.press("escape")  # the suggestion goes first
        assert story.screen.line.editing == 2
        await story.press("escape")
        assert story.screen.line.editing is None
        assert story.screen.entry.text == "mine"
        assert len(story.screen.story.tree) == 2


async def test_the_key_after_the_one_that_edits_is_meant_for_what_was_gone_to() -> None:
    async with story_screen() as story:
        await story.say("cloud")
        await story.press("up")
        story.screen.action_edit_turn()
        assert story.screen.focused is story.screen.entry
        await story.press("escape", "alt+p")
        story.screen.action_edit_turn()
        assert story.screen.focused is story.screen.query_one(PlaceList)


async def test_the_tree_of_branches_moves_between_them() -> None:
    async with story_screen() as story:
        await story.say("cloud")
        await story.press("ctrl+r")
        await story.wait(lambda: len(story.screen.story.tree) == 3 and story.idle)
        await story.press("alt+v")
        branches = story.screen.query_one(BranchList)
        await story.wait(lambda: branches.has_focus and branches.option_count == 3)
        lines = [str(option.prompt) for option in branches.options]
        assert [line.strip()[0] for line in lines] == ["●", "├", "└"]
        assert branches.highlighted == 2
        await story.press("up", "enter")
        await story.wait(lambda: story.screen.story.tree.head == 2)
        await story.press("escape")
        await story.wait(lambda: story.screen.entry.has_focus)


async def test_opening_a_panel_does_not_style_the_whole_screen_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    styled = []
    apply = Stylesheet.apply

    def counted(self: Stylesheet, node: DOMNode, **options: Any) -> None:
        styled.append(node)
        apply(self, node, **options)

    async with story_screen((140, 40)) as story:
        everything = len(story.screen.query("*"))
        monkeypatch.setattr(Stylesheet, "apply", counted)
        for panel in (CONTROLS, STORIES, BRANCHES, ""):
            styled.clear()
            story.screen.open_panel(panel)
            assert len(styled) < everything / 4
            assert story.screen.panel == panel
            await story.wait(lambda panel=panel: story.screen.side.region.width > 0 or not panel)


async def test_go_on_from_an_earlier_turn() -> None:
    async with story_screen() as story:
        await story.say("cloud")
        await story.say("bright")
        await story.press("up", "up", "up", "g")
        await story.wait(lambda: story.screen.story.tree.head == 2)
        await story.say("cloud")
        assert len(story.texts) == 4
        assert len(story.screen.story.tree.branches(5)) == 2


async def test_the_probabilities_and_another_character_in_the_place() -> None:
    async with story_screen() as story:
        await story.say("cloud")
        await story.press("alt+p")
        transcript = story.screen.transcript
        assert transcript.exact
        await story.wait(lambda: len(transcript.levels) == 2)
        assert transcript.levels[2][0] == 0  # a space follows every word
        await story.press("home", "right", "right", "right", "right", "right", "right")
        assert (transcript.chosen, transcript.offset_in_turn) == (2, 1)
        place = story.screen.query_one(PlaceList)
        await story.wait(lambda: place.option_count >= 3 and place._place == (2, 1))
        assert [character for character, _p in place._characters[:3]] == ["b", "c", "안"]
        await story.press("enter", "down", "enter")
        await story.wait(lambda: len(story.texts) == 2 and story.texts[1].startswith(" cloud"))
        await story.wait(lambda: story.idle)
        assert story.texts[1] == " cloud bright "[:14]
        assert len(story.screen.story.tree.branches(2)) == 2


async def test_the_line_completes_with_what_the_story_says() -> None:
    async with story_screen() as story:
        await story.say("안녕하세요 bright")
        await type_text(story.pilot, "clo")
        await story.wait(lambda: story.screen.entry.ghost == "ud")
        await story.press("tab")
        assert story.screen.entry.text == "cloud"
        await story.press("ctrl+j", "b")
        assert story.screen.entry.text == "cloud\nb"


async def test_the_preset_that_was_chosen_last_is_that_of_the_next_start() -> None:
    async with story_screen() as story:
        form = story.screen.query_one(ControlsForm)
        form.query_one("#preset", Select).value = "wild"
        await story.wait(lambda: story.screen.controls == PRESETS["wild"])
        assert story.program.app.settings.get(schema.PRESET) == "wild"
    async with story_screen(controls=None) as story:
        assert story.screen.controls == PRESETS["wild"]
        # it was one of the user's, and deleted
        story.program.app.change_setting(schema.PRESET, "gone")
    async with story_screen(controls=None) as story:
        assert story.screen.controls == PRESETS["balanced"]


async def test_controls_count_at_once_and_are_saved_as_a_preset() -> None:
    async with story_screen() as story:
        await story.press("alt+c")
        form = story.screen.query_one(ControlsForm)
        line = next(
            row.query_one(Input) for row in form.query("ControlRow") if row.control.name == "length"
        )
        line.value = "5"
        await story.wait(lambda: story.screen.controls.length == 5)
        line.value = "-5"
        await story.wait(lambda: story.screen.controls.length == 5)
        line.value = "7"
        await story.wait(lambda: story.screen.controls.length == 7)
        await story.press("ctrl+s")
        await story.answer("short")
        await story.wait(lambda: "short" in saved_presets())
        assert saved_presets()["short"].length == 7
        assert form.preset == "short"
        select = form.query_one("#preset", Select)
        select.value = ""  # "custom" is no preset: the one that is in force is shown again
        await story.wait(lambda: select.value == "short")
        await story.press("alt+x")
        await story.wait(lambda: saved_presets() == {})
        assert (form.preset, story.screen.controls.length) == ("", 7)
        await story.press("alt+x")  # nothing is deleted but what was saved
        await story.press("ctrl+s")
        await story.answer("short")
        await story.wait(lambda: saved_presets()["short"].length == 7)
        form.query_one("#preset").value = "wild"  # type: ignore[attr-defined]
        await story.wait(lambda: story.screen.controls == PRESETS["wild"])


async def test_a_search_writes_the_turn_at_its_end() -> None:
    async with story_screen() as story:
        story.use(Controls(method="beam", num_beams=3, n=2, length=8))
        await type_text(story.pilot, "cloud")
        await story.press("enter")
        await story.wait(lambda: len(story.texts) == 2 and story.idle)
        assert len(story.screen.story.tree) == 3
        assert story.texts[1] == " bright "
        choices = story.screen.query_one(Choices)
        await story.wait(lambda: len(choices.turns) == 2)


async def test_stories_are_listed_opened_renamed_deleted_and_brought_back() -> None:
    async with story_screen() as story:
        await story.say("cloud one")
        await story.press("ctrl+n")
        await story.wait(lambda: story.screen.story is None)
        await story.say("bright two")
        shelf = story.screen.shelf
        await story.press("ctrl+o")
        await story.wait(lambda: [info.title for info in shelf.stories][1:] == ["cloud one"])
        await story.wait(lambda: shelf.list.has_focus)
        await story.press("r")
        await story.answer("Second")
        await story.wait(lambda: shelf.stories[0].title == "Second")
        await story.wait(lambda: shelf.list.has_focus)
        await story.press("delete")
        await story.wait(lambda: len(shelf.stories) == 1)
        await story.wait(lambda: story.texts[:1] == ["cloud one"])
        await story.press("u")
        await story.wait(lambda: len(shelf.stories) == 2)
        await story.press("slash")
        await story.wait(lambda: shelf.query_one(Input).has_focus)
        await type_text(story.pilot, "bright two")
        await story.wait(lambda: [info.title for info in shelf.stories] == ["Second"])
        await story.press("enter")
        await story.wait(lambda: shelf.list.has_focus)
        await story.press("enter")
        await story.wait(lambda: story.texts[:1] == ["bright two"])


async def test_a_story_is_exported_and_a_text_imported(own_folders: object) -> None:
    folder = own_folders
    async with story_screen() as story:
        await story.say("*one* cloud")
        await story.press("ctrl+o")
        await story.wait(lambda: story.screen.shelf.stories)
        for name in ("out.md", "out.txt"):
            await story.wait(lambda: story.screen.shelf.list.has_focus)
            await story.press("x")
            await story.answer(f"{folder}/{name}")
            await story.wait(lambda name=name: (folder / name).exists())
        assert (folder / "out.md").read_text().startswith("# \\*one\\* cloud\n\n\\*one\\* cloud ")
        assert read_text_file(folder / "out.txt").text == "*one* cloud bright brig\n"
        await story.wait(lambda: story.screen.shelf.list.has_focus)
        await story.press("X")
        await story.answer(f"{folder}/named.md")
        await story.wait((folder / "named.md").exists)
        told = (folder / "named.md").read_text()
        assert told.endswith("**Writer:** \\*one\\* cloud\n\n**Model:** bright brig\n")
        (folder / "in.txt").write_text("bright\n\ncloud")
        await story.wait(lambda: story.screen.shelf.list.has_focus)
        await story.press("i")
        await story.answer(f"{folder}/in.txt")
        await story.wait(lambda: story.texts == ["bright\n\ncloud"])


async def test_what_a_model_emits_is_shown_as_plain_visible_text() -> None:
    store = StoryStore()
    told = Story.create(store, "wicked")
    told.add(None, MODEL, "\x1b[31m [bold]x[/bold] **y** <b> \x9b \u202e \ud83d z\n\tend")
    store.close()
    async with story_screen() as story:
        await story.wait(lambda: len(story.texts) == 1)
        await story.pilot.pause()
        for _mode in range(2):
            shown = " ".join(line.strip("▎ ") for line in story.shown.splitlines())
            for part in ("␛[31m", "[bold]x[/bold]", "**y**", "<b>", "⟨U+009B⟩", "⟨U+202E⟩", "�"):
                assert part in shown
            assert "\x1b" not in shown
            await story.press("alt+p")


async def test_a_long_story_lays_out_a_window_only() -> None:
    store = StoryStore()
    told = Story.create(store, "long")
    with store.changing():
        for number in range(1000):
            author = MODEL if number % 2 else WRITER
            told.add(told.tree.head, author, f"turn{number} " + "bright cloud " * 76)
    store.close()
    async with story_screen() as story:
        transcript = story.screen.transcript
        await story.wait(lambda: len(transcript.passages.turns) == 1000)
        await story.pilot.pause()
        assert len(transcript.passages.rows) < 2500
        assert "Model" in "\n".join(
            transcript.render_line(y).text for y in range(-40, 20) if y + transcript.scroll_y >= 0
        )
        await story.press("up", "home")
        assert "turn0 " in story.shown
        for _page in range(60):
            await story.press("pagedown")
        top = transcript.passages.rows[int(transcript.scroll_y)]
        assert 20 < top.turn < 200
        for _page in range(10):
            await story.press("pageup")
        assert transcript.passages.rows[int(transcript.scroll_y)].turn < top.turn
        await story.press("end")
        assert "turn999" in "\n".join(
            transcript.passages[row.turn].text[row.start : row.end]
            for row in transcript.passages.rows
        )
        assert transcript.scroll_y == transcript.max_scroll_y


async def test_without_a_model_one_can_write_and_is_told() -> None:
    async with opened(model="nowhere", make_model=False) as program:
        await program.pilot.press("alt+s")
        await wait_until(
            program.pilot, lambda: isinstance(program.app.screen_stack[0], StoryScreen)
        )
        story = Storied(program)
        await story.wait(lambda: "no model" in story.status)
        await type_text(story.pilot, "alone")
        await story.press("enter")
        await story.wait(lambda: story.texts == ["alone"])
