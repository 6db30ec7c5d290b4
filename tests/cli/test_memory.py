"""charterm memory: what the program learnt is seen and forgotten from the command line."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from .program import charterm


def told(*arguments: str) -> Any:
    done = charterm("memory", *arguments, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    path = tmp_path / "letter.txt"
    path.write_text("dear Zorblax,\nZorblax and the cat, a1b2c3d4\n", encoding="utf-8")
    return path


def test_a_memory_is_seen_and_forgotten(letter: Path, tmp_path: Path) -> None:
    assert told("show")["documents"] == {}
    assert told("learn", str(letter))["characters"] > 20
    seen = told("show")
    assert seen["words"]["Zorblax"] == 2
    assert not [word for word in seen["words"] if "1b2" in word]
    assert (seen["used"], seen["learning"]) == ("shared", True)
    assert stat.S_IMODE(Path(seen["file"]).stat().st_mode) == 0o600
    copy = tmp_path / "copy.json"
    told("export", str(copy))
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert told("forget-word", "zorblax")["times"] == 2
    assert "Zorblax" not in told("show")["words"]
    told("import", str(copy))
    assert told("show")["words"]["Zorblax"] == 2
    told("forget-document", str(letter))
    assert told("show")["documents"] == {}
    assert told("show")["ignored_documents"] == [str(letter)]
    told("allow-document", str(letter))
    assert told("learn", "off")["learning"] is False
    assert told("never", "^x", "--of", "english")["never_learn"] == ["^x"]
    told("import", str(copy))
    assert told("reset")["characters"] > 20
    shown = charterm("memory").stdout
    assert ["remembers", "0", "characters"] in [line.split()[:3] for line in shown.splitlines()]


def test_the_last_change_is_undone_or_what_it_took_away_discarded(letter: Path) -> None:
    told("learn", str(letter))
    for change in (("reset",), ("forget-word", "zorblax"), ("forget-document", str(letter))):
        before = told("show")
        told(*change)
        after = told("show")
        assert "Zorblax" not in after["words"]
        assert after["can_undo"]
        kept = Path(after["file"]).with_name("shared.json.undo")
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
        told("undo")
        assert told("show") == before | {"can_undo": False}
        assert not kept.exists()
    assert charterm("memory", "undo").returncode == 2
    told("forget-word", "zorblax")
    assert told("undo", "--discard")["discarded"]
    assert not kept.exists()
    assert charterm("memory", "undo").returncode == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ("undo",),
        ("forget-word", "two words"),
        ("allow-word", "cat"),
        ("forget-document", "nothing"),
        ("allow-document", "nothing"),
        ("never", "["),
        ("never", "x", "--remove"),
        ("show", "--of", "../x"),
    ],
)
def test_wrong_use_is_one_line(arguments: tuple[str, ...]) -> None:
    done = charterm("memory", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.strip().splitlines()) == 1
