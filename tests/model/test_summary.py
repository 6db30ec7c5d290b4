import math
from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from charterm.model.config import ModelConfig
from charterm.model.library import Entry, find_model, new_model_folder
from charterm.model.summary import COLUMNS, Summary, loss_curve, matches, order, summarize

from .random_model import save_random_model

_CONFIGS = [None, ModelConfig(300), ModelConfig(300, cell="lstm", hidden=64)]


@st.composite
def summaries(draw: st.DrawFn) -> list[Summary]:
    names = draw(st.lists(st.text("abB가", min_size=1, max_size=3), unique=True, max_size=6))
    return [
        Summary(
            Entry(name, Path(name), starter=False),
            bytes=1,
            config=draw(st.sampled_from(_CONFIGS)),
            characters=draw(st.integers(0, 3)),
            validation_bits=draw(st.none() | st.floats(0, 8)),
            created=draw(st.sampled_from(["", "2026-01-01", "2025-01-01"])),
            sources=tuple(draw(st.lists(st.sampled_from(["b", "a"]), max_size=2))),
        )
        for name in names
    ]


@given(summaries(), st.sampled_from(COLUMNS), st.booleans())
def test_order_keeps_every_model_and_puts_the_unknown_last(
    listed: list[Summary], column: str, descending: bool
) -> None:
    ordered = order(listed, column, descending=descending)  # type: ignore[arg-type]
    assert sorted(s.name for s in ordered) == sorted(s.name for s in listed)
    known = [s.validation_bits is not None for s in order(listed, "bits", descending=descending)]
    assert known == sorted(known, reverse=True)
    bits = [s.validation_bits for s in order(listed, "bits") if s.validation_bits is not None]
    assert bits == sorted(bits)


def test_filter_takes_every_word_in_any_place() -> None:
    save_random_model(new_model_folder("Tiny-한글"))
    summary = replace(summarize(find_model("Tiny-한글")), sources=("Moby Dick",))
    assert matches(summary, "")
    assert matches(summary, "tiny gru")
    assert matches(summary, "1×16 moby")
    assert matches(summary, "한글")
    assert not matches(summary, "tiny lstm")


def test_a_damaged_model_is_listed_with_what_is_wrong() -> None:
    folder = new_model_folder("bad")
    save_random_model(folder)
    assert not summarize(find_model("bad")).problem
    (folder / "model.json").write_text("{")
    summary = summarize(find_model("bad"))
    assert "damaged" in summary.problem
    assert (summary.cell, summary.shape, summary.parameters) == ("", "", 0)


def test_the_curve_is_in_bits_over_millions_of_characters() -> None:
    point = {"kind": "validation", "characters": 2_000_000, "train_nats": math.log(4)}
    curve = loss_curve(
        [
            {"kind": "started"},
            {**point, "validation_nats": math.log(8)},
            {**point, "validation_nats": math.nan},
            {**point, "validation_nats": None},
            point,
        ]
    )
    assert curve.characters == (2.0,)
    assert curve.train == (2.0,)
    assert [round(bits, 12) for bits in curve.validation] == [3.0]
    assert loss_curve([]).validation == ()
