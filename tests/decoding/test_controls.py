import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charterm.decoding.controls import (
    BY_NAME,
    CONTROLS,
    METHODS,
    PRESETS,
    Controls,
    for_method,
)
from charterm.errors import UsageError


def test_defaults_are_those_of_transformers_and_llama_cpp() -> None:
    got = Controls()
    assert (got.temperature, got.top_k, got.top_p, got.typical_p) == (1.0, 50, 1.0, 1.0)
    assert (got.min_p, got.epsilon_cutoff, got.eta_cutoff) == (0.0, 0.0, 0.0)
    assert (got.repetition_penalty, got.no_repeat_ngram_size) == (1.0, 0)
    assert (got.num_beams, got.num_beam_groups, got.diversity_penalty) == (1, 1, 0.0)
    assert (got.length_penalty, got.early_stopping) == (1.0, "false")
    assert (got.repeat_last_n, got.dry_penalty_last_n, got.seed) == (64, -1, -1)
    assert (got.dry_multiplier, got.dry_base, got.dry_allowed_length) == (0.0, 1.75, 2)
    assert got.dry_sequence_breakers == '\n:"*'


def test_the_schema_has_every_control_with_a_default_within_its_range() -> None:
    for control in CONTROLS:
        assert control.parse(control.default) == control.default
        assert control.help
        assert set(control.methods) <= set(METHODS)
        assert (control.kind == "choice") == bool(control.choices)


def test_presets_are_the_four_of_the_issue_and_survive_json() -> None:
    assert set(PRESETS) == {"careful", "balanced", "wild", "beam"}
    for preset in PRESETS.values():
        assert Controls.from_json(json.loads(json.dumps(preset.to_json()))) == preset


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("temperature", -1, "temperature must be a number from 0 to 10"),
        ("top_p", 1.5, "top_p must be a number from 0 to 1"),
        ("top_k", 2.5, "top_k must be a whole number"),
        ("top_k", "many", "top_k must be a whole number"),
        ("temperature", float("nan"), "temperature must be"),
        ("method", "magic", "one of sample, beam"),
        ("stop", (1,), "stop must be a text"),
        ("temprature", 1, "unknown control 'temprature'"),
    ],
)
def test_a_wrong_value_is_named(name: str, value: object, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        Controls().changed({name: value})


def test_text_of_a_form_is_taken() -> None:
    got = Controls().changed({"temperature": "0.5", "top_k": "7", "stop": "end"})
    assert (got.temperature, got.top_k, got.stop) == (0.5, 7, ("end",))


@pytest.mark.parametrize("method", METHODS)
def test_a_method_begins_with_controls_that_do_what_it_says(method: str) -> None:
    controls = for_method(method)
    assert controls.method == method
    if method in ("beam", "diverse-beam"):
        assert controls.num_beams > 1
    assert (controls.num_beam_groups > 1) == (method == "diverse-beam")


@given(st.sampled_from([c for c in CONTROLS if c.kind in ("int", "float")]), st.data())
def test_any_number_within_the_range_is_kept(control: object, data: st.DataObject) -> None:
    control = BY_NAME[control.name]  # type: ignore[attr-defined]
    low = control.minimum if control.minimum is not None else -1e3
    high = control.maximum if control.maximum is not None else low + 1e3
    if control.kind == "int":
        value: float = data.draw(st.integers(int(low), int(high)))
    else:
        value = data.draw(st.floats(low, high))
    assert getattr(Controls().changed({control.name: value}), control.name) == value
