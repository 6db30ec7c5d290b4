"""The text area alone: its text, its ghost text, and what takes or ends it."""

import random
import unicodedata
from collections.abc import Callable

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from charterm.tui.offers import Suggestion
from charterm.tui.widgets.editor import Editor
from tests.tui.waiting import type_text

LIKE = (Suggestion("like", 0.6), Suggestion("love", 0.2), Suggestion("a", 0.1))


class EditorApp(App[None]):
    def compose(self) -> ComposeResult:
        yield Editor()

    @property
    def editor(self) -> Editor:
        return self.query_one(Editor)


def offer(editor: Editor, *suggestions: Suggestion) -> bool:
    return editor.offer(editor.revision, suggestions or LIKE)


Pressed = Callable[..., None]


async def begin(pilot: Pilot[None], text: str = "") -> Editor:
    editor = pilot.app.query_one(Editor)
    editor.focus()
    editor.load_text(text)
    editor.move_cursor(editor.document.end)
    await pilot.pause()
    return editor


async def test_ghost_text_is_shown_and_right_takes_all_of_it() -> None:
    async with EditorApp().run_test() as pilot:
        editor = await begin(pilot, "I ")
        assert offer(editor)
        assert (editor.ghost, editor.suggestion) == ("like", "like")
        await pilot.press("right")
        assert editor.text == "I like"
        assert editor.ghost == ""
        assert editor.cursor_index == 6


async def test_nothing_is_offered_behind_a_placeholder_until_it_is_chosen() -> None:
    async with EditorApp().run_test() as pilot:
        editor = await begin(pilot)
        editor.placeholder = "Your turn"
        assert offer(editor)
        assert editor.ghost == ""
        await pilot.press("tab")
        assert editor.text == ""
        editor.focus()
        await pilot.pause()
        await pilot.press("ctrl+down")
        assert editor.ghost == "like"
        assert "like" in editor.render_line(0).text
        await pilot.press("escape")
        assert "Your turn" in editor.render_line(0).text
        await pilot.press("ctrl+down", "tab")
        assert editor.text == "like"


async def test_another_answer_for_the_same_text_leaves_what_was_picked() -> None:
    async with EditorApp().run_test() as pilot:
        editor = await begin(pilot, "I ")
        offer(editor)
        await pilot.press("ctrl+down")
        picked = editor.ghost
        assert picked != "like"
        again = (Suggestion("listen", 0.5), *editor.offers.suggestions)
        assert editor.offer(editor.revision, again)
        assert (editor.ghost, editor.offers.suggestions) == (picked, again)
        assert editor.offer(editor.revision, again[:1])  # it is gone
        assert editor.ghost == "listen"


async def test_tab_takes_a_suggestion_and_else_moves_the_focus() -> None:
    async with EditorApp().run_test() as pilot:
        editor = await begin(pilot, "I ")
        offer(editor)
        await pilot.press("tab")
        assert editor.text == "I like"
        assert editor.has_focus
        await pilot.press("tab")
        assert editor.text == "I like"  # no tab, no spaces


@pytest.mark.parametrize("key", ["ctrl+right", "alt+right"])
async def test_a_word_is_taken_and_the_rest_stays(key: str) -> None:
    async with EditorApp().run_test() as pilot:
        editor = await begin(pilot, "I")
        offer(editor, Suggestion(" like to", 0.6))
        await pilot.press(key)
        assert editor.text == "I like"
        assert editor.ghost == " to"
        await pilot.press(key)
        assert editor.text == "I like to"
        assert editor.ghost == ""


async def test_typing_along_shortens_the_ghost_text_and_the_list() -> None:
    async with EditorApp().run_test() as pilot:
        editor = await begin(pilot, "I ")
        offer(editor)
        await pilot.press("l")
        assert editor.ghost == "ike"
        assert [suggestion.text for suggestion in editor.offers.suggestions] == ["ike", "ove"]
        await pilot.press("o")
        assert editor.ghost == ""
        assert [suggestion.text for suggestion in editor.offers.suggestions] == ["ve"]


@pytest.mark.parametrize(
    "keys",
    [["x"], ["backspace"], ["left"], ["home"], ["up"], ["enter"], ["ctrl+z"], ["shift+left"]],
)
async def test_ghost_text_never_outlives_its_place(keys: list[str]) -> None:
    async with EditorApp().run_test() as pilot:
        editor = await begin(pilot, "first\n")
        await type_text(pilot, "I ")
        offer(editor)
        await pilot.press(*keys)
        assert editor.ghost == editor.suggestion == ""
        assert not editor.offers.suggestions


async def test_a_stale_answer_is_dropped() -> None:
    async with EditorApp().run_test() as pilot:
        editor = await begin(pilot, "I ")
        version = editor.revision
        await pilot.press("x")
        assert not editor.offer(version, LIKE)
        assert editor.ghost == ""
        version = editor.revision
        await pilot.press("left", "right")  # back at the same place, yet nobody asked for it
        assert not editor.offer(version, LIKE)


async def test_alternatives_are_stepped_through_and_counted() -> None:
    async with EditorApp().run_test() as pilot:
        editor = await begin(pilot, "I ")
        taken: list[Editor.Accepted] = []
        accepted = editor.post_message

        def spy(message: events.Message) -> bool:
            if isinstance(message, Editor.Accepted):
                taken.append(message)
            return accepted(message)

        editor.post_message = spy  # type: ignore[method-assign, assignment]
        offer(editor)
        await pilot.press("ctrl+down")
        assert editor.ghost == "love"
        await pilot.press("ctrl+down", "ctrl+down")
        assert editor.ghost == "like"
        await pilot.press("ctrl+up", "ctrl+up", "alt+right_square_bracket", "tab")
        assert editor.text == "I a"
        assert (taken[0].text, taken[0].keys) == ("a", 7)


async def test_dismissing_lasts_for_the_word() -> None:
    async with EditorApp().run_test() as pilot:
        editor = await begin(pilot, "I ")
        offer(editor)
        await pilot.press("escape")
        assert editor.ghost == ""
        assert len(editor.offers.suggestions) == 3  # the list stays
        await type_text(pilot, "al")
        offer(editor, Suggestion("most", 0.9))
        assert editor.ghost == ""
        await pilot.press("ctrl+down")  # asked for, it comes back
        assert editor.ghost == "most"
        await pilot.press("escape")
        await type_text(pilot, "so ")
        offer(editor)
        assert editor.ghost == "like"


async def test_in_the_middle_of_a_line_nothing_is_pushed_aside() -> None:
    async with EditorApp().run_test() as pilot:
        editor = await begin(pilot, "I home")
        editor.move_cursor((0, 2))
        offer(editor)
        assert editor.ghost == ""
        assert len(editor.offers.suggestions) == 3
        await pilot.press("right")
        assert (editor.text, editor.cursor_index) == ("I home", 3)
        offer(editor, *LIKE)
        await pilot.press("ctrl+down", "tab")  # chosen from the list, it may be taken
        assert editor.text == "I hlikeome"


async def test_a_newline_is_drawn_as_a_sign_and_taken_as_it_is() -> None:
    async with EditorApp().run_test() as pilot:
        editor = await begin(pilot, "I")
        offer(editor, Suggestion("\nlike", 0.9))
        assert editor.suggestion == "⏎like"
        await pilot.press("right")
        assert editor.text == "I\nlike"


async def test_ghost_text_ends_at_the_edge_of_the_line() -> None:
    async with EditorApp().run_test(size=(40, 10)) as pilot:
        editor = await begin(pilot, "x" * (EditorWidth.of(pilot) - 3))
        offer(editor, Suggestion("abcdefgh", 0.9))
        assert editor.suggestion == "ab…"
        assert editor.ghost == "abcdefgh"
        await pilot.press("x", "x")
        offer(editor, Suggestion("abcdefgh", 0.9))
        assert editor.suggestion == ""  # one cell is too few
        assert editor.ghost == ""


class EditorWidth:
    @staticmethod
    def of(pilot: Pilot[None]) -> int:
        return pilot.app.query_one(Editor).wrap_width


async def test_taking_is_one_step_of_the_history() -> None:
    async with EditorApp().run_test() as pilot:
        editor = await begin(pilot, "")
        await type_text(pilot, "I ")
        offer(editor)
        await pilot.press("right")
        await type_text(pilot, "!")
        await pilot.press("ctrl+z")
        assert editor.text == "I like"
        await pilot.press("ctrl+z")
        assert editor.text == "I "
        await pilot.press("ctrl+y")
        assert editor.text == "I like"


@pytest.mark.parametrize("typed", ["안녕하세요", "한글 각", "é", "ế", "Ａ１"])
async def test_what_an_input_method_sends_is_kept_composed(typed: str) -> None:
    async with EditorApp().run_test() as pilot:
        editor = await begin(pilot, "")
        await type_text(pilot, typed)
        assert editor.text == typed
        await type_text(pilot, "\n" + unicodedata.normalize("NFD", typed))
        assert editor.text == f"{typed}\n{typed}"
        assert editor.cursor_index == len(editor.text)
        await pilot.press("backspace")
        assert editor.text == f"{typed}\n{typed}"[:-1]


async def test_a_paste_is_cleaned_and_nothing_else_is_lost() -> None:
    async with EditorApp().run_test() as pilot:
        editor = await begin(pilot, "")
        pilot.app.post_message(events.Paste("a\r\nb\x1b[31mred\x07\tc\u2028d\x85e 가"))
        await pilot.pause()
        assert editor.text == "a\nb[31mred\tc\nd\ne 가"


async def test_dangerous_characters_are_drawn_as_signs() -> None:
    async with EditorApp().run_test() as pilot:
        editor = await begin(pilot, "ok\u202eevil\ud800")
        drawn = editor.render_line(0).text
        assert "\u202e" not in drawn
        assert "\ud800" not in drawn
        assert "ok�evil�" in drawn
        assert editor.text == "ok\u202eevil\ud800"


async def test_fast_typing_loses_nothing() -> None:
    text = "the quick brown fox 안녕 jumps over it\n" * 20
    async with EditorApp().run_test() as pilot:
        editor = await begin(pilot, "")
        await type_text(pilot, text)
        assert editor.text == text


async def test_what_is_offered_always_belongs_to_the_place() -> None:
    """Random keys with answers in between: the ghost text is true whenever it is there."""
    chance = random.Random(7)
    keys = ["a", "l", "i", "space", "backspace", "left", "right", "enter", "tab", "escape"]
    keys += ["ctrl+right", "ctrl+down", "up", "ctrl+z", "ctrl+y", "end", "home", "delete"]
    async with EditorApp().run_test(size=(24, 8)) as pilot:
        editor = await begin(pilot, "")
        offered: tuple[int, str] | None = None
        for _ in range(150):
            if chance.random() < 0.5:
                text = chance.choice(["like", " a", "al", "i l", "\na"])
                editor.offer(editor.revision, (Suggestion(text, 0.5), Suggestion("a", 0.1)))
                offered = (editor.cursor_index, editor.text[: editor.cursor_index] + text)
            await pilot.press(chance.choice(keys))
            if editor.ghost:
                before = editor.text[: editor.cursor_index]
                assert editor.at_end_of_line
                assert offered is not None
                assert (before + editor.ghost).startswith(offered[1][: offered[0]])
                assert before + editor.ghost in (offered[1], offered[1][: offered[0]] + "a")
