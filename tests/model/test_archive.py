import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from charterm import paths
from charterm.errors import ChartermError, UsageError
from charterm.model import library
from charterm.model.archive import check_model, export_model, import_model
from charterm.model.folder import load_info, load_tensors, save_model

from .random_model import random_tensors, save_random_model


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    """An exported model whose original is gone."""
    save_random_model(library.new_model_folder("tiny"))
    path = export_model("tiny", tmp_path / "tiny.zip")
    library.delete_model("tiny")
    return path


def repack(path: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    change(files)
    changed = path.with_name("changed.zip")
    with zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return changed


def test_what_comes_back_is_what_went_out(tmp_path: Path) -> None:
    folder = library.new_model_folder("가나")
    info = save_random_model(folder)
    (folder / "README.md").write_text("a card", encoding="utf-8")
    before = load_tensors(folder, info.config)
    shares: list[float] = []
    path = export_model("가나", tmp_path, on_progress=shares.append)
    assert path == tmp_path / "가나.zip"
    assert shares[-1] == 1.0
    entry = import_model(path, "copy")
    assert (entry.name, entry.starter) == ("copy", False)
    assert load_info(entry.folder) == info
    after = load_tensors(entry.folder, info.config)
    assert all(np.array_equal(before[name], after[name]) for name in before)
    assert (entry.folder / "README.md").read_text(encoding="utf-8") == "a card"


def test_the_same_model_gives_the_same_file(tmp_path: Path) -> None:
    save_random_model(library.new_model_folder("tiny"))
    one, other = (export_model("tiny", tmp_path / name) for name in ("1.zip", "2.zip"))
    assert one.read_bytes() == other.read_bytes()


def test_a_file_that_exists_is_not_written_over(tmp_path: Path) -> None:
    save_random_model(library.new_model_folder("tiny"))
    (tmp_path / "tiny.zip").write_text("mine")
    with pytest.raises(UsageError, match="exists already"):
        export_model("tiny", tmp_path)
    assert (tmp_path / "tiny.zip").read_text() == "mine"
    export_model("tiny", tmp_path, overwrite=True)
    assert zipfile.is_zipfile(tmp_path / "tiny.zip")


def test_the_name_is_that_of_the_archive_and_must_be_free(packed: Path) -> None:
    moved = packed.rename(packed.with_name("other.zip"))
    assert import_model(moved).name == "tiny"
    with pytest.raises(UsageError, match="there is a model named 'tiny' already"):
        import_model(moved)
    assert import_model(moved, "second").name == "second"


def test_what_other_packers_add_does_no_harm(packed: Path) -> None:
    junk = {"__MACOSX/tiny/._model.json": b"x", "tiny/.DS_Store": b"x"}
    assert import_model(repack(packed, lambda files: files.update(junk))).name == "tiny"


def _rename(old: str, new: str) -> Callable[[dict[str, bytes]], None]:
    def change(files: dict[str, bytes]) -> None:
        files[new] = files.pop(old)

    return change


def _description(**values: object) -> Callable[[dict[str, bytes]], None]:
    def change(files: dict[str, bytes]) -> None:
        known = json.loads(files["tiny/model.json"])
        files["tiny/model.json"] = json.dumps({**known, **values}).encode()

    return change


def _grow(files: dict[str, bytes]) -> None:
    files["tiny/weights.safetensors"] += bytes(4 << 20)


def _not_finite(files: dict[str, bytes]) -> None:
    files["tiny/weights.safetensors"] = files["tiny/weights.safetensors"][:-4] + b"\0\0\xc0\x7f"


BAD = {
    "climbing out": (_rename("tiny/log.jsonl", "../log.jsonl"), "does not belong"),
    "climbing out deeper": (_rename("tiny/log.jsonl", "tiny/../../log.jsonl"), "does not belong"),
    "from the root": (_rename("tiny/log.jsonl", "/tiny/log.jsonl"), "does not belong"),
    "windows": (_rename("tiny/log.jsonl", "..\\..\\log.jsonl"), "does not belong"),
    "a foreign file": (_rename("tiny/log.jsonl", "tiny/run.sh"), "does not belong"),
    "no weights": (lambda files: files.pop("tiny/weights.safetensors"), "has no weights"),
    "two folders": (_rename("tiny/log.jsonl", "huge/log.jsonl"), "more than one folder"),
    "weights too large": (_grow, "larger than it may be"),
    "not finite": (_not_finite, "not finite"),
    "newer format": (_description(format_version=99), "update charterm"),
    "shapes that do not fit": (_description(config={"vocabulary": 284, "hidden": 8}), "has shape"),
    "no object": (_description(training=[1]), "damaged"),
    "damaged description": (lambda f: f.update({"tiny/model.json": b"{"}), "damaged"),
    "damaged log": (lambda f: f.update({"tiny/log.jsonl": b"{\n"}), "damaged"),
    "a bad name": (
        lambda f: [f.update({k.replace("tiny", "-x"): f.pop(k)}) for k in list(f)],
        "cannot name a model",
    ),
}


@pytest.mark.parametrize(("change", "message"), BAD.values(), ids=BAD.keys())
def test_what_is_wrong_is_refused_and_leaves_nothing(
    change: Callable[[dict[str, bytes]], None], message: str, packed: Path, tmp_path: Path
) -> None:
    before = sorted(tmp_path.rglob("*"))
    changed = repack(packed, change)
    with pytest.raises(ChartermError, match=message) as caught:
        import_model(changed)
    assert "\n" not in str(caught.value)
    assert [path for path in tmp_path.rglob("*") if path not in before] == [changed]
    assert list(paths.models_dir().iterdir()) == []


def test_a_link_is_refused(packed: Path) -> None:
    with zipfile.ZipFile(packed, "a") as archive:
        link = zipfile.ZipInfo("tiny/README.md")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(UsageError, match="does not belong"):
        import_model(packed)


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_archive_is_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file.zip"
    path.write_bytes(content)
    with pytest.raises(UsageError, match="no archive of a model"):
        import_model(path)
    with pytest.raises(UsageError, match="is a folder"):
        import_model(tmp_path)
    with pytest.raises(UsageError, match="there is no file"):
        import_model(tmp_path / "nowhere.zip")


def test_a_cut_or_changed_file_is_told(packed: Path) -> None:
    content = bytearray(packed.read_bytes())
    content[len(content) // 2] ^= 0xFF
    packed.write_bytes(content)
    with pytest.raises(UsageError, match="damaged"):
        import_model(packed)
    packed.write_bytes(content[: len(content) // 2])
    with pytest.raises(UsageError, match="no archive"):
        import_model(packed)


def test_a_damaged_model_is_not_exported(tmp_path: Path) -> None:
    folder = library.new_model_folder("tiny")
    info = save_random_model(folder)
    save_model(folder, info, random_tensors(info.config), log='{"kind": "started"}\n')
    check_model(folder)
    (folder / "weights.safetensors").write_bytes(b"cut")
    with pytest.raises(ChartermError, match="damaged"):
        export_model("tiny", tmp_path)
    assert list(tmp_path.glob("*.zip")) == []
