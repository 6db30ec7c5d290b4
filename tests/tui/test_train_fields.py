"""What the training form asks for, and the estimate that it shows."""

import pytest

from charterm.tui.train_fields import FIELDS, estimate, wanted


@pytest.fixture
def values() -> dict[str, object]:
    return {field.name: field.setting.default for field in FIELDS} | {"name": "x"}


def test_a_model_that_is_trained_further_keeps_its_shape(values: dict[str, object]) -> None:
    asked = wanted(values | {"from": "english", "hidden": 64})
    assert asked.base == "english"
    assert asked.settings.hidden is None
    assert asked.settings.cell is None
    assert wanted(values | {"unit": "steps", "amount": 20.0}).settings.steps == 20


def test_the_estimate_follows_text_and_budget(values: dict[str, object]) -> None:
    values["hidden"] = 512
    by_minutes = estimate(wanted(values), 1_000_000, 60, pace=0.5)
    assert by_minutes.minutes == 10.0
    assert by_minutes.parameters == by_minutes.recipe.config(256 + 60).parameters
    by_epochs = estimate(
        wanted(values | {"unit": "epochs", "amount": by_minutes.epochs}), 1_000_000, 60, pace=0.5
    )
    assert by_epochs.minutes == pytest.approx(10.0)
    larger = estimate(wanted(values | {"hidden": 1024}), 1_000_000, 60, pace=0.5)
    assert larger.characters_per_second < by_minutes.characters_per_second


def test_the_estimate_chooses_by_the_pace_as_the_training_does(values: dict[str, object]) -> None:
    asked = wanted(values | {"amount": 2.0, "threads": 2})
    slow, fast = (estimate(asked, 1_000_000, 60, pace=pace).recipe for pace in (0.15, 1.0))
    assert slow.dropout < fast.dropout
    assert slow.learning_rate > fast.learning_rate


@pytest.mark.parametrize(
    ("shape", "distinct", "threads", "measured"),
    [  # medians of trainings on two quiet cores, or on one of them, of an AMD Zen 4
        ({"cell": "gru", "hidden": 512}, 65, 2, 56_255),
        ({"cell": "lstm", "hidden": 512}, 65, 2, 47_103),
        ({"cell": "lstm", "hidden": 512}, 65, 1, 22_890),
        ({"cell": "gru", "hidden": 768}, 92, 1, 20_135),
        ({"cell": "lstm", "hidden": 704}, 92, 1, 16_778),
    ],
)
def test_the_estimate_is_near_what_was_measured(
    shape: dict[str, object],
    distinct: int,
    threads: int,
    measured: float,
    values: dict[str, object],
) -> None:
    asked = wanted(values | shape | {"threads": threads})
    found = estimate(asked, 1_000_000, distinct)
    assert measured / 1.5 < found.characters_per_second < measured * 1.5
