import pytest

from charterm import paths
from charterm.errors import ChartermError, UsageError
from charterm.model import library
from charterm.process_lock import LOCK_FILE, LockedError, locked

from .random_model import save_random_model


def test_models_are_listed_with_the_users_first(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setattr(paths, "assets_dir", lambda: tmp_path / "assets")
    save_random_model(tmp_path / "assets" / "models" / "english")
    save_random_model(library.new_model_folder("zeta"))
    save_random_model(library.new_model_folder("가나"))
    names = [(entry.name, entry.starter) for entry in library.list_models()]
    assert names == [("zeta", False), ("가나", False), ("english", True)]


def test_an_own_model_hides_the_starter(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setattr(paths, "assets_dir", lambda: tmp_path / "assets")
    save_random_model(tmp_path / "assets" / "models" / "english")
    assert library.find_model("english").starter
    with pytest.raises(UsageError, match="came with the program"):
        library.delete_model("english")
    save_random_model(library.new_model_folder("english"))
    assert not library.find_model("english").starter
    library.delete_model("english")
    assert library.find_model("english").starter


def test_rename_and_delete() -> None:
    save_random_model(library.new_model_folder("a"))
    save_random_model(library.new_model_folder("b"))
    with pytest.raises(UsageError, match="already"):
        library.rename_model("a", "b")
    library.rename_model("a", "c")
    assert library.find_model("c").folder.is_dir()
    library.delete_model("c")
    with pytest.raises(UsageError, match="there are: b"):
        library.find_model("c")
    assert [path.name for path in paths.models_dir().iterdir()] == ["b"]


def test_a_path_names_a_model_anywhere(tmp_path) -> None:
    save_random_model(tmp_path / "elsewhere")
    assert library.find_model(str(tmp_path / "elsewhere")).name == "elsewhere"
    with pytest.raises(UsageError, match="no model in"):
        library.find_model(str(tmp_path / "nowhere"))


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "a" * 65, "a\n", "-m"])
def test_bad_names_are_refused(name: str) -> None:
    with pytest.raises(UsageError):
        library.check_name(name)


def test_a_deleted_model_comes_back() -> None:
    save_random_model(library.new_model_folder("a"))
    save_random_model(library.new_model_folder("b"), seed=1)
    before = (library.find_model("a").folder / "weights.safetensors").read_bytes()
    library.delete_model("a")
    library.delete_model("b")
    assert [deleted.name for deleted in library.deleted_models()] == ["b", "a"]
    assert library.restore_model("a").name == "a"
    assert (library.find_model("a").folder / "weights.safetensors").read_bytes() == before
    assert library.restore_model().name == "b"
    with pytest.raises(UsageError, match="no deleted model; the trash holds nothing"):
        library.restore_model()


def test_a_name_that_was_taken_meanwhile_is_not_replaced() -> None:
    save_random_model(library.new_model_folder("a"))
    library.delete_model("a")
    save_random_model(library.new_model_folder("a"), seed=1)
    with pytest.raises(UsageError, match="already"):
        library.restore_model("a")
    library.delete_model("a")
    library.restore_model("a")  # the last one of that name
    assert [deleted.name for deleted in library.deleted_models()] == ["a"]


def test_the_trash_is_emptied_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "b"):
        save_random_model(library.new_model_folder(name))
    library.delete_model("a")
    (library.trash_dir() / "my own notes").mkdir()
    monkeypatch.setattr(library, "KEPT_DAYS", -1)
    library.delete_model("b")
    assert [deleted.name for deleted in library.deleted_models()] == ["b"]
    assert (library.trash_dir() / "my own notes").is_dir()


def test_duplicate_makes_an_own_model_of_a_starter(
    monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    monkeypatch.setattr(paths, "assets_dir", lambda: tmp_path / "assets")
    save_random_model(tmp_path / "assets" / "models" / "english")
    copy = library.duplicate_model("english", library.free_name("english-copy"))
    assert copy == library.find_model("english-copy")
    assert not copy.starter
    assert copy.info() == library.find_model("english").info()
    assert library.free_name("english-copy") == "english-copy-2"
    with pytest.raises(UsageError, match="already"):
        library.duplicate_model("english", "english-copy")
    with pytest.raises(UsageError, match="cannot name"):
        library.duplicate_model("english", "../x")


def test_a_disk_that_refuses_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    save_random_model(library.new_model_folder("a"))

    def refuse(self: object, target: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.rename", refuse)
    with pytest.raises(ChartermError, match="No space left"):
        library.delete_model("a")
    assert library.find_model("a")


def test_a_copy_in_half_precision_is_half_the_size() -> None:
    save_random_model(library.new_model_folder("full"), hidden=64)
    copy = library.duplicate_model("full", "small", half=True)
    assert copy.info() == library.find_model("full").info()
    assert copy.bytes < 0.7 * library.find_model("full").bytes


def test_a_model_that_a_training_writes_is_left_alone() -> None:
    save_random_model(library.new_model_folder("mine"))
    save_random_model(library.new_model_folder("other"))
    library.delete_model("other")
    for name in ("mine", "next"):
        (paths.runs_dir() / name).mkdir(parents=True)
    with locked(paths.runs_dir() / "mine" / LOCK_FILE, "the training"):
        for change in (
            lambda: library.delete_model("mine"),
            lambda: library.rename_model("mine", "yours"),
        ):
            with pytest.raises(LockedError, match="mine is being trained by process"):
                change()
        library.duplicate_model("mine", "copy")
    with (
        locked(paths.runs_dir() / "next" / LOCK_FILE, "the training"),
        pytest.raises(LockedError, match="next is being trained"),
    ):
        library.rename_model("mine", "next")
    library.rename_model("mine", "other")
    assert [entry.name for entry in library.list_models() if not entry.starter] == ["copy", "other"]


def test_a_copy_in_half_precision_keeps_card_and_log() -> None:
    save_random_model(library.new_model_folder("full"))
    folder = library.find_model("full").folder
    (folder / "README.md").write_text("card")
    copy = library.duplicate_model("full", "small", half=True)
    assert (copy.folder / "README.md").read_text() == "card"
    assert (copy.folder / "log.jsonl").read_text() == (folder / "log.jsonl").read_text()
