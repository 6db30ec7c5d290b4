import json
from pathlib import Path

import numpy as np
import pytest

from charterm import storage
from charterm.errors import ChartermError
from charterm.model.config import ModelConfig
from charterm.model.folder import ModelInfo, load_info, load_log, load_tensors, save_model
from charterm.text.alphabet import Alphabet

from .random_model import random_tensors, save_random_model

ALPHABET = Alphabet.from_text("ab 한")
SHAPES = [
    {"cell": "gru", "layers": 1, "embedding": 4},
    {"cell": "lstm", "layers": 3, "embedding": None},
]


@pytest.mark.parametrize("shape", SHAPES)
def test_a_saved_model_reads_back_exactly(tmp_path: Path, shape: dict) -> None:
    config = ModelConfig(vocabulary=ALPHABET.size, hidden=5, **shape)
    tensors = random_tensors(config)
    info = ModelInfo(
        config, ALPHABET, {"validation_nats": 1.5}, [{"name": "x"}], "MIT", "a model", "2026-11-23"
    )
    save_model(tmp_path / "m", info, tensors, log='{"event": "started"}\n')
    assert load_info(tmp_path / "m") == info
    loaded = load_tensors(tmp_path / "m", config)
    assert loaded.keys() == tensors.keys()
    for name, tensor in tensors.items():
        np.testing.assert_array_equal(loaded[name], tensor)
    assert load_log(tmp_path / "m") == [{"event": "started"}]
    assert sum(tensor.size for tensor in tensors.values()) == config.parameters


def test_half_precision_halves_the_file(tmp_path: Path) -> None:
    save_random_model(tmp_path / "full")
    info = save_random_model(tmp_path / "half", half=True)
    sizes = [(tmp_path / name / "weights.safetensors").stat().st_size for name in ("full", "half")]
    assert sizes[1] < 0.6 * sizes[0]
    assert load_tensors(tmp_path / "half", info.config)["output.weight"].dtype == np.float16


def test_a_failed_save_leaves_the_old_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "models" / "m"
    info = save_random_model(folder)
    before = (folder / "weights.safetensors").read_bytes()

    def full_disk(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full_disk)
    with pytest.raises(ChartermError, match="No space left"):
        save_model(folder, info, random_tensors(info.config, seed=1))
    monkeypatch.undo()
    assert (folder / "weights.safetensors").read_bytes() == before
    assert [path.name for path in folder.parent.iterdir()] == ["m"]


def test_a_crash_between_the_renames_is_recovered(tmp_path: Path) -> None:
    save_random_model(tmp_path / "m")
    (tmp_path / "m").rename(tmp_path / ".m.old")
    assert load_info(tmp_path / "m").description == "random weights, for tests"


def test_weights_that_are_not_finite_are_refused(tmp_path: Path) -> None:
    info = save_random_model(tmp_path / "m")
    tensors = random_tensors(info.config)
    tensors["output.bias"][0] = np.nan
    with pytest.raises(ChartermError, match="not finite"):
        save_model(tmp_path / "n", info, tensors)
    assert not (tmp_path / "n").exists()


def _truncate(folder: Path) -> None:
    path = folder / "weights.safetensors"
    path.write_bytes(path.read_bytes()[:-100])


def _break_json(folder: Path) -> None:
    (folder / "model.json").write_text("{", encoding="utf-8")


def _newer(folder: Path) -> None:
    values = json.loads((folder / "model.json").read_text("utf-8"))
    (folder / "model.json").write_text(json.dumps({**values, "format_version": 99}), "utf-8")


def _other_shape(folder: Path) -> None:
    values = json.loads((folder / "model.json").read_text("utf-8"))
    values["config"]["hidden"] = 17
    (folder / "model.json").write_text(json.dumps(values), "utf-8")


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (_truncate, "damaged"),
        (_break_json, "damaged"),
        (_newer, "update charterm"),
        (_other_shape, "shape"),
        (lambda folder: (folder / "model.json").unlink(), "not a model"),
        (lambda folder: (folder / "weights.safetensors").unlink(), "not a model"),
    ],
)
def test_a_damaged_model_gets_one_clear_line(tmp_path: Path, damage, message: str) -> None:
    folder = tmp_path / "m"
    save_random_model(folder)
    damage(folder)
    with pytest.raises(ChartermError, match=message) as caught:
        load_tensors(folder, load_info(folder).config)
    assert "\n" not in str(caught.value)


def test_replacing_a_file_keeps_the_old_one_on_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "text"
    storage.write_text(path, "old")

    def full_disk(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full_disk)
    with pytest.raises(ChartermError, match="No space left"):
        storage.write_text(path, "new")
    assert path.read_text("utf-8") == "old"
    assert list(tmp_path.glob(".text*")) == []
