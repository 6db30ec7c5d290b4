from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charterm.documents.files import (
    FileChangedError,
    LinkedFile,
    UnopenedFileError,
    has_changed,
    read_file,
    write_file,
)
from charterm.errors import ChartermError, UsageError
from charterm.text.editable import editable

HANGUL = "안녕하세요. 오늘은 날씨가 좋습니다.\n내일도 좋겠지요.\n"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", ""),
        (b"plain\n", "plain\n"),
        (HANGUL.encode(), HANGUL),
        (HANGUL.encode("cp949"), HANGUL),
        (HANGUL.encode("utf-8-sig"), HANGUL),
        (HANGUL.encode("utf-16"), HANGUL),
        (b"one\r\ntwo\r\n", "one\ntwo\n"),
        (b"one\rtwo\r", "one\ntwo\n"),
    ],
)
def test_a_file_comes_back_byte_for_byte(tmp_path: Path, content: bytes, text: str) -> None:
    path = tmp_path / "letter.txt"
    path.write_bytes(content)
    read = read_file(path)
    assert read.text == text
    assert not read.altered
    write_file("something else\n", read.file)
    assert path.read_bytes() != content
    write_file(text, read.file, overwrite=True)
    assert path.read_bytes() == content


@given(st.text(st.characters(codec="utf-8")))
def test_any_text_survives_saving_and_opening(tmp_path_factory: object, text: str) -> None:
    assert isinstance(tmp_path_factory, pytest.TempPathFactory)
    path = tmp_path_factory.mktemp("any") / "letter.txt"
    text = editable(text)
    try:
        write_file(text, LinkedFile(path))
        read = read_file(path)
    except ChartermError:  # a few odd characters alone are no text, as far as a reader can know
        return
    assert write_file(read.text, read.file).content == read.file.content


def test_what_an_editor_cannot_hold_is_told(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_bytes("e\u0301 is not é\n".encode())
    read = read_file(path)
    assert read.text == "é is not é\n"
    assert read.altered


def test_a_file_that_another_program_changed_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("mine")
    file = read_file(path).file
    assert not has_changed(file)
    path.write_text("theirs")
    assert has_changed(file)
    with pytest.raises(FileChangedError, match=r"letter\.txt"):
        write_file("mine, longer", file)
    assert path.read_text() == "theirs"
    file = write_file("mine, longer", file, overwrite=True)
    assert path.read_text() == "mine, longer"
    assert not has_changed(file)
    assert write_file("again", file).path == path


def test_a_file_that_was_never_opened_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("theirs")
    with pytest.raises(UnopenedFileError):
        write_file("mine", LinkedFile(path))
    assert path.read_text() == "theirs"


def test_a_file_that_is_gone_is_written_again(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("mine")
    file = read_file(path).file
    path.unlink()
    assert not has_changed(file)
    write_file("mine still", file)
    assert path.read_text() == "mine still"


def test_links_and_rights_stay(tmp_path: Path) -> None:
    real, link = tmp_path / "real.txt", tmp_path / "link.txt"
    real.write_text("text")
    real.chmod(0o640)
    link.symlink_to(real)
    write_file("changed", read_file(link).file)
    assert link.is_symlink()
    assert real.read_text() == "changed"
    assert real.stat().st_mode & 0o777 == 0o640


def test_a_read_only_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("text")
    path.chmod(0o444)
    with pytest.raises(ChartermError, match="read-only"):
        write_file("changed", read_file(path).file)
    assert path.read_text() == "text"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (bytes(range(256)) * 8, "binary"),
        ("good text 안녕\n".encode() * 60 + b"\xff\xfe\xfd", "damaged"),
    ],
)
def test_what_is_no_text_is_refused_in_one_line(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "letter.txt"
    path.write_bytes(content)
    with pytest.raises(ChartermError, match=said) as caught:
        read_file(path)
    assert "\n" not in str(caught.value)
    assert "letter.txt" in str(caught.value)


def test_places_where_no_file_can_be(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="folder"):
        read_file(tmp_path)
    with pytest.raises(UsageError, match="does not exist"):
        read_file(tmp_path / "letter.txt")
    with pytest.raises(UsageError, match="make the folder first"):
        read_file(tmp_path / "nowhere" / "letter.txt", new=True)
    with pytest.raises(UsageError, match="folder"):
        write_file("text", LinkedFile(tmp_path))
    with pytest.raises(ChartermError, match="cannot write"):
        write_file("text", LinkedFile(Path("/proc/letter.txt")))


def test_a_file_that_does_not_exist_can_be_begun(tmp_path: Path) -> None:
    read = read_file(tmp_path / "letter.txt", new=True)
    assert read.text == ""
    assert not read.file.path.exists()
    write_file("begun", read.file)
    assert read.file.path.read_text() == "begun"


def test_a_character_that_an_old_encoding_lacks_makes_the_file_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_bytes(HANGUL.encode("cp949"))
    file = read_file(path).file
    assert file.codec == "cp949"
    file = write_file(HANGUL + "👩‍🚀", file)
    assert file.codec == "utf-8"
    assert path.read_text(encoding="utf-8") == HANGUL + "👩‍🚀"


def test_a_linked_file_survives_json(tmp_path: Path) -> None:
    file = LinkedFile(tmp_path / "편지.txt", "a", "b", "cp949", "\r\n")
    assert LinkedFile.from_json(file.to_json()) == file
