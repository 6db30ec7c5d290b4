import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.binding import BindingsMap
from textual.keys import _character_to_key

from charterm.actions import ACTIONS, BY_ID, EVERYWHERE, SCREENS, default_keys
from charterm.errors import UsageError
from charterm.settings.keys import (
    find_conflicts,
    key_label,
    normal_key,
    normal_keys,
    without_conflicts,
)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("ctrl+s", "ctrl+s"),
        ("Ctrl+S", "ctrl+s"),
        ("control+s", "ctrl+s"),
        (" F5 ", "f5"),
        ("alt+]", "alt+right_square_bracket"),
        ("alt+right_square_bracket", "alt+right_square_bracket"),
        ("shift+ctrl+left", "ctrl+shift+left"),
        ("ctrl+alt+x", "alt+ctrl+x"),
        ("shift+a", "A"),
        ("esc", "escape"),
        ("PgUp", "pageup"),
        ("ctrl+i", "tab"),
        ("ctrl+m", "enter"),
        ("ctrl+[", "escape"),
        ("?", "question_mark"),
        ("ctrl++", "ctrl+plus"),
        ("+", "plus"),
        ("ctrl+\\", "ctrl+backslash"),
        ("ctrl+@", "ctrl+@"),
        ("한", "한"),
    ],
)
def test_keys_get_the_name_textual_gives_them(written: str, name: str) -> None:
    assert normal_key(written) == name
    assert normal_key(name) == name


@pytest.mark.parametrize(
    "written", ["", "ctrl", "ctrl+", "strg+s", "ctrl+ctrl+s", "f25", "ab", " "]
)
def test_what_is_no_key_is_refused(written: str) -> None:
    with pytest.raises(UsageError, match="is not a key"):
        normal_key(written)


def test_characters_have_textuals_names() -> None:
    for character in map(chr, range(0x21, 0x7F)):
        assert normal_key(character) == _character_to_key(character)
        assert key_label(_character_to_key(character)) == character


def test_several_keys_and_none() -> None:
    assert normal_keys("ctrl+s, f5,ctrl+s,") == "ctrl+s,f5"
    for nothing in ("", " , "):
        with pytest.raises(UsageError, match="at least one key"):
            normal_keys(nothing)


def test_the_defaults_are_in_normal_form_and_share_only_what_is_meant() -> None:
    for keys in default_keys().values():
        assert normal_keys(keys) == keys
    assert find_conflicts({}) == []
    taken: dict[str, str] = {}
    for action in ACTIONS:
        if action.id == "tour.end":  # there only while the first steps are shown
            continue
        for key in action.keys.split(","):
            for screen in (*action.screens, EVERYWHERE):
                assert f"{screen} {key}" not in taken, f"{action.id}: {key}"
            taken.update({f"{screen} {key}": action.id for screen in action.screens})


def test_the_table_of_actions_is_whole() -> None:
    assert len(BY_ID) == len(ACTIONS)
    ids = [*default_keys()]
    for id in ids:  # an id is a path of tables in the file, so none may lie inside another
        assert not any(other.startswith(f"{id}.") for other in ids)
    for action in ACTIONS:
        assert action.screen in SCREENS
        assert action.title
        assert action.help
        assert action.run
        assert action.command


def test_a_key_that_is_taken_is_a_conflict_on_the_same_screen() -> None:
    (conflict,) = find_conflicts({"app.quit": "ctrl+p"})
    assert (conflict.key, conflict.first, conflict.second) == ("ctrl+p", "app.palette", "app.quit")
    assert find_conflicts({"app.quit": "ctrl+z"})  # also an editing key
    assert not find_conflicts({"app.quit": "f15"})
    (conflict,) = find_conflicts({"story.retry": "alt+n"})  # the memory's, also on this screen
    assert conflict.second == "memory.learn"
    # the list and the text never have the focus together
    assert not find_conflicts({"alternatives.select": "ctrl+v"})
    assert find_conflicts({"editor.copy": "ctrl+v"})


def test_exchanging_keys_is_no_conflict() -> None:
    assert find_conflicts({"app.quit": "alt+1", "mode.write": "ctrl+q"}) == []


def test_refusing_an_override_brings_back_what_it_made_room_for() -> None:
    # quit wants a key of help, help wants one that the palette has: neither can hold
    kept, refused = without_conflicts({"app.quit": "f1", "app.help": "ctrl+p", "mode.write": "f15"})
    assert kept == {"mode.write": "f15"}
    assert set(refused) == {"app.quit", "app.help"}


_IDS = sorted(default_keys())
_KEYS = ["f15", "f11", "ctrl+q", "f1", "ctrl+p", "tab", "up", "alt+1"]


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(st.sampled_from(_IDS), st.sampled_from(_KEYS), max_size=6))
def test_what_is_kept_has_no_conflict(overrides: dict[str, str]) -> None:
    kept, refused = without_conflicts(overrides)
    assert find_conflicts(kept) == []
    assert kept.keys() | refused.keys() == overrides.keys()
    assert not kept.keys() & refused.keys()


def test_textual_takes_the_keymap() -> None:
    bindings = BindingsMap([("ctrl+q", "quit", "Quit")])
    bindings.key_to_bindings["ctrl+q"] = [
        binding.__class__(**{**binding.__dict__, "id": "app.quit"})
        for binding in bindings.key_to_bindings["ctrl+q"]
    ]
    bindings.apply_keymap({"app.quit": normal_keys("ctrl+g, alt+]")})
    assert set(bindings.key_to_bindings) == {"ctrl+g", "alt+right_square_bracket"}
