"""A model for the letters of a text."""

import pytest

from charterm import paths
from charterm.model.letters import model_for, unknown_letters
from tests.tui.models import save_word_model

LATIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ .,")


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("A long text in English. 안녕하세요", "안녕하세요"),
        ("오늘은 날씨가 좋다", "오늘은날씨가좋다"),
        ("a name, 김민수, in English", ""),
        ("안녕하", ""),
        ("1234567890 ☀☀☀☀☀☀", ""),
        ("", ""),
    ],
)
def test_letters_are_unknown_where_most_of_the_last_ones_are(text: str, unknown: str) -> None:
    assert unknown_letters(text, LATIN) == unknown


def test_the_model_is_one_that_knows_them() -> None:
    save_word_model(name="words")  # it has 안녕하세요
    damaged = paths.models_dir() / "broken"
    damaged.mkdir()
    (damaged / "model.json").write_text("{", encoding="utf-8")
    found = model_for("안녕하세요")
    assert found is not None
    assert found.name == "words"
    korean = model_for("오늘은날씨가좋다")
    assert korean is not None
    assert korean.name == "korean"
    assert model_for("ΑΒΓΔΕΖΗΘ") is None
