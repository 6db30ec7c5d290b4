import json
import subprocess
import sys
from pathlib import Path

import pytest

from charterm import __version__
from charterm.model import library
from tests.model.random_model import save_random_model

from .program import ROOT, charterm


@pytest.fixture
def model() -> str:
    save_random_model(library.new_model_folder("tiny"), scale=0.8)
    return "tiny"


def test_version_and_help() -> None:
    assert charterm("--version").stdout == f"charterm {__version__}\n"
    shown = charterm("--help")
    assert shown.returncode == 0
    for command in ("train", "evaluate", "predict", "complete", "generate", "models", "paths"):
        assert command in shown.stdout


def test_paths_follow_the_environment(tmp_path: Path) -> None:
    shown = json.loads(charterm("paths", "--json").stdout)
    assert shown["data"] == str(tmp_path / "charterm" / "data")


def test_predict_gives_the_likeliest_characters(model: str) -> None:
    shown = json.loads(charterm("predict", "abc", "--top", "4", "-m", model, "--json").stdout)
    probabilities = [row["probability"] for row in shown]
    assert len(shown) == 4
    assert probabilities == sorted(probabilities, reverse=True)
    assert 0 < sum(probabilities) <= 1
    assert all(len(row["text"]) == 1 for row in shown)


def test_predict_reads_standard_input(model: str) -> None:
    piped = charterm("predict", "-m", model, "--json", stdin="abc").stdout
    assert json.loads(piped) == json.loads(charterm("predict", "abc", "-m", model, "--json").stdout)


def test_complete_gives_words_with_probabilities(model: str) -> None:
    shown = json.loads(charterm("complete", "ab", "-n", "3", "-m", model, "--json").stdout)
    assert len(shown) == 3
    assert len({row["text"] for row in shown}) == 3
    probabilities = [row["probability"] for row in shown]
    assert probabilities == sorted(probabilities, reverse=True)


def test_generate_is_repeatable_and_as_long_as_asked(model: str) -> None:
    command = ("generate", "--prompt", "a", "--length", "40", "--seed", "7", "-m", model)
    first = charterm(*command, "--json")
    assert first.stdout == charterm(*command, "--json").stdout
    other = charterm(*command[:-3], "8", "-m", model, "--json")
    assert other.stdout != first.stdout


def test_evaluate_reports_every_figure(model: str, tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    path.write_text("abc def 한글\n" * 30, encoding="utf-8")
    for protocol, characters in ((("stateful",), 330), (("window", "--window", "16"), 329)):
        shown = charterm("evaluate", str(path), "-m", model, "--json", "--protocol", *protocol)
        figures = json.loads(shown.stdout)
        assert figures["characters"] == characters
        assert figures["nats_per_character"] > 0
        assert figures["bits_per_character"] == pytest.approx(
            figures["nats_per_character"] / 0.6931471805599453
        )
        assert 0 <= figures["top1"] <= figures["top3"] <= figures["top5"] <= 1


def test_models_are_managed_from_the_command_line(model: str) -> None:
    assert json.loads(charterm("models", "--json").stdout)[0]["name"] == "tiny"
    assert "tiny" in charterm("models").stdout
    assert charterm("models", "rename", "tiny", "small").returncode == 0
    assert json.loads(charterm("models", "show", "small", "--json").stdout)["hidden"] == 16
    assert charterm("models", "delete", "small").returncode == 0
    assert charterm("models", "show", "small").returncode == 2
    assert json.loads(charterm("models", "restore", "--json").stdout) == {"restored": "small"}
    assert charterm("models", "show", "small").returncode == 0


def test_models_travel_as_one_file(model: str, tmp_path: Path) -> None:
    assert charterm("models", "export", "tiny", str(tmp_path)).returncode == 0
    assert charterm("models", "import", str(tmp_path / "tiny.zip"), "--name", "b").returncode == 0
    assert charterm("models", "duplicate", "b").returncode == 0
    listed = json.loads(charterm("models", "--json").stdout)
    assert [each["name"] for each in listed if not each["starter"]] == ["b", "b-copy", "tiny"]
    turned = json.loads(charterm("models", "list", "--descending", "--json").stdout)
    assert [each["name"] for each in turned if not each["starter"]] == ["tiny", "b-copy", "b"]


def test_the_default_model_is_chosen_and_follows_its_name(model: str) -> None:
    assert charterm("models", "default").stdout == "english\n"
    assert charterm("models", "default", "nobody").returncode == 2
    assert charterm("models", "default", "tiny").returncode == 0
    assert charterm("models", "rename", "tiny", "small").returncode == 0
    assert charterm("models", "default").stdout == "small\n"
    marked = [line.split()[0] for line in charterm("models").stdout.splitlines() if " * " in line]
    assert marked == ["small"]


BAD_INPUT = {
    "missing file": ("evaluate", "{tmp}/nowhere.txt"),
    "binary file": ("evaluate", "{tmp}/binary"),
    "empty file": ("evaluate", "{tmp}/empty"),
    "folder without text": ("train", "{tmp}/folder", "--name", "x"),
    "unknown model": ("evaluate", "{tmp}/good.txt", "-m", "nobody"),
    "unknown model to complete": ("complete", "a", "-m", "nobody"),
    "model folder without model": ("predict", "a", "-m", "{tmp}/folder"),
    "no archive": ("models", "import", "{tmp}/good.txt"),
    "unknown column": ("models", "list", "--sort", "beauty"),
    "nothing to restore": ("models", "restore"),
    "unknown default": ("models", "default", "nobody"),
    "unknown command": ("telepathy",),
    "unknown protocol": ("evaluate", "{tmp}/good.txt", "-m", "tiny", "--protocol", "luck"),
    "too short to train": ("train", "{tmp}/good.txt", "--name", "x"),
    "bad name": ("train", "{tmp}/good.txt", "--name", "../x"),
    "unknown cell": ("train", "{tmp}/good.txt", "--name", "x", "--cell", "brain"),
    "negative count": ("complete", "a", "-n", "-1", "-m", "tiny"),
}


@pytest.mark.parametrize("arguments", BAD_INPUT.values(), ids=BAD_INPUT.keys())
def test_bad_input_gets_one_clear_line(
    arguments: tuple[str, ...], tmp_path: Path, model: str
) -> None:
    (tmp_path / "binary").write_bytes(bytes(range(256)) * 8)
    (tmp_path / "empty").touch()
    (tmp_path / "folder").mkdir()
    (tmp_path / "good.txt").write_text("short", encoding="utf-8")
    shown = charterm(*(argument.format(tmp=tmp_path) for argument in arguments))
    assert shown.returncode in (1, 2)
    assert shown.stdout == ""
    assert shown.stderr.startswith("charterm: ")
    assert shown.stderr.count("\n") == 1, shown.stderr


def test_debug_shows_the_traceback() -> None:
    shown = charterm("--debug", "complete", "a", "-m", "nobody")
    assert shown.returncode == 2
    assert "Traceback" in shown.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("models", "--json"),
        ("paths",),
        ("predict", "ab", "-m", "tiny", "--json"),
        ("complete", "ab", "-m", "tiny", "--json"),
        ("generate", "--prompt", "ab", "--length", "5", "-m", "tiny"),
    ],
)
def test_commands_that_do_not_train_start_without_torch(
    arguments: tuple[str, ...], model: str
) -> None:
    shown = charterm(*arguments, python=("-X", "importtime"))
    assert shown.returncode == 0, shown.stderr
    imported = {line.split("|")[-1].strip() for line in shown.stderr.splitlines() if "|" in line}
    assert "torch" not in imported
    assert "charterm" in imported


def test_without_arguments_the_command_line_is_not_imported() -> None:
    shown = charterm(python=("-X", "importtime"))
    assert shown.returncode == 2
    assert "the program needs a terminal" in shown.stderr
    imported = {line.rpartition("|")[2].strip() for line in shown.stderr.splitlines()}
    assert "charterm.tui.app" in imported
    assert imported.isdisjoint({"typer", "click", "charterm.cli.app"})


def test_a_shell_completes_the_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_CHARTERM_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", "charterm keystr")
    monkeypatch.setenv("COMP_CWORD", "1")
    script = "import sys; from charterm.__main__ import main; sys.argv = ['charterm']; main()"
    shown = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert shown.stdout.split() == ["keystrokes"]
