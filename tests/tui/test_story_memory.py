"""The personal memory on the story screen: the writer's turns are learnt, the model's are not."""

import pytest

from charterm.adaptation.memory_file import memory_path
from charterm.adaptation.store import PersonalMemory
from charterm.settings import schema
from charterm.tui.screens.write import WriteScreen
from tests.tui.test_story_screen import Storied, story_screen
from tests.tui.waiting import type_text

# no word of the model's begins with a "d": whatever is offered after one was learnt
NAME = "dourd"


def offered(story: Storied) -> list[str]:
    return [each.text for each in story.screen.entry.offers.suggestions]


async def typed(story: Storied, text: str) -> None:
    await type_text(story.pilot, text)
    entry = story.screen.entry
    await story.wait(lambda: entry.text.endswith(text.rstrip("\n")))


def kept() -> PersonalMemory:
    return PersonalMemory.load(memory_path())


async def test_a_name_is_offered_while_it_is_written_and_gone_with_the_line() -> None:
    async with story_screen() as story:
        await typed(story, f"{NAME} {NAME} {NAME} d")
        await story.wait(lambda: NAME[1:] in offered(story))
        assert story.screen.entry.ghost == NAME[1:]
        story.screen.entry.load_text("d")
        story.screen.entry.move_cursor((0, 1))
        await story.wait(lambda: offered(story) and NAME[1:] not in offered(story))


async def test_a_turn_that_was_sent_is_remembered_and_unlearnt_when_it_is_undone() -> None:
    async with story_screen() as story:
        await story.say(f"{NAME} {NAME} {NAME}")
        await typed(story, "d")
        await story.wait(lambda: NAME[1:] in offered(story))
        story.screen.entry.load_text("")
        await story.press("ctrl+r")  # the model's turn again: nothing of the writer's
        await story.wait(lambda: len(story.screen.story.tree.turns) == 3 and story.idle)
        await typed(story, "d")
        await story.wait(lambda: NAME[1:] in offered(story))
        story.screen.entry.load_text("")
        for _ in range(3):
            await story.press("ctrl+z")
        await story.wait(lambda: not story.texts)
        await typed(story, "d")
        await story.wait(lambda: offered(story) and NAME[1:] not in offered(story))
        await story.press("alt+s")
    assert NAME not in kept().words()


async def test_the_turns_of_the_model_are_not_learnt() -> None:
    async with story_screen() as story:
        await story.say("cloud")
        answer = story.texts[1].split()[0]
    assert kept().words() == {"cloud": 1}
    assert answer not in kept().words()


async def test_forgetting_and_no_learning_work_there_too() -> None:
    async with story_screen((100, 24)) as story:
        await typed(story, f"{NAME} {NAME} {NAME} d")
        await story.wait(lambda: NAME[1:] in offered(story))
        await story.press("alt+n")
        await story.wait(lambda: "not learning" in story.status)
        await story.wait(lambda: NAME[1:] not in offered(story))
        await story.press("alt+n")
        await story.wait(lambda: NAME[1:] in offered(story))
        story.screen.entry.move_cursor((0, 2))
        await story.press("alt+d")
        await story.wait(lambda: kept().forbidden == {NAME})
        story.screen.entry.move_cursor(story.screen.entry.document.end)
        await story.wait(lambda: NAME[1:] not in offered(story))
        await story.press("alt+u")
        await story.wait(lambda: NAME[1:] in offered(story))


async def test_a_story_is_forgotten_once_it_has_begun() -> None:
    async with story_screen((100, 24)) as story:
        await typed(story, f"{NAME} ")
        await story.press("alt+e")
        assert not kept().ignored
        await story.press("enter")
        await story.wait(lambda: len(story.texts) == 2 and story.idle)
        await story.press("alt+e")
        await story.wait(lambda: "not learnt" in story.status)
        assert kept().ignored == {"story/1"}
        assert NAME not in kept().words()


async def test_what_one_screen_learnt_is_offered_on_the_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("charterm.tui.learner.SAVE_SECONDS", 1000.0)  # leaving a screen saves
    async with story_screen() as story:
        await story.say(f"{NAME} {NAME} {NAME}")
        await story.press("alt+w")
        await story.wait(lambda: isinstance(story.program.app.screen_stack[0], WriteScreen))
        await story.wait(lambda: kept().words()[NAME] == 3)
        await typed_in_write(story, "d")
        await story.wait(lambda: NAME[1:] in story.program.listed)
        story.program.app.change_setting(schema.MEMORY, "off")
        await story.wait(lambda: NAME[1:] not in story.program.listed)


async def typed_in_write(story: Storied, text: str) -> None:
    await type_text(story.pilot, text)
    await story.wait(lambda: story.program.editor.text.endswith(text))


async def test_a_deleted_story_is_unlearnt() -> None:
    async with story_screen((120, 30)) as story:
        await story.say(NAME)
        await story.press("alt+o")
        await story.wait(lambda: story.screen.shelf.list.has_focus)
        await story.press("delete")
        await story.wait(lambda: story.screen.story is None)
    assert NAME not in kept().words()
