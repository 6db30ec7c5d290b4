import pytest

from charterm import paths
from charterm.errors import UsageError
from charterm.model import library

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
