import numpy as np
import pytest

from charterm.text.variation import hurried, hurried_copies

PROSE = '"Well," said Mr. Bennet, "don\'t go. I shall—I must!" He left at 10:30, 3.5 miles on.\n'


@pytest.mark.parametrize(
    ("sentence", "plain"),
    [
        ('"Well," said Mr. Bennet.', "well said mr bennet"),
        ("Don't go—it's a well-known trap!", "don't go it's a well-known trap"),
        ("It is 10:30, or 3.5 hours.", "it is 10:30 or 3.5 hours"),
        ("_Very_ ‘odd’ – isn’t it?", "very odd isn’t it"),
        ("정말? 그럼 가자!", "정말 그럼 가자"),
    ],
)
def test_capitals_and_punctuation_go(sentence, plain):
    assert hurried(sentence) == plain


def test_names_are_kept_where_wanted():
    text = "The bus to Paris left.\nI know Anna.\nI'm here."
    assert hurried(text, keep_names=True) == "the bus to Paris left\nI know Anna\nI'm here"


def test_copies_are_one_sentence_a_line():
    copies = hurried_copies(PROSE, 1.0, np.random.default_rng(1)).lower()
    assert copies == (
        "well said mr bennet don't go\ni shall i must\nhe left at 10:30 3.5 miles on\n"
    )


def test_both_kinds_are_made():
    text = "The bus to Paris left.\n" * 200
    kinds = set(hurried_copies(text, 1.0, np.random.default_rng(0)).split("\n"))
    assert kinds == {"the bus to Paris left", "the bus to paris left", ""}


def test_the_share_is_kept_and_the_seed_decides():
    text = "".join(f"Sentence {number}.\n" for number in range(2000))
    copies = hurried_copies(text, 0.3, np.random.default_rng(7))
    assert 500 < copies.count("\n") < 700
    assert copies == hurried_copies(text, 0.3, np.random.default_rng(7))
    assert copies != hurried_copies(text, 0.3, np.random.default_rng(8))
    assert hurried_copies(text, 0.0, np.random.default_rng(7)) == ""


def test_what_would_stay_as_it_is_gives_no_copy():
    assert hurried_copies("as it is\n\n???\n", 1.0, np.random.default_rng(0)) == ""


def test_a_text_in_pieces_gives_the_same_copies():
    lines = [f"Line {number} is here. It goes on.\n" for number in range(50)]
    whole = hurried_copies("".join(lines), 0.5, np.random.default_rng(3))
    generator = np.random.default_rng(3)
    assert "".join(hurried_copies(line, 0.5, generator) for line in lines) == whole
