from pathlib import Path

import numpy as np
import pytest

from charterm.classify.labelled import label_texts, read_labelled
from charterm.errors import ChartermError, UsageError


def _write(tmp_path: Path, content: str | bytes) -> Path:
    path = tmp_path / "table.tsv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_header_or_none_empty_lines_and_tabs_in_the_text(tmp_path: Path) -> None:
    body = "10\tten\n\n2\ttwo\ttabs \n2\t   \n10\tagain\n"
    for content in (body, "label\ttext\n" + body, "\ufeffLabel\tDocument\r\n" + body):
        data = read_labelled(_write(tmp_path, content))
        assert data.classes == ("2", "10")
        assert data.texts == ("ten", "two\ttabs", "again")
        assert data.labels.tolist() == [1, 0, 1]


def test_a_first_line_that_only_looks_odd_is_data(tmp_path: Path) -> None:
    data = read_labelled(_write(tmp_path, "text\tlabel me\nother\tx\n"))
    assert data.texts == ("label me", "x")


def test_other_encodings_are_read(tmp_path: Path) -> None:
    data = read_labelled(_write(tmp_path, "긍정\t정말 좋은 영화\n부정\t별로였다\n".encode("cp949")))
    assert set(data.classes) == {"긍정", "부정"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("a\tfine\nno tab here\n", "line 2"),
        ("a\tfine\n\n\ttext\n", "line 3"),
        ("a\tfine\n" + "x" * 70 + "\ttext\n", "line 2"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, content: str, said: str) -> None:
    with pytest.raises(ChartermError, match=said):
        read_labelled(_write(tmp_path, content))


def test_too_little_to_learn_from(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="one class only"):
        read_labelled(_write(tmp_path, "a\tx\na\ty\n"), per_class=2)
    with pytest.raises(UsageError, match="'b' has too few texts, 1 of 2"):
        read_labelled(_write(tmp_path, "a\tx\na\ty\nb\tz\n"), per_class=2)
    with pytest.raises(UsageError, match="no labelled texts"):
        read_labelled(_write(tmp_path, "label\ttext\n"))


def test_a_split_keeps_the_shares_and_every_text_once() -> None:
    data = label_texts(
        [(c, f"{c}{i}") for c, n in (("a", 40), ("b", 20), ("c", 2)) for i in range(n)]
    )
    fit, held = data.split(0.25, seed=3)
    assert sorted(fit.texts + held.texts) == sorted(data.texts)
    assert held.counts.tolist() == [10, 5, 1]
    assert data.split(0.25, seed=3)[1].texts == held.texts
    assert data.split(0.25, seed=4)[1].texts != held.texts


def test_labels_in_another_list_of_classes() -> None:
    data = label_texts([("b", "x"), ("a", "y")])
    moved = data.with_classes(("c", "b", "a"))
    assert [moved.classes[label] for label in moved.labels] == ["b", "a"]
    with pytest.raises(UsageError, match="does not know"):
        data.with_classes(("a", "c"))


def test_take_keeps_texts_and_labels_together() -> None:
    data = label_texts([("b", "x"), ("a", "y"), ("b", "z")])
    part = data.take(np.array([2, 1]))
    assert part.texts == ("z", "y")
    assert part.labels.tolist() == [1, 0]
