import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charterm.classify import library
from charterm.classify.folder import save_classifier
from charterm.classify.judge import JudgeSession
from charterm.classify.judged import JudgedTexts
from charterm.classify.labelled import label_texts, part_texts
from charterm.classify.orders import ORDERS
from charterm.classify.process import JudgeRequest, TrainRequest, command, overall, to_line
from charterm.classify.settings import ClassifierSettings
from charterm.classify.telling import TextWords, signs_of
from charterm.classify.training import train_classifier
from charterm.text.difference import common_beginning, common_ending
from charterm.tui.heat import class_of, codes_of, moved, strength_of

from .samples import trained, weather

ALIKE = st.text(st.sampled_from("ab한"), max_size=30)


def _judged(labels: bool = True) -> JudgedTexts:
    return JudgedTexts(
        ("b, one", 'a "two"', "한 three"),
        ("x", "y"),
        np.array([[0.9, 0.1], [0.3, 0.7], [0.2, 0.8]]),
        np.array([0, 0, 1]) if labels else None,
    )


def test_judged_texts_are_ordered_and_searched() -> None:
    judged = _judged()
    everything = [0, 1, 2]
    assert judged.ordered(everything, "probability") == [1, 2, 0]
    assert judged.ordered(everything, "probability", descending=True) == [0, 2, 1]
    assert judged.ordered(everything, "class") == [0, 2, 1]  # the surest of a class first
    assert judged.ordered(everything, "text") == [1, 0, 2]
    assert judged.ordered(everything, "given") == [0, 1, 2]
    assert all(sorted(judged.ordered(everything, order)) == everything for order in ORDERS)
    assert judged.right == 2
    assert judged.shares.tolist() == pytest.approx([1 / 3, 2 / 3])
    assert judged.chosen("") == everything
    assert judged.chosen("한") == [2]
    assert judged.chosen("=y e") == [2]
    assert judged.chosen("!") == [1]
    assert _judged(labels=False).chosen("!") == []  # an exclamation mark like any other word
    assert _judged(labels=False).right is None


def test_csv_has_every_text_as_it_was() -> None:
    rows = list(csv.reader(io.StringIO(_judged().to_csv())))
    assert rows[0] == ["text", "class", "probability", "x", "y", "given"]
    assert rows[2] == ['a "two"', "y", "0.700000", "0.300000", "0.700000", "x"]
    only = list(csv.reader(io.StringIO(_judged(labels=False).to_csv([2]))))
    assert only[1:] == [["한 three", "y", "0.800000", "0.200000", "0.800000"]]
    both = _judged().joined(_judged())
    assert len(both) == 6
    assert both.right == 4


def test_a_file_may_say_the_classes() -> None:
    texts, labels = part_texts("label\ttext\ny\tone\n\nx\ttwo\tthree\n", ("x", "y"))
    assert texts == ("one", "two\tthree")
    assert labels is not None
    assert labels.tolist() == [1, 0]
    texts, labels = part_texts("y\tone\nno class here\n", ("x", "y"))
    assert texts == ("y\tone", "no class here")
    assert labels is None
    assert part_texts("\n \n", ("x",)) == ((), None)


def test_words_share_the_heat_among_them() -> None:
    text = "  the warm, warm sun"
    heat = JudgeSession(trained(), text).judgement.heat
    words = TextWords(text, heat)
    assert [word.text for word in words] == ["the", "warm", ",", "warm", "sun"]
    total = sum(word.heat for word in words)
    np.testing.assert_allclose(total, heat.sum(0), atol=1e-9)
    telling = words.most_telling(3)
    assert len(telling) == 3
    assert len({word.text for word in telling}) == 3
    assert telling[0].nats >= telling[1].nats >= telling[2].nats
    (warm,) = (word for word in telling if word.text == "warm")
    np.testing.assert_allclose(warm.heat, words[1].heat + words[3].heat)
    assert [words.at(place).text for place in (0, 5, 9, 10, 12, 19)] == [
        "the", "the", "warm", ",", "warm", "sun",
    ]  # fmt: skip
    assert words.at(20) is None
    for text in ("", "  "):
        nothing = TextWords(text, heat[: len(text)])
        assert list(nothing) == nothing.most_telling(3) == []
        assert nothing.at(0) is None


def test_words_that_say_nothing_are_not_told_of() -> None:
    heat = np.zeros((7, 2))  # "a bc de"
    heat[2] = (0.3, -0.3)
    heat[5] = (-0.004, 0.004)
    words = TextWords("a bc de", heat)
    assert [(word.text, word.speaks_for) for word in words.most_telling(9)] == [("bc", 0)]
    assert [word.tells for word in words] == [False, True, False]


def test_every_class_has_a_sign_of_its_own() -> None:
    assert signs_of(("0", "1")) == ("0", "1")
    assert signs_of(("fair", "foul", "sea")) == ("f", "o", "s")
    assert signs_of(("긍정", "부정")) == ("1", "2")
    many = signs_of([f"class {n}" for n in range(60)])
    assert len(set(many)) == 60


@given(ALIKE, ALIKE)
def test_codes_stay_with_their_characters(old: str, new: str) -> None:
    begin = common_beginning(old, new)
    assert old[:begin] == new[:begin]
    assert begin == min(len(old), len(new)) or old[begin] != new[begin]
    end = common_ending(old, new, min(len(old), len(new)) - begin)
    assert old[len(old) - end :] == new[len(new) - end :]
    codes = bytes(range(1, len(old) + 1))
    after = moved(codes, old, new)
    assert len(after) == len(new)
    for place, code in enumerate(after):
        assert code == 0 or old[code - 1] == new[place]


def test_codes_tell_class_and_strength() -> None:
    codes = codes_of(np.array([[0.0, 0.0, 0.0], [-0.1, 0.03, 0.07], [0.5, -0.2, -0.3]]))
    assert [strength_of(code) for code in codes] == [0, 2, 3]
    assert [class_of(code) for code in codes[1:]] == [2, 0]
    assert codes_of(np.zeros((0, 3))) == b""


def _serve(request: TrainRequest | JudgeRequest) -> list[dict[str, Any]]:
    """What the process tells until it ends by itself."""
    with subprocess.Popen(
        command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(to_line(request))
        process.stdin.flush()
        return [json.loads(line) for line in process.stdout]


def test_a_process_judges_a_file(tmp_path: Path) -> None:
    save_classifier(library.new_classifier_folder("weather"), trained(methods="nbsvm,ngrams"))
    file = tmp_path / "texts.txt"
    file.write_text("the warm sun\nfish 한 tide\n", "utf-8")
    part, last = _serve(JudgeRequest(str(file), "weather"))
    assert part["texts"] == ["the warm sun", "fish 한 tide"]
    assert part["given"] is None
    expected = trained(methods="nbsvm,ngrams").probabilities(["the warm sun", "fish 한 tide"])
    np.testing.assert_allclose(part["probabilities"], expected, atol=1e-5)
    assert last == {"result": {}}
    (told,) = _serve(JudgeRequest(str(tmp_path / "nowhere"), "weather"))
    assert "nowhere" in str(told["error"])


def test_a_process_ends_with_the_one_that_asked_and_leaves_no_classifier(tmp_path: Path) -> None:
    data = weather(each=2000)
    file = tmp_path / "weather.tsv"
    lines = (f"{data.classes[y]}\t{t}" for t, y in zip(data.texts, data.labels, strict=True))
    file.write_text("\n".join(lines), "utf-8")
    process = subprocess.Popen(command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(to_line(TrainRequest(str(file), "weather", ("nbsvm", "ngrams"))))
    process.stdin.flush()
    assert "share" in json.loads(process.stdout.readline())
    process.stdin.close()  # as when the program is killed
    assert process.wait(60) == 1
    process.stdout.close()
    assert library.list_classifiers() == []


def test_the_share_of_a_training_only_grows() -> None:
    methods = ("likelihood", "state", "nbsvm", "ngrams")
    tasks = ("choosing the model to start from", "nbsvm", "ngrams", "reader", "state", "likelihood")
    shares = [overall(methods, task, share) for task in tasks for share in (0.0, 0.5, 1.0)]
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0)
    assert overall(("nbsvm",), "nbsvm", 0.5) == pytest.approx(0.5)


def test_languages_are_told_apart() -> None:
    pairs = [
        (language, f"{sentence} {number}")
        for language, sentences in {
            "English": ("the weather is fine today", "where do you live", "I like to read books"),
            "French": ("le temps est beau ici", "où habites-tu donc", "j'aime lire des livres"),
            "Korean": ("오늘은 날씨가 좋다", "어디에 사세요", "책 읽기를 좋아해요"),
            "Swahili": ("hali ya hewa ni nzuri", "unaishi wapi sasa", "napenda kusoma vitabu"),
        }.items()
        for sentence in sentences
        for number in range(8)
    ]
    settings = ClassifierSettings(methods=("nbsvm", "ngrams"), held_out=0.2)
    classifier = train_classifier(label_texts(pairs), None, settings)
    chances = classifier.probabilities(
        ["what is the book", "quel beau livre", "책이 좋아요", "kitabu kizuri hali"]
    )
    judged = [classifier.classes[label] for label in chances.argmax(1)]
    assert judged == ["English", "French", "Korean", "Swahili"]


def test_the_process_does_not_import_the_interface() -> None:
    script = "import sys, charterm.classify.process; print(*sys.modules)"
    shown = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert {"torch", "textual"}.isdisjoint(shown.stdout.split())
