"""The figures of the benchmark are there; how good they are is for ``charterm bench`` to say."""

import math
from pathlib import Path

from charterm.decoding.benchmark import measure_sampling
from charterm.decoding.controls import Controls
from charterm.engine.language_model import load_language_model
from tests.model.random_model import save_random_model


def test_one_text_and_many_are_measured(tmp_path: Path) -> None:
    save_random_model(tmp_path / "small", "\n abc")
    model = load_language_model(tmp_path / "small")
    speed = measure_sampling(model, Controls(until="sentence", n=3), length=10, runs=1)
    assert speed.characters_per_second > 0
    assert math.isfinite(speed.cost_of_many)
