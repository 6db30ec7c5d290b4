import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from charterm.classify import library as classifiers
from charterm.classify.folder import save_classifier
from charterm.cli.app import run
from charterm.model import library
from tests.cli.program import charterm
from tests.model.random_model import save_random_model

from .samples import trained, weather

Here = Callable[..., tuple[int, str, str]]


@pytest.fixture
def here(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Here:
    """Runs the program in this process: exit code, standard output and standard error."""
    monkeypatch.setattr("charterm.paths.assets_dir", lambda: tmp_path / "no starter models")

    def run_here(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["charterm", "classify", *arguments])
        code = run()
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return run_here


@pytest.fixture
def table(tmp_path: Path) -> str:
    path = tmp_path / "weather.tsv"
    data = weather(each=12)
    lines = [f"{data.classes[y]}\t{t}" for t, y in zip(data.texts, data.labels, strict=True)]
    path.write_text("label\ttext\n" + "\n".join(lines) + "\n", "utf-8")
    return str(path)


@pytest.fixture
def saved() -> str:
    save_classifier(classifiers.new_classifier_folder("weather"), trained())
    return "weather"


def test_train_then_list_show_and_delete(here: Here, table: str) -> None:
    save_random_model(library.new_model_folder("small"))
    code, shown, narrated = here("train", table, "--name", "mine", "--class-epochs", "1", "--json")
    assert code == 0, narrated
    facts = json.loads(shown)
    assert facts["started_from"] == "small"
    assert set(facts["validation"]) == {"likelihood", "state", "nbsvm", "ngrams", "combined"}
    assert [each["name"] for each in json.loads(here("list", "--json")[1])] == ["mine"]
    described = here("show", "mine")[1]
    assert "sun" in described
    assert "unit" in described
    assert here("delete", "mine")[0] == 0
    assert here("show", "mine")[0] == 2


def test_judging_a_text_a_file_and_standard_input(saved: str, here: Here, tmp_path: Path) -> None:
    text = "the warm sun of the day"
    one = json.loads(here(text, "-m", saved, "--json")[1])
    assert one["class"] == "fair"
    assert sum(one["probabilities"].values()) == pytest.approx(1.0)
    piped = charterm("classify", "--json", stdin=f"{text}\n\nfish and tide\n")
    rows = json.loads(piped.stdout)
    assert [row["class"] for row in rows] == ["fair", "sea"]
    assert rows[0]["probabilities"] == pytest.approx(one["probabilities"], abs=1e-4)
    file = tmp_path / "texts.txt"
    file.write_text(f"{text}\nfish and tide\n", "utf-8")
    assert len(here(str(file), "--method", "nbsvm")[1].splitlines()) == 3
    whole = json.loads(here(str(file), "--whole", "--json")[1])
    assert set(whole["probabilities"]) == {"fair", "foul", "sea"}


def test_a_file_is_ordered_filtered_and_printed_as_csv(
    saved: str, here: Here, tmp_path: Path
) -> None:
    file = tmp_path / "texts.txt"
    file.write_text("the warm sun\nfish, tide\ncold rain\n", "utf-8")
    lines = here(str(file), "--csv", "--sort", "text", "--reverse")[1].splitlines()
    assert lines[0] == "text,class,probability,fair,foul,sea"
    assert [line.partition(",")[0] for line in lines[1:]] == ["the warm sun", '"fish', "cold rain"]
    kept = json.loads(here(str(file), "--json", "--filter", "=foul")[1])
    assert [row["text"] for row in kept] == ["cold rain"]
    file.write_text("fair\tthe warm sun\nsea\tcold rain\n", "utf-8")
    code, shown, narrated = here(str(file))
    assert code == 0
    assert "1 of 2 judged as the file says (50.0%)" in narrated
    assert shown.splitlines()[1].split()[:3:2] == ["fair", "fair"]


def test_why_names_the_words_that_speak(saved: str, here: Here) -> None:
    shown = here("the warm sun", "--why")[1]
    spoken = [line.split() for line in shown.splitlines()]
    assert {("warm", "fair"), ("sun", "fair")} <= {tuple(line[:2]) for line in spoken}
    facts = json.loads(here("the warm sun", "--why", "--json")[1])
    assert [word["text"] for word in facts["words"]] == ["the", "warm", "sun"]
    assert set(facts["words"][0]["nats"]) == {"fair", "foul", "sea"}


def test_evaluate_puts_the_methods_beside_each_other(saved: str, here: Here, table: str) -> None:
    figures = json.loads(here("evaluate", table, "--json")[1])["figures"]
    assert set(figures) == {"likelihood", "state", "nbsvm", "ngrams", "combined"}
    assert figures["combined"]["texts"] == 36
    shown = here("evaluate", table)[1]
    for word in ("95 % interval", "seconds to train", "one text alone", "combined: "):
        assert word in shown


def test_bad_input_gets_one_clear_line(saved: str, here: Here, table: str, tmp_path: Path) -> None:
    bad = tmp_path / "bad.tsv"
    bad.write_text("a\tx\nno tab\n", "utf-8")
    other = tmp_path / "other.tsv"
    other.write_text("snow\twhite\n", "utf-8")
    for arguments, said in (
        (("train", str(bad), "--name", "x"), "line 2"),
        (("train", table, "--name", "../x"), "cannot name a classifier"),
        (("train", table, "--name", "x"), "no model to start from"),
        (("train", table, "--name", "x", "--from", "nobody"), "nobody"),
        (("train", table, "--name", "x", "--methods", "magic"), "magic"),
        (("evaluate", str(other)), "'snow'"),
        (("evaluate", str(tmp_path / "nowhere")), "does not exist"),
        (("warm", "-m", "nobody"), "nobody"),
        (("warm", "--method", "magic"), "magic"),
        (("  ",), "empty"),
        (("warm", "--sort", "size"), "'size'"),
        (("warm", "--csv", "--json"), "not both"),
        (("warm", "--why", "--method", "nbsvm"), "leave --method out"),
        (("warm " * 5000, "--why"), "up to 20,000 characters"),
        ((str(bad), "--why"), "explains one text"),
        (("delete", "nobody"), "nobody"),
    ):
        code, shown, narrated = here(*arguments)
        assert code in (1, 2), arguments
        assert said in narrated.splitlines()[-1]
        assert "Traceback" not in narrated
        assert shown == ""


def test_judging_a_text_starts_without_torch(saved: str) -> None:
    shown = charterm("classify", "the warm sun", "--json", python=("-X", "importtime"))
    assert shown.returncode == 0, shown.stderr
    imported = {line.split("|")[-1].strip() for line in shown.stderr.splitlines() if "|" in line}
    assert "torch" not in imported
