"""The table of words is that of the training text, without what is kept for validation."""

import json
from pathlib import Path

from charterm.model.folder import load_info
from charterm.model.library import new_model_folder
from charterm.model.word_counting import count_words
from charterm.model.word_counts import WordCounts
from tests.cli.program import charterm
from tests.training.test_runs import OPTIONS


def test_a_training_keeps_its_words(tmp_path: Path) -> None:
    lines = "the cat sat on the mat, and the dog sat on the cat.\n" * 40
    (tmp_path / "text.txt").write_text(lines + "only validation has zebras.\n" * 8)
    (tmp_path / "chat.txt").write_text("hello you there\n" * 9)
    done = charterm(
        "train", str(tmp_path / "text.txt"), str(tmp_path / "chat.txt"), "--name", "worded",
        "--words", "--steps", "2", "--case-variation", "0.5", "--weight", "chat*=3",
        "--validation-from", "each", *OPTIONS,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    table = WordCounts.load(new_model_folder("worded"))
    assert table is not None
    assert "zebras" not in table.words
    assert "the" in table.words
    text = lines + "only validation has zebras.\n" * 8
    cut = int(len(text) * 0.9), int(9 * 16 * 0.9)
    expected = count_words([(text[: cut[0]], 1), (("hello you there\n" * 9)[: cut[1]], 3)])
    assert set(table.words) == set(expected.words)
    assert table.share.sum() == expected.share.sum()
    small = charterm("models", "words", "worded", "--least", "9", "--json")
    assert json.loads(small.stdout)["pairs"] < len(table.pair_words)
    assert load_info(new_model_folder("worded")).config.hidden == 16
    assert charterm("models", "words", "nothing").returncode != 0
    wrong = charterm("train", "--resume", "worded", "--words", "--detach")
    assert wrong.returncode == 2
