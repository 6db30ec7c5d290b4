import os
import tomllib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from charterm.errors import ChartermError, UsageError
from charterm.settings import Settings, config_file, schema

FILE = """\
# mine
[write] # while writing
threshold = 1.5   # fewer
bars = 4

# colours
[interface]
theme = "nord"

[keys]
app.quit = "f16"
"app.help" = ["f1", "alt+?"]
"""


@pytest.fixture
def file() -> Path:
    path = config_file()
    path.parent.mkdir(parents=True)
    path.write_text(FILE, encoding="utf-8")
    return path


def test_without_a_file_the_defaults_count() -> None:
    loaded = Settings.load()
    assert loaded.problems == ()
    assert loaded.get(schema.THRESHOLD) == schema.THRESHOLD.default
    assert not loaded.is_set(schema.THRESHOLD)
    assert loaded.keymap() == {}
    assert loaded.save() is loaded
    assert not config_file().exists()


def test_the_file_is_read(file: Path) -> None:
    loaded = Settings.load()
    assert loaded.problems == ()
    assert loaded.get(schema.THRESHOLD) == 1.5
    assert loaded.get("write.bars") == 4
    assert loaded.is_set("interface.theme")
    assert loaded.keymap() == {"app.quit": "f16", "app.help": "f1,alt+question_mark"}
    assert loaded.bindings()["app.quit"] == "f16"
    assert loaded.bindings()["app.palette"] == "ctrl+p"


def test_saving_keeps_comments_order_and_strangers(file: Path) -> None:
    file.write_text(FILE + '\n[future]\nthing = 1 # keep\n[interface2]\ntheme = "x"\n')
    Settings.load().with_value(schema.THRESHOLD, 2.0).with_value("keys.app.quit", "f15").save()
    written = file.read_text()
    assert written == FILE.replace("1.5", "2.0").replace('"f16"', '"f15"') + (
        '\n[future]\nthing = 1 # keep\n[interface2]\ntheme = "x"\n'
    )


def test_a_changed_setting_is_there_after_the_next_start() -> None:
    saved = Settings.load().with_value(schema.LANGUAGE, "ko").with_value("write.bars", "3").save()
    assert saved.get(schema.LANGUAGE) == "ko"
    assert Settings.load() == saved
    assert tomllib.loads(config_file().read_text()) == {
        "interface": {"language": "ko"},
        "write": {"bars": 3},
    }
    default = saved.without_value(schema.LANGUAGE, "write.bars").save()
    assert default.get(schema.LANGUAGE) == "auto"
    assert not default.is_set("write.bars")


def test_changing_gives_new_settings_and_leaves_the_old() -> None:
    before = Settings.load()
    after = before.with_value(schema.BARS, 3)
    assert before.get(schema.BARS) == schema.BARS.default
    assert after.get(schema.BARS) == 3


def test_what_another_program_wrote_meanwhile_stays(file: Path) -> None:
    mine = Settings.load().with_value(schema.BARS, 7)
    file.write_text(FILE.replace("1.5", "0.9"))
    saved = mine.save()
    assert (saved.get(schema.THRESHOLD), saved.get(schema.BARS)) == (0.9, 7)


def test_a_path_begins_at_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    saved = Settings.load().with_value(schema.FOLDER, "~/texts").save()
    assert saved.get(schema.FOLDER) == tmp_path / "texts"
    assert "~/texts" in config_file().read_text()


def test_a_full_stop_is_the_folder_of_the_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    saved = Settings.load().with_value(schema.FOLDER, ".").save()
    assert saved.get(schema.FOLDER) == Settings.load().get(schema.FOLDER) == tmp_path
    assert str(saved.as_given(schema.FOLDER)) == "."


def test_wrong_entries_are_named_and_their_defaults_count(file: Path) -> None:
    file.write_text(
        "lonely = 1\n"
        '[write]\ntreshold = 1\nbars = "many"\nalternatives = 7\n[keys]\napp.help = "strg+h"\n'
        'zzz.qqqq = "f3"\n'
    )
    loaded = Settings.load()
    assert loaded.get(schema.BARS) == schema.BARS.default
    assert loaded.get(schema.ALTERNATIVES) == 7
    problems = [str(problem).removeprefix(f"{file}: ") for problem in loaded.problems]
    assert problems == [
        "unknown setting lonely is ignored; charterm config list shows those there are",
        "unknown setting write.treshold is ignored; did you mean write.threshold?",
        "write.bars must be a whole number from 0 to 40, not 'many'; its default, 10, is used",
        (
            "keys.app.help: 'strg+h' is not a key: write for example ctrl+s, alt+right, f5 or "
            "escape, several separated by commas; its default, f1, is used"
        ),
        "unknown setting keys.zzz.qqqq is ignored; charterm keys shows those there are",
    ]


def test_a_wrong_entry_is_left_alone_until_it_is_set(file: Path) -> None:
    file.write_text('[write]\nbars = "many"\n')
    Settings.load().with_value(schema.ALTERNATIVES, 7).save()
    assert 'bars = "many"' in file.read_text()
    assert Settings.load().with_value(schema.BARS, 7).save().problems == ()


def test_keys_that_run_into_each_other_are_refused_in_the_file(file: Path) -> None:
    file.write_text('[keys]\napp.quit = "ctrl+p"\nmode.write = "f15"\n')
    loaded = Settings.load()
    assert loaded.keymap() == {"mode.write": "f15"}
    problem = str(*loaded.problems)
    assert "keys.app.quit: ctrl+p already belongs to app.palette" in problem
    assert "its default, ctrl+q, is used" in problem


def test_keys_that_run_into_each_other_cannot_be_set() -> None:
    loaded = Settings.load()
    with pytest.raises(UsageError, match=r"ctrl\+p already belongs to app\.palette"):
        loaded.with_value("keys.app.quit", "ctrl+p")
    moved = loaded.with_value("keys.app.palette", "f15").with_value("keys.app.quit", "ctrl+p")
    with pytest.raises(UsageError, match=r"already belongs to app\.quit"):
        moved.without_value("keys.app.palette")
    assert moved.without_value("keys.app.palette", "keys.app.quit").keymap() == {}


BROKEN = {
    "not TOML": b"[write\nbars = 3\n",
    "not UTF-8": b"[write]\nfolder = '\xff'\n",
    "twice the same": b"[write]\nbars = 1\nbars = 2\n",
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_file_neither_stops_the_start_nor_is_overwritten(
    content: bytes, file: Path
) -> None:
    file.write_bytes(content)
    loaded = Settings.load()
    assert loaded.get(schema.BARS) == schema.BARS.default
    problem = str(*loaded.problems)
    assert str(file) in problem
    assert "\n" not in problem
    with pytest.raises(ChartermError, match="mend it or move it away"):
        loaded.with_value(schema.BARS, 3).save()
    assert file.read_bytes() == content


def test_a_folder_in_its_place_is_a_problem_only() -> None:
    config_file().mkdir(parents=True)
    loaded = Settings.load()
    assert len(loaded.problems) == 1
    with pytest.raises(ChartermError):
        loaded.with_value(schema.BARS, 3).save()


@pytest.mark.parametrize("content", ["write = 3\n", "[write.bars]\nx = 1\n"])
def test_an_entry_in_the_way_of_a_table_is_not_overwritten(content: str, file: Path) -> None:
    file.write_text(content)
    with pytest.raises(ChartermError, match="mend it first"):
        Settings.load().with_value(schema.BARS, 3).save()
    assert file.read_text() == content


def test_a_byte_order_mark_and_windows_line_ends_are_read(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf" + FILE.replace("\n", "\r\n").encode())
    assert Settings.load().get(schema.THRESHOLD) == 1.5
    assert Settings.load().with_value(schema.THRESHOLD, 2).save().get(schema.THRESHOLD) == 2


@pytest.mark.skipif(os.name != "posix", reason="links and modes are those of POSIX")
def test_a_link_stays_a_link_and_a_mode_stays(file: Path, tmp_path: Path) -> None:
    real = tmp_path / "dotfiles.toml"
    file.rename(real)
    real.chmod(0o600)
    file.symlink_to(real)
    Settings.load().with_value(schema.BARS, 9).save()
    assert file.is_symlink()
    assert "bars = 9" in real.read_text()
    assert real.stat().st_mode & 0o777 == 0o600


LAYOUTS = (
    "",
    FILE,
    "write.bars = 3\nwrite.threshold = 1.0\n",
    '"write.bars" = 3\n',
    "write = {bars = 3, threshold = 1.0}\n",
    "[write]\nbars = 3\n[keys]\n[write.other]\nx = 1\n",
    '[keys.app]\nquit = "f15"\n[interface]\n',
    "[train]\n\n# nothing\n\n[write]\n# nothing yet\n",
)
_CHANGES = st.lists(
    st.sampled_from(
        [
            ("write.bars", 7),
            ("write.threshold", 0.25),
            ("interface.animations", False),
            ("interface.theme", "a 'quoted' \"테마\""),
            ("keys.app.quit", "f15"),
            ("keys.app.help", "shift+f1"),
            ("write.bars", None),
            ("keys.app.quit", None),
            ("interface.theme", None),
        ]
    ),
    max_size=6,
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(layout=st.sampled_from(LAYOUTS), changes=_CHANGES, each=st.booleans())
def test_what_is_saved_is_what_is_read_in_every_layout(
    layout: str, changes: list[tuple[str, object]], each: bool, tmp_path: Path
) -> None:
    path = tmp_path / "any.toml"
    path.write_text(layout, encoding="utf-8")
    current = Settings.load(path)
    for key, value in changes:
        current = current.without_value(key) if value is None else current.with_value(key, value)
        current = current.save() if each else current
    saved = current.save()
    for setting in schema.SETTINGS:
        assert saved.get(setting) == current.get(setting)
    for line in layout.splitlines():
        if line.startswith("#"):
            assert line in path.read_text(encoding="utf-8")
