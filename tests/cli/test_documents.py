import json
from pathlib import Path

import pytest

from charterm.documents.files import LinkedFile, read_file
from charterm.documents.store import SavedText, TextStore
from tests.cli.program import charterm


@pytest.fixture
def store() -> TextStore:
    store = TextStore()
    store.save(SavedText("letter", "Dear Anna,\nthe weather is fine.\n", 0))
    store.save(SavedText("편지", "안녕하세요. The weather.", 3, model="korean"))
    return store


def test_texts_are_listed_shown_and_found(store: TextStore) -> None:
    listed = json.loads(charterm("documents", "list", "--json").stdout)
    facts = {each["name"]: each for each in listed}
    assert facts["letter"]["words"] == 6
    assert facts["편지"]["model"] == "korean"
    assert charterm("documents", "show", "편지").stdout.strip() == "안녕하세요. The weather."
    found = charterm("documents", "find", "the weather")
    assert sorted(found.stdout.splitlines()) == [
        "letter:2: the weather is fine.",
        "편지:1: 안녕하세요. The weather.",
    ]
    only = json.loads(charterm("documents", "find", "The", "--in", "편지", "--json").stdout)
    assert [(hit["name"], hit["start"]) for hit in only] == [("편지", 7)]


def test_a_text_is_saved_to_its_file_and_not_over_another(store: TextStore, tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    assert charterm("documents", "save", "letter").returncode == 2  # it has no file
    path.write_text("theirs")
    refused = charterm("documents", "save", "letter", str(path))
    assert refused.returncode == 1
    assert "--force" in refused.stderr
    assert path.read_text() == "theirs"
    path.unlink()
    assert charterm("documents", "save", "letter", str(path)).returncode == 0
    assert path.read_text().startswith("Dear Anna")
    saved = store.load("letter")
    assert saved.file is not None
    assert saved.file == read_file(path).file
    path.write_text("theirs")
    assert charterm("documents", "save", "letter").returncode == 1
    assert charterm("documents", "save", "letter", "--force").returncode == 0
    assert path.read_text().startswith("Dear Anna")


def test_a_deleted_text_leaves_its_file(store: TextStore, tmp_path: Path) -> None:
    path = tmp_path / "kept.txt"
    path.write_text("kept")
    store.save(SavedText("kept", "kept", file=LinkedFile(path)))
    assert "stays" in charterm("documents", "delete", "kept.txt").stderr
    assert path.read_text() == "kept"
    assert not store.path("kept").exists()
    assert charterm("documents", "show", "kept").returncode == 2
    assert charterm("documents", "restore", "kept").stderr.endswith("kept is back\n")
    assert charterm("documents", "show", "kept.txt").stdout == "kept\n"


def test_what_cannot_be_opened_is_told_before_the_screen_changes(tmp_path: Path) -> None:
    path = tmp_path / "picture"
    path.write_bytes(bytes(range(256)) * 20)
    refused = charterm("write", str(path))
    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1
    assert "binary" in refused.stderr
