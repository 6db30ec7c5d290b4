import pytest

from charterm.text.scripts import script_of, scripts_of


@pytest.mark.parametrize(
    ("letter", "script"),
    [("a", "LATIN"), ("É", "LATIN"), ("안", "HANGUL"), ("ㅎ", "HANGUL"), ("ж", "CYRILLIC"),
     ("\ue000", "")],
)  # fmt: skip
def test_the_script_is_the_first_word_of_the_name(letter: str, script: str) -> None:
    assert script_of(letter) == script


def test_only_letters_have_a_script() -> None:
    assert scripts_of("\n 4.-’") == frozenset()
    assert scripts_of("\n aé안.") == {"LATIN", "HANGUL"}
