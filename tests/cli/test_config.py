import json
from pathlib import Path

import pytest

from charterm.model import library
from charterm.settings import Settings, config_file, schema
from tests.model.random_model import save_random_model

from .program import charterm


def test_every_setting_is_listed_with_what_is_allowed() -> None:
    rows = json.loads(charterm("config", "--json").stdout)
    assert [row["key"] for row in rows] == [
        setting.key for setting in schema.SETTINGS if setting.group != schema.KEYS
    ]
    threshold = next(row for row in rows if row["key"] == "write.threshold")
    assert threshold["value"] == threshold["default"] == schema.THRESHOLD.default
    assert not threshold["set"]
    assert (threshold["minimum"], threshold["maximum"]) == (0, 3)
    shown = charterm("config", "list")
    assert "write.threshold" in shown.stdout
    assert "a number from 0 to 3" in shown.stdout


def test_a_setting_is_set_read_and_unset() -> None:
    assert charterm("config", "set", "write.threshold", "1.25").returncode == 0
    assert Settings.load().get(schema.THRESHOLD) == 1.25
    assert charterm("config", "get", "write.threshold").stdout == "1.25\n"
    facts = json.loads(charterm("config", "get", "write.threshold", "--json").stdout)
    assert (facts["value"], facts["set"]) == (1.25, True)
    unset = json.loads(charterm("config", "unset", "write.threshold", "--json").stdout)
    assert (unset["value"], unset["set"]) == (schema.THRESHOLD.default, False)


def test_keys_are_set_and_shown() -> None:
    assert charterm("config", "set", "keys.app.quit", "F15, alt+}").returncode == 0
    rows = {row["id"]: row for row in json.loads(charterm("keys", "--json").stdout)}
    assert rows["app.quit"]["keys"] == ["f15", "alt+right_curly_bracket"]
    assert rows["app.quit"]["changed"]
    assert rows["app.quit"]["default"] == ["ctrl+q"]
    assert not rows["app.help"]["changed"]
    assert "f15, alt+}" in charterm("keys").stdout
    assert "editor.undo" in charterm("keys", "--editing").stdout


def test_the_path_is_printed_though_there_is_no_file() -> None:
    assert charterm("config", "path").stdout == f"{config_file()}\n"
    assert json.loads(charterm("config", "path", "--json").stdout)["exists"] is False


REFUSED = {
    "unknown key": ("set", "write.treshold", "1"),
    "unknown key to get": ("get", "nothing"),
    "out of range": ("set", "write.threshold", "-1"),
    "wrong type": ("set", "write.bars", "many"),
    "no choice": ("set", "interface.language", "fr"),
    "no key": ("set", "keys.app.quit", "strg+q"),
    "taken key": ("set", "keys.app.quit", "ctrl+p"),
    "unknown key to unset": ("unset", "write.bars", "nothing"),
}


@pytest.mark.parametrize("arguments", REFUSED.values(), ids=REFUSED.keys())
def test_what_is_refused_gets_one_line_and_changes_nothing(arguments: tuple[str, ...]) -> None:
    shown = charterm("config", *arguments)
    assert (shown.returncode, shown.stdout) == (2, "")
    assert len(shown.stderr.splitlines()) == 1
    assert not config_file().exists()


def test_a_broken_file_is_told_on_stderr_and_left_alone() -> None:
    config_file().parent.mkdir(parents=True)
    config_file().write_text("[write\n", encoding="utf-8")
    shown = charterm("config", "get", "write.threshold")
    assert (shown.returncode, shown.stdout) == (0, f"{schema.THRESHOLD.default}\n")
    assert f"charterm: {config_file()} is not a TOML file" in shown.stderr
    refused = charterm("config", "set", "write.threshold", "1")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert config_file().read_text(encoding="utf-8") == "[write\n"


def test_the_default_model_is_a_setting(tmp_path: Path) -> None:
    save_random_model(library.new_model_folder("tiny"), scale=0.8)
    assert charterm("config", "set", "models.default", "tiny").returncode == 0
    by_setting = charterm("predict", "ab", "--json")
    assert by_setting.returncode == 0, by_setting.stderr
    assert by_setting.stdout == charterm("predict", "ab", "-m", "tiny", "--json").stdout
    assert charterm("config", "set", "models.default", "nobody").returncode == 0
    assert "nobody" in charterm("predict", "ab", "--json").stderr
