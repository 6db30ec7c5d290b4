"""``charterm generate``: where its text comes from, and what it prints of every method."""

import json

import pytest

from charterm.decoding.controls import METHODS
from charterm.model import library
from tests.model.random_model import save_random_model

from .program import charterm

SOME = ("--length", "12", "--seed", "7", "-m", "tiny")


@pytest.fixture(autouse=True)
def model() -> None:
    save_random_model(library.new_model_folder("tiny"), scale=0.8)


def test_the_text_is_an_argument_an_option_or_piped_in() -> None:
    argument = charterm("generate", "ab", *SOME)
    assert argument.returncode == 0
    assert len(argument.stdout.rstrip("\n")) >= 11
    assert charterm("generate", "--prompt", "ab", *SOME).stdout == argument.stdout
    assert charterm("generate", *SOME, stdin="ab").stdout == argument.stdout
    assert charterm("generate", "-", *SOME, stdin="ab").stdout == argument.stdout
    assert charterm("generate", "ba", *SOME).stdout != argument.stdout
    twice = charterm("generate", "ab", "--prompt", "ab", *SOME)
    assert (twice.returncode, twice.stdout) == (2, "")
    assert "given twice" in twice.stderr


@pytest.mark.parametrize("method", METHODS)
def test_every_method_tells_the_log_probability_of_each_character(method: str) -> None:
    shown = charterm("generate", "ab", "--method", method, "--n", "3", *SOME, "--json")
    found = json.loads(shown.stdout)
    assert found["controls"]["method"] == method
    assert len(found["texts"]) == 3
    for text in found["texts"]:
        assert text["reason"] == "length"
        assert "".join(each["text"] for each in text["characters"]) == text["text"]
        logprobs = [each["logprob"] for each in text["characters"]]
        assert max(logprobs) <= 0
        assert sum(logprobs) == pytest.approx(text["logprob"])
