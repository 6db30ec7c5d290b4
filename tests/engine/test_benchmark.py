import json

import pytest

from charterm.engine import benchmark as module
from charterm.engine.benchmark import (
    beside_training_report,
    passage_for,
    predictions_report,
    step_section,
    steps_report,
)
from charterm.engine.benchmark_text import ENGLISH, KOREAN
from charterm.engine.timing import Ratio, Report, measure, process_line
from charterm.model.config import ModelConfig
from tests.engine.models import random_model


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PREFIXES", 5)
    monkeypatch.setattr(module, "EDITS", 4)
    monkeypatch.setattr(module, "DOCUMENTS", (10_000, 1_000_000))
    monkeypatch.setattr(module, "SHAPES", (("lstm", 2, 8),))
    monkeypatch.setattr(
        module, "measure", lambda calls, group: measure(calls, group=group, rounds=1, seconds=0.001)
    )


@pytest.mark.usefixtures("quick")
def test_the_report_has_every_section_and_is_plain_json() -> None:
    told: list[str] = []
    model = random_model("\n abcdefgh'.,")
    report = predictions_report(model, tell=told.append)
    report = report.joined(beside_training_report(model))
    report = report.joined(steps_report(model.config, torch=True, tell=told.append))
    values = json.loads(json.dumps(report.to_json()))
    groups = {entry["group"] for entry in values["lines"]}
    assert {"predictions", "predictions beside a training", "GRU 1×12", "LSTM 2×8"} <= groups
    assert {f"document of {n:,} characters" for n in module.DOCUMENTS} <= groups
    names = {ratio["name"] for ratio in values["ratios"]}
    assert {"LSTM 2×8: usual way / step", "mid-text edit, 1 M / 10 k characters"} <= names
    assert "5 words beside a training: 95th percentile" in names
    assert all(0 < entry["median"] <= entry["p95"] for entry in values["lines"])
    assert "memory_at_rest_megabytes" in values["machine"]
    assert {"completions", "one step, GRU 1×12"} <= set(told)


def test_joined_reports_keep_the_facts_of_both() -> None:
    report = Report({"cores": 2}, (), ()).joined(Report({"peak": 1.0}, (), (Ratio("x", 1.0),)))
    assert report.machine == {"cores": 2, "peak": 1.0}
    assert len(report.ratios) == 1


def test_without_torch_its_lines_are_left_out() -> None:
    config = ModelConfig(vocabulary=260, hidden=8, embedding=4)
    lines, ratios = step_section(config, torch=False)
    assert {entry.name for entry in lines} == {"floor", "step", "64 steps of reading"}
    assert [ratio.name for ratio in ratios] == ["GRU 1×8: step / floor"]


def test_targets_bound_from_the_right_side() -> None:
    assert Ratio("x", 2.0, target=2.2).met is True
    assert Ratio("x", 2.3, target=2.2).met is False
    assert Ratio("x", 5.0, target=4.0, at_least=True).met is True
    assert Ratio("x", 3.0, target=4.0, at_least=True).met is False
    assert Ratio("x", 3.0).met is None


def test_measured_calls_take_turns() -> None:
    order: list[str] = []
    calls = {name: lambda name=name: order.append(name) for name in "ab"}
    lines = measure(calls, group="g", rounds=3, seconds=0.0001)  # type: ignore[arg-type]
    assert [entry.name for entry in lines] == ["a", "b"]
    assert "".join(order).count("ab") >= 3
    assert sum(entry.calls for entry in lines) == len(order) - 4  # two warm-up calls each


def test_the_passage_fits_the_alphabet() -> None:
    assert passage_for(random_model("\n abcdefghijklmnopqrstuvwxyz")) == ENGLISH
    assert passage_for(random_model("".join(sorted(set(KOREAN))))) == KOREAN
    assert len(ENGLISH) > 2000


def test_whole_processes_are_timed() -> None:
    import subprocess
    import sys

    entry = process_line("start", [sys.executable, "-c", "pass"], runs=2)
    assert entry.calls == 2
    assert entry.median > 1000
    with pytest.raises(subprocess.CalledProcessError):
        process_line("bad", [sys.executable, "-c", "raise SystemExit(3)"], runs=1)
