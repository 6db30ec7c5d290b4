"""Which starter knows the language of a text."""

import shutil
from pathlib import Path

import pytest

from charterm import paths
from charterm.engine.starting_point import starting_point
from charterm.errors import ChartermError

ENGLISH = """The letter had been lying on the table since Monday, and nobody had dared to open it.
"You might at least look who it is from," said his sister, without raising her eyes.
He went over to the window. It was raining again, and the garden looked like a lake.
"""
KOREAN = """오늘은 하루 종일 비가 와서 집에만 있었다.
친구가 저녁에 놀러 와서 같이 영화를 봤는데 생각보다 재미있었다.
내일은 일찍 일어나서 도서관에 가려고 한다.
"""
CODE = """def fit(rows, *, rate=0.1):
    w = [0.0] * len(rows[0][0])
    for x, y in rows:
        z = sum(a * b for a, b in zip(w, x))
        w = [a + rate * (y - z) * b for a, b in zip(w, x)]
    return w
"""


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (ENGLISH, "english"),
        (ENGLISH.lower() * 300, "english"),
        (KOREAN, "korean"),
        (CODE, None),
        ("0123 4567 89;" * 50, None),
        ("aaaa", None),
    ],
)
def test_the_starter_that_knows_the_language(text: str, name: str | None, tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text(text, encoding="utf-8")
    found = starting_point([tmp_path])
    assert (found and found.name) == name
    if found is not None:
        assert 1.0 < found.bits < 6.0


def test_the_language_of_most_files_counts(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"{number}.txt").write_text(KOREAN, encoding="cp949")
    (tmp_path / "4.txt").write_text(ENGLISH, encoding="utf-8")
    found = starting_point([tmp_path])
    assert found is not None
    assert found.name == "korean"


def test_a_model_of_the_user_s_is_no_starter(tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_text(ENGLISH, encoding="utf-8")
    shutil.copytree(paths.assets_dir() / "models" / "english", paths.models_dir() / "english")
    assert starting_point([text]) is None


def test_a_text_that_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(ChartermError, match="nowhere"):
        starting_point([tmp_path / "nowhere.txt"])
