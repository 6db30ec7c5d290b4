"""What adaptation gains: on a text that repeats itself it must show."""

import pytest

from charterm.adaptation.comparison import compare_keystrokes
from charterm.adaptation.evaluation import measure_gain, observe_text
from charterm.adaptation.fitting import fit_prior
from charterm.adaptation.gates import Gates
from charterm.adaptation.memory import Memory
from charterm.adaptation.priors import PRIOR
from charterm.engine.keystrokes import RULES
from charterm.errors import UsageError
from tests.engine.models import random_model

MODEL = random_model("\n abcdefghijklmnopqrstuvwxyz", hidden=8)
PHRASES = "zorblax met the quick cat\nthe cat met quick zorblax\n" * 6


def test_keys_are_saved_by_what_was_learnt_and_more_of_them_later() -> None:
    told: list[tuple[int, int]] = []
    comparison = compare_keystrokes(
        MODEL, PHRASES, RULES["presage"], watch=lambda done, total: told.append((done, total))
    )
    facts = comparison.to_json()
    assert facts["adaptation"] == "memory"
    assert facts["keystroke_savings"] > facts["keystroke_savings_without"] + 20
    assert facts["curve"][-1]["keystroke_savings"] > facts["curve"][0]["keystroke_savings"] + 20
    assert told[-1] == (24, 24)


@pytest.mark.parametrize("text", [PHRASES, PHRASES.replace("cat", "고양이 é"), "no end"])
def test_bits_fall_on_a_text_that_repeats(text: str) -> None:
    gain = measure_gain(MODEL, text)
    assert gain.characters == len(text)
    if text != "no end":
        assert gain.adapted < gain.network - 1.0
        assert gain.curve[-1][2] < gain.curve[0][2]
        again = Memory(MODEL.alphabet)
        measure_gain(MODEL, text, memory=again)
        assert measure_gain(MODEL, text, memory=again).adapted < gain.adapted
    with pytest.raises(UsageError, match="empty"):
        measure_gain(MODEL, "")


def test_gates_open_where_the_memory_was_right_and_close_where_it_was_not() -> None:
    seen = observe_text(MODEL, PHRASES)
    gates = Gates().learn(seen)
    parts = Gates()
    for start in range(0, len(seen), 7):
        parts = parts.learn(seen[start : start + 7])
    assert parts.values == gates.values
    assert all(0.0 < gate < 1.0 for gate in gates.values)
    moved = [b for s in seen for b, *_ in s.levels]
    assert sum(gates.values[b] > PRIOR[b] for b in moved) > len(moved) / 2
    fitted = fit_prior([(1.0, seen)], PRIOR)
    assert sum(fitted[b] >= PRIOR[b] for b in moved) > len(moved) / 2
    assert all(0.0 <= gate <= 1.0 for gate in fitted)
