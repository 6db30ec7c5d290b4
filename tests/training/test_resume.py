"""A run that was ended at any moment goes on to the weights of one that was left alone."""

import itertools
import os
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from charterm.errors import ChartermError
from charterm.model.folder import load_info, load_log, load_tensors
from charterm.text import token_cache
from charterm.text.corpus_options import CorpusOptions
from charterm.training import trainer as trainer_module
from charterm.training.checkpoint import read_checkpoint
from charterm.training.events import Checkpoint, Event, Finished, Paused, Sample, Started, Step
from charterm.training.run_folder import RunFolder
from charterm.training.run_process import train_run
from charterm.training.runs import create_run, stop_run
from charterm.training.settings import TrainSettings
from charterm.training.watching import run_status

from .kills import kill_and_resume, weights_hash

SMALL = {"hidden": 16, "embedding": 8, "batch_size": 4, "sequence_length": 16, "dropout": 0.2,
         "threads": 1, "precision": "float32", "sample_length": 5, "validations": 7,
         "checkpoint_seconds": 1e-6}  # fmt: skip


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "text.txt"
    path.write_text("the cat sat on the mat, and the dog sat on the cat.\n" * 40)
    return path


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reports at every step, and with the settings above checkpoints too."""
    monkeypatch.setattr(trainer_module, "_REPORT_SECONDS", 0.0)


def new_run(name: str, text: Path, **chosen: object) -> RunFolder:
    training = TrainSettings(**{**SMALL, **chosen})  # type: ignore[arg-type]
    return create_run(name, [text], CorpusOptions(), training, overwrite=True)


class Killed(BaseException):
    """Stands for SIGKILL: nothing of the program runs after it."""


def train_until(run: RunFolder, event_number: int) -> Event | None:
    """Train, but die at an event of that number; None if it died."""
    numbers = itertools.count()

    def die(_: Event) -> None:
        if next(numbers) == event_number:
            raise Killed

    try:
        return train_run(run, die)
    except Killed:
        return None


@pytest.fixture(scope="module", params=[("gru", "float32"), ("lstm", "bfloat16")])
def left_alone(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, object], str]:
    """Settings, and the hash of the weights of a run that was never interrupted."""
    folder = tmp_path_factory.mktemp("left-alone")
    text = folder / "text.txt"
    text.write_text("the cat sat on the mat, and the dog sat on the cat.\n" * 40)
    before = dict(os.environ)
    try:
        os.environ["CHARTERM_DATA_DIR"] = os.environ["CHARTERM_CACHE_DIR"] = str(folder)
        cell, precision = request.param
        chosen = {"steps": 14, "cell": cell, "precision": precision, "layers": 2}
        run = new_run("whole", text, **chosen)
        train_run(run, lambda _: None)
        return chosen, weights_hash(run.model)
    finally:
        os.environ.clear()
        os.environ.update(before)


@settings(max_examples=5, suppress_health_check=list(HealthCheck))
@given(deaths=st.lists(st.integers(0, 45), min_size=1, max_size=3))
def test_any_interruptions_end_with_the_same_weights(
    left_alone: tuple[dict[str, object], str], text: Path, deaths: list[int]
) -> None:
    chosen, expected = left_alone
    run = new_run("killed", text, **chosen)
    for death in deaths:
        torch.manual_seed(death)  # whatever the random state is in the new process
        if train_until(run, death) is not None:
            break
    else:
        assert isinstance(train_until(run, -1), Finished)
    assert weights_hash(run.model) == expected
    assert run_status("killed").state == "finished"
    log = load_log(run.model)
    assert [entry["kind"] for entry in log].count("validation") == 8
    assert not run.checkpoint.exists()


def test_sigkill_at_random_moments(text: Path) -> None:
    whole = new_run("whole", text, steps=60)
    train_run(whole, lambda _: None)
    run = new_run("killed", text, steps=60)
    outcome = kill_and_resume(run, kills=2, most_events=8, seed=3)
    assert outcome["sha256"] == weights_hash(whole.model)


def test_a_pause_at_a_signal_writes_a_checkpoint(text: Path) -> None:
    run = new_run("paused", text, minutes=10)

    def signal_at_step(event: Event) -> None:
        if isinstance(event, Step) and event.step == 5:
            os.kill(os.getpid(), 15)

    last = train_run(run, signal_at_step)
    assert isinstance(last, Paused)
    assert last.signal == "SIGTERM"
    assert run_status("paused").state == "paused"
    saved = read_checkpoint(run.checkpoint)
    assert saved.facts["progress"]["step"] == last.step
    seconds = saved.facts["progress"]["seconds"]
    events: list[Event] = []

    def stop_soon(event: Event) -> None:
        events.append(event)
        if isinstance(event, Step) and event.step > last.step + 3:
            run.wish("stop")

    finished = train_run(run, stop_soon)
    assert isinstance(finished, Finished)
    assert finished.reason == "stopped"
    assert isinstance(events[0], Started)
    assert events[0].step == last.step
    first = next(event for event in events if isinstance(event, Step))
    assert first.seconds > seconds  # of the budget in minutes, what was used up stays so


def test_a_gone_terminal_does_not_end_the_run(text: Path) -> None:
    def broken(_: Event) -> None:
        raise OSError

    run = new_run("deaf", text, steps=3)
    assert isinstance(train_run(run, broken), Finished)


def test_the_model_can_be_loaded_from_the_first_checkpoint_on(text: Path) -> None:
    run = new_run("early", text, steps=10)
    steps: list[int] = []

    def load(event: Event) -> None:
        if isinstance(event, Checkpoint):
            info = load_info(run.model)
            load_tensors(run.model, info.config)
            steps.append(info.training["steps"])

    train_run(run, load)
    assert steps[0] == 1
    assert steps == sorted(steps)


def test_changed_text_is_one_clear_error_with_a_way_out(text: Path) -> None:
    run = new_run("changed", text, steps=12)
    train_until(run, 12)
    content = text.read_text()
    text.write_text(content + "something new")
    with pytest.raises(ChartermError, match=r"text\.txt.*changed since.*--old-text") as caught:
        train_run(run, lambda _: None)
    assert "\n" not in str(caught.value)
    assert run_status("changed").state == "failed"
    assert isinstance(train_run(run, lambda _: None, old_text=True), Finished)
    whole = create_run(
        "whole", [text], CorpusOptions(), TrainSettings(**SMALL, steps=12)  # type: ignore[arg-type]
    )  # fmt: skip
    text.write_text(content)
    with pytest.raises(ChartermError, match="changed since"):
        train_run(whole, lambda _: None)


def test_a_lost_cache_is_made_again(text: Path) -> None:
    whole = new_run("whole", text, steps=12)
    train_run(whole, lambda _: None)
    run = new_run("cacheless", text, steps=12)
    train_until(run, 12)
    for entry in token_cache.entries_dir().iterdir():
        for file in entry.iterdir():
            file.unlink()
        entry.rmdir()
    train_run(run, lambda _: None)
    assert weights_hash(run.model) == weights_hash(whole.model)


def test_a_damaged_checkpoint_is_one_clear_error(text: Path) -> None:
    run = new_run("damaged", text, steps=12)
    train_until(run, 12)
    run.checkpoint.write_bytes(run.checkpoint.read_bytes()[:100])
    with pytest.raises(ChartermError, match=r"checkpoint\.safetensors is damaged"):
        train_run(run, lambda _: None)


@pytest.mark.parametrize("keep", ["best", "last"])
def test_early_stopping_keeps_the_best_and_the_last(text: Path, keep: str) -> None:
    text.write_text("the cat sat on a mat. " * 60 + "Zwölf Boxkämpfer jagen Viktor quer. " * 5)
    run = new_run("stopped", text, steps=4000, validations=200, patience=3, keep=keep,
                  learning_rate=2e-2, averaging=0.0, dropout=0.0,
                  checkpoint_seconds=None)  # fmt: skip
    losses: dict[int, float] = {}

    def note(event: Event) -> None:
        if event.kind == "validation":
            losses[event.step] = event.validation_nats  # type: ignore[attr-defined]
        assert not isinstance(event, Sample) or event.text

    finished = train_run(run, note)
    assert isinstance(finished, Finished)
    assert finished.reason == "early stopping"
    assert finished.facts["steps"] < 4000
    best_step = min(losses, key=lambda step: losses[step])
    kept, other = load_info(run.model), load_info(run.other_model)
    facts = kept.training
    expected = best_step if keep == "best" else facts["steps"]
    assert facts["kept_step"] == expected
    assert facts["best_step"] == best_step < facts["steps"]
    if keep == "best":
        assert facts["validation_nats"] == losses[best_step] < facts["last_validation_nats"]
    assert weights_hash(run.model) != weights_hash(run.other_model)
    load_tensors(run.other_model, other.config)


def test_stopping_a_paused_run_keeps_its_model(text: Path) -> None:
    run = new_run("halfway", text, steps=20)
    train_until(run, 30)
    weights = weights_hash(run.model)
    assert stop_run("halfway").state == "finished"
    assert weights_hash(run.model) == weights
    assert not run.checkpoint.exists()
