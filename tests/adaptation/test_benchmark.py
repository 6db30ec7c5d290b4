"""What the memory costs is measured with a memory that is there and learns."""

from pathlib import Path

import pytest

from charterm.adaptation import benchmark
from charterm.adaptation.memory import Memory
from charterm.engine.language_model import load_language_model
from charterm.text.alphabet import Alphabet
from tests.model.random_model import save_random_model


def test_the_same_keys_are_typed_with_the_memory_and_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_random_model(tmp_path / "small", "\n abcdefghijklmnopqrstuvwxyz")
    model = load_language_model(tmp_path / "small")
    made: list[Memory] = []

    def remembered(alphabet: Alphabet) -> Memory:
        made.append(Memory(alphabet))
        return made[-1]

    monkeypatch.setattr(benchmark, "Memory", remembered)
    report = benchmark.memory_report(model, keys=12)
    without, adapted = report.lines
    assert (without.calls, adapted.calls) == (12, 12)
    (cost,) = report.ratios
    assert cost.value == pytest.approx(adapted.median / without.median)
    assert (cost.target, cost.at_least) == (1.3, False)
    assert len(made) == 1
    assert made[0].tokens > 100  # what stood before the keys was learnt
