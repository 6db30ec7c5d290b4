import os
import re
import unicodedata
from functools import partial

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from charterm.errors import ChartermError
from charterm.text import reading
from charterm.text.reading import (
    clean,
    clean_pieces,
    find_text_files,
    read_text_file,
    read_texts,
)

# what composes, what is dropped and what is cut at, more often than chance would give
tricky = st.text(
    st.one_of(
        st.sampled_from(
            "\r\n\t ae\u0301\u0327\u0300각\u1100\u1161\u11a8\x07\x00\x85\ufeff\u3099か"
        ),
        st.characters(),
    ),
    max_size=60,
)


@given(tricky)
def test_cleaned_text_is_nfc_without_controls_and_stays_so(text):
    cleaned = clean(text)
    assert unicodedata.is_normalized("NFC", cleaned)
    assert not [c for c in cleaned if unicodedata.category(c) == "Cc" and c not in "\n\t"]
    assert "\ufeff" not in cleaned
    assert clean(cleaned) == cleaned


@given(tricky)
@example("e\u0301 각 가\u11a8\x07!")
def test_cleaning_keeps_everything_else(text):
    kept = text.replace("\r\n", "\n").replace("\r", "\n").replace("\ufeff", "")
    kept = "".join(c for c in kept if unicodedata.category(c) != "Cc" or c in "\n\t")
    assert clean(text) == unicodedata.normalize("NFC", kept)


@given(st.lists(tricky, max_size=8))
@example(["a\r", "\nb", "e", "\u0301x", "\x07", "\u0301"])
@example(["한" * 5, "글\r", "\n", "\u0301"])
def test_cleaning_in_pieces_equals_cleaning_the_whole(pieces):
    assert "".join(clean_pieces(pieces)) == clean("".join(pieces))


def test_pieces_are_passed_on_as_they_come():
    pieces = clean_pieces(iter(["one\ntw", "o\nthree", " four"]))
    assert [next(pieces), next(pieces), "".join(pieces)] == ["one\n", "two\n", "three four"]


def can_stand_in_a_file(text):
    return text.strip("\ufeff") and "\0" not in text and not re.search("[\ud800-\udfff]", text)


@given(text=tricky.filter(can_stand_in_a_file))
def test_files_in_any_utf_give_the_same_text(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("files") / "a.txt"
    text = "These words make it text. " * 200 + text
    for codec in ("utf-8", "utf-8-sig", "utf-16", "utf-32"):
        path.write_bytes(text.encode(codec))
        file = read_text_file(path)
        assert (file.path, file.text, file.guessed) == (path, clean(text), False)


def test_characters_cut_by_the_read_size_are_whole(tmp_path, monkeypatch):
    path = tmp_path / "a.txt"
    path.write_bytes("가나다\r\n라e\u0301마👩\n".encode())
    whole = read_text_file(path).text
    original = reading._read_chunks
    for size in range(1, 12):
        monkeypatch.setattr(reading, "_read_chunks", lambda p, s=size: original(p, s))
        assert read_text_file(path).text == whole == "가나다\n라é마👩\n"


def test_folders_are_searched_for_text(tmp_path):
    (tmp_path / "sub" / ".git").mkdir(parents=True)
    for name, content in {
        "b.txt": b"second",
        "a.md": b"first",
        "sub/c.txt": "안녕하세요".encode("cp949"),
        "sub/d.txt": "sixteen bits".encode("utf-16-le"),
        ".hidden": b"hidden",
        "sub/.git/e.txt": b"hidden",
        "empty.txt": b"",
        "p.png": b"\x89PNG\0\0\0",
    }.items():
        (tmp_path / name).write_bytes(content)
    names = ["a.md", "b.txt", "sub/c.txt", "sub/d.txt"]
    assert find_text_files([tmp_path]) == [tmp_path / name for name in names]
    texts = [file.text for file in read_texts([tmp_path])]
    assert texts == ["first", "second", "안녕하세요", "sixteen bits"]


def test_files_keep_their_order_and_come_once(tmp_path):
    for name in ("a", "b", "c"):
        (tmp_path / name).write_text(name)
    a, b, c = (tmp_path / name for name in "abc")
    assert find_text_files([c, tmp_path, a, tmp_path / ".." / tmp_path.name / "b"]) == [c, a, b]


def _message(path, read=read_text_file, **options):
    with pytest.raises(ChartermError) as caught:
        read(path, **options)
    message = str(caught.value)
    assert "\n" not in message
    assert str(path) in message
    return message


def _search(path):
    return find_text_files([path])


def test_every_refusal_is_one_line_that_says_what_to_do(tmp_path):
    missing = tmp_path / "missing.txt"
    assert "does not exist: check the spelling" in _message(missing)
    assert "does not exist: check the spelling" in _message(missing, _search)
    assert "not a file: choose a text file" in _message(tmp_path)
    assert "no text files in it: choose another folder" in _message(tmp_path, _search)
    short = tmp_path / "short.txt"
    short.write_text("four")
    assert "too short: 4 characters of text, at least 5" in _message(short, minimum=5)
    short.write_bytes(b"\xef\xbb\xbf\x07")
    assert "too short: 0 characters" in _message(short)
    short.write_bytes(b"")
    assert "is empty: choose a file" in _message(short)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read everything")
def test_unreadable_files_and_folders_are_refused(tmp_path):
    folder, file = tmp_path / "closed", tmp_path / "closed.txt"
    folder.mkdir(mode=0)
    file.write_text("words")
    file.chmod(0)
    assert "check the file and its permissions" in _message(file)
    assert "check its permissions" in _message(folder, _search)


def test_a_failing_disk_is_one_line(tmp_path, monkeypatch):
    file = tmp_path / "a.txt"
    file.write_text("words")

    def fail(*_args, **_options):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(type(file), "open", fail)
    assert "Input/output error; check the file" in _message(file)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp949"])
@pytest.mark.parametrize("line", ["한 줄의 글\n", "줄이 없는 글 "])
def test_the_beginning_of_a_large_file_is_read_alone(encoding, line, tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "CHUNK", 4001)
    monkeypatch.setattr(reading, "_read_chunks", partial(reading._read_chunks, size=4001))
    text = line * 2000
    (tmp_path / "text.txt").write_bytes(text.encode(encoding))
    beginning = reading.read_beginning(tmp_path / "text.txt")
    assert 1000 < len(beginning) < len(text)
    assert text.startswith(beginning)
    (tmp_path / "short.txt").write_bytes(line.encode(encoding))
    assert reading.read_beginning(tmp_path / "short.txt") == line
