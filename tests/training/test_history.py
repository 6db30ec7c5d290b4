"""What is gathered from a run's events, and how it is written out."""

import csv
import io
import math
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from charterm.errors import UsageError
from charterm.paths import runs_dir
from charterm.training.events import (
    Checkpoint,
    Comparing,
    Event,
    Finished,
    Paused,
    Sample,
    Started,
    Step,
)
from charterm.training.events import Validation as Validated
from charterm.training.export import COLUMNS, log_csv, loss_svg
from charterm.training.history import History, read_history


def step(number: int, nats: float) -> Step:
    return Step(number, number / 10, 0.1, number * 1000, nats, 1e-3, 0.5, 2000.0, 0.3, number, 9.0)


def validated(number: int, nats: float) -> Validated:
    return Validated(number, number * 1000, nats, nats, nats / math.log(2), True, float(number))


STARTED = Started({}, 1_000_000, 900, 100, 2, 1e11)


def test_curves_are_in_bits_over_millions() -> None:
    history = History.of([STARTED, step(1, 2.0), step(2, 1.0), validated(2, math.log(2))])
    history.add(Comparing(1, 3))
    assert history.comparing == Comparing(1, 3)
    history.add(Checkpoint(2, "folder"))
    assert history.comparing is None
    assert history.train_curve().x == (0.001, 0.002)
    assert history.train_curve().y == pytest.approx((2.0 / math.log(2), 1.0 / math.log(2)))
    assert history.validation_curve().y == (1.0,)
    assert history.best_nats == math.log(2)
    assert history.flops == 6.0 * 1_000_000 * 2000.0


def test_smoothing_begins_without_a_bias() -> None:
    history = History.of([step(number, math.log(2)) for number in range(1, 9)])
    assert history.train_curve(0.9).y == pytest.approx([1.0] * 8)
    rough = History.of([step(n, math.log(2) * (1 + n % 2)) for n in range(1, 20)])
    spread = [max(c.y) - min(c.y) for c in (rough.train_curve(), rough.train_curve(0.9))]
    assert spread[1] < spread[0] / 1.5


def test_what_a_continued_run_does_again_takes_the_place_of_the_first() -> None:
    killed: list[Event] = [STARTED, step(1, 3.0), validated(2, 2.5), step(3, 2.0), step(4, 1.0)]
    history = History.of([*killed, replace(STARTED, step=2), step(3, 1.9), Sample(3, "x")])
    assert [each.step for each in history.steps] == [1, 3]
    assert history.steps[-1].train_nats == 1.9
    assert [each.step for each in history.validations] == [2]
    unfinished = History.of([*killed, step(2, 1.5)])  # though nothing said that it was resumed
    assert [each.step for each in unfinished.steps] == [1, 2]


def test_the_end_counts_until_something_comes_after_it() -> None:
    history = History.of([STARTED, step(1, 2.0), Checkpoint(1, "m"), Paused(1, 0.1)])
    assert isinstance(history.end, Paused)
    assert history.saved
    history.add(replace(STARTED, step=1))
    assert history.end is None
    history.add(Finished("budget", "m"))
    assert isinstance(history.end, Finished)


def test_without_a_file_there_is_no_history_yet() -> None:
    history = read_history(runs_dir() / "none" / "events.jsonl")
    assert history.last_step is None
    assert history.train_curve().x == ()
    with pytest.raises(UsageError, match="none yet"):
        History.read("none")


def test_the_log_has_a_line_for_each_event() -> None:
    history = History.of([STARTED, step(1, 2.0), step(2, 1.5), validated(2, 1.25)])
    rows = list(csv.DictReader(io.StringIO(log_csv(history))))
    assert tuple(rows[0]) == COLUMNS
    assert [row["event"] for row in rows] == ["step", "step", "validation"]
    assert float(rows[2]["validation_nats"]) == 1.25
    assert rows[0]["validation_nats"] == ""


@pytest.mark.parametrize("count", [0, 1, 2, 30])
def test_the_picture_is_well_formed_and_names_every_run(count: int) -> None:
    events: list[Event] = [step(number, 3.0 / (number + 1)) for number in range(count)]
    runs = {"<one>": History.of([*events, validated(count, 0.7)]), "두": History.of(events)}
    picture = ElementTree.fromstring(loss_svg(runs))
    texts = {element.text for element in picture.iter() if element.tag.endswith("text")}
    assert {"<one>", "두"} <= texts
    lines = [element for element in picture.iter() if element.tag.endswith("polyline")]
    assert len(lines) == (2 if count > 1 else 0)
    for element in picture.iter():
        for name in ("cx", "cy", "x1", "y1"):
            assert 0 <= float(element.get(name, "0")) <= 960
