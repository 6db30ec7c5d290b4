import json
from pathlib import Path

import pytest

from charterm.model import library
from tests.model.random_model import save_random_model

from .program import charterm


@pytest.fixture
def phrases(tmp_path: Path) -> str:
    save_random_model(library.new_model_folder("tiny"), scale=0.8)
    path = tmp_path / "phrases.txt"
    path.write_text("abc cab\nb a", encoding="utf-8")
    return str(path)


def test_every_figure_is_printed_with_what_it_means(phrases: str) -> None:
    shown = charterm("keystrokes", phrases, "-m", "tiny", "--json")
    values = json.loads(shown.stdout)
    assert {"keystroke_savings", "hit_rate", "ceiling", "latency_ms"} < values.keys()
    assert (values["model"], values["rule"], values["slots"]) == ("tiny", "presage", 6)
    assert (values["adaptation"], values["characters"], values["words"]) == ("none", 12, 4)
    assert values["keystroke_savings"] == pytest.approx(100 * (12 - values["keystrokes"]) / 12)
    shown = charterm("keystrokes", phrases, "-m", "tiny", "--rule", "textslinger", "--slots", "2")
    assert "textslinger, 2 slots, adaptation none" in shown.stdout
    assert "for 10 characters" in shown.stdout


def test_adaptation_is_shown_beside_what_it_is_without(phrases: str) -> None:
    values = json.loads(
        charterm("keystrokes", phrases, "-m", "tiny", "--adapt", "memory", "--json").stdout
    )
    plain = json.loads(charterm("keystrokes", phrases, "-m", "tiny", "--json").stdout)
    assert values["adaptation"] == "memory"
    assert values["keystroke_savings_without"] == plain["keystroke_savings"]
    assert [part["characters"] for part in values["curve"]] == [8, 12]
    assert {"keystroke_savings", "without"} < values["curve"][0].keys()
    shown = charterm("keystrokes", phrases, "-m", "tiny", "--adapt", "memory").stdout
    assert "without adaptation" in shown
    assert "learning curve" in shown
    assert charterm("keystrokes", phrases, "-m", "tiny", "--adapt", "all").returncode == 2


def test_bits_are_measured_with_and_without_adaptation(phrases: str) -> None:
    values = json.loads(charterm("evaluate", phrases, "-m", "tiny", "--adapt", "--json").stdout)
    plain = json.loads(charterm("evaluate", phrases, "-m", "tiny", "--json").stdout)
    # less, because nothing is given to what UTF-8 does not allow
    assert 0 < values["network"] < plain["bits_per_character"]
    assert values["adapted"] != values["network"]
    assert (
        "with a memory that learns" in charterm("evaluate", phrases, "-m", "tiny", "--adapt").stdout
    )
    dynamic = json.loads(charterm("evaluate", phrases, "-m", "tiny", "--dynamic", "--json").stdout)
    assert dynamic["static"] == pytest.approx(values["network"], rel=1e-4)
    assert dynamic["seconds"] > 0
    assert charterm("evaluate", phrases, "-m", "tiny", "--adapt", "--dynamic").returncode == 2


def test_wrong_use_is_one_line(phrases: str) -> None:
    wrong = charterm("keystrokes", phrases, "-m", "tiny", "--rule", "mine")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert wrong.stderr.strip().endswith("choose presage, textslinger, trnka")
    assert charterm("keystrokes", "nowhere.txt", "-m", "tiny").returncode == 1
