import json
from pathlib import Path

from charterm.decoding.presets import saved_presets
from tests.tui.models import save_word_model

from .program import charterm


def story(*arguments: str) -> dict[str, object]:
    shown = charterm("stories", *arguments, "--json")
    assert shown.returncode == 0, shown.stderr
    found: dict[str, object] = json.loads(shown.stdout)
    return found


def test_a_story_from_its_first_turn_to_the_trash_and_back(tmp_path: Path) -> None:
    save_word_model()
    assert story("new", "Weather")["id"] == 1
    assert story("say", "1", "cloud")["id"] == 1
    kept = charterm(
        "generate", "--length", "7", "--temperature", "0", "--save-preset", "short", "--json"
    )
    assert kept.returncode == 0, kept.stderr
    assert saved_presets()["short"].length == 7
    written = charterm("stories", "write", "1", "--preset", "short")
    assert written.stdout == " bright\n"
    assert (
        len(json.loads(charterm("stories", "write", "1", "--retry", "--n", "2", "--json").stdout))
        == 2
    )
    assert [turn["parent"] for turn in story("tree", "1")["turns"]] == [None, 1, 1, 1]  # type: ignore[attr-defined]
    assert story("undo", "1")["head"] == 2
    assert story("redo", "1")["head"] == 3
    assert story("go", "1", "2")["head"] == 2
    places = json.loads(charterm("stories", "surprise", "1", "2", "--top", "1", "--json").stdout)
    assert [place["text"] for place in places] == list(" bright")
    assert places[1]["expected"][0]["text"] == "b"
    assert story("edit", "1", "1", "cloud cloud")["id"] == 5
    out = tmp_path / "weather.md"
    story("export", "1", str(out))
    assert out.read_text() == "# Weather\n\ncloud cloud\n"
    assert charterm("stories", "export", "1", str(out)).returncode == 2
    story("export", "1", str(out), "--names", "--force")
    assert out.read_text() == "# Weather\n\n**Writer:** cloud cloud\n"
    assert charterm("config", "set", "interface.language", "ko").returncode == 0
    assert charterm("stories", "export", "1", "-", "--names").stdout == "글쓴이: cloud cloud\n"
    searched = story("write", "1", "--method", "beam", "--n", "2", "--length", "7")
    assert len(searched) == 2
    story("rename", "1", "Clouds")
    story("delete", "1")
    assert charterm("stories").stdout == ""
    assert story("restore")["title"] == "Clouds"
    assert "Clouds" in charterm("stories", "list", "--search", "BRIGHT").stdout


def test_a_text_is_imported_and_mistakes_are_told(tmp_path: Path) -> None:
    text = tmp_path / "in.txt"
    text.write_text("one\n\ntwo")
    assert story("import", str(text))["turns"] == 1
    assert charterm("stories", "show", "1").stdout == "one\n\ntwo\n"
    opened = charterm("story", "9")  # told before the screen changes
    assert (opened.returncode, opened.stderr.count("\n")) == (1, 1)
    assert opened.stderr.startswith("charterm: there is no story 9")
    for wrong in (("show", "9"), ("go", "1", "7"), ("undo", "9"), ("say", "1", "")):
        shown = charterm("stories", *wrong)
        assert shown.returncode in (1, 2)
        assert shown.stderr.startswith("charterm: ")
        assert shown.stderr.count("\n") == 1


def test_without_a_preset_it_writes_by_that_of_the_settings() -> None:
    save_word_model()
    short = ("--length", "7", "--temperature", "0")
    assert charterm("generate", *short, "--save-preset", "short").returncode == 0
    assert charterm("config", "set", "write.preset", "short").returncode == 0
    story("new")
    story("say", "1", "cloud")
    assert charterm("stories", "write", "1").stdout == " bright\n"
    assert len(charterm("stories", "write", "1", "--retry", "--method", "sample").stdout) > 100
