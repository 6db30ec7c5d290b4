"""The figures of the benchmark are there; how good they are is for ``charterm bench`` to say."""

from pathlib import Path

import pytest

from charterm.decoding.benchmark import generation_report
from charterm.decoding.controls import Controls
from charterm.engine.language_model import load_language_model
from tests.model.random_model import save_random_model


def test_one_text_and_many_are_measured(tmp_path: Path) -> None:
    save_random_model(tmp_path / "small", "\n abc")
    model = load_language_model(tmp_path / "small")
    report = generation_report(model, Controls(until="sentence", n=3), length=10, runs=3)
    single, many = report.lines
    assert (single.calls, many.calls) == (3, 3)
    assert "10 characters of 8 texts at once" in many.name
    speed, cost = report.ratios
    assert speed.value == pytest.approx(10e6 / single.median)
    assert (speed.target, speed.at_least) == (5000.0, True)
    assert cost.value == pytest.approx(many.median / single.median)
    assert (cost.target, cost.at_least) == (4.0, False)
