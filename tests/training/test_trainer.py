import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch

from charterm.errors import ChartermError, UsageError
from charterm.model.folder import load_info, load_log, load_tensors
from charterm.model.network import CharRNN
from charterm.text import verbatim
from charterm.text.alphabet import Alphabet
from charterm.text.corpus import Corpus, CorpusOptions, build_corpus
from charterm.training import trainer as trainer_module
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
from charterm.training.events import Validation as ValidationEvent
from charterm.training.plan import Plan
from charterm.training.precision import ProductSpeed
from charterm.training.schedule import learning_rate_factor
from charterm.training.settings import TrainSettings, choose_recipe, wants_own_network
from charterm.training.streams import Streams
from charterm.training.token_rows import TokenRows, count_tokens
from charterm.training.trainer import Trainer
from charterm.training.validation import HeldOutText

SMALL = {"hidden": 24, "embedding": 8, "batch_size": 4, "sequence_length": 16, "dropout": 0.1,
         "threads": 1, "precision": "float32", "sample_length": 12}  # fmt: skip


@pytest.fixture
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Corpus:
    monkeypatch.setenv("CHARTERM_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("CHARTERM_DATA_DIR", str(tmp_path / "data"))
    text = tmp_path / "text.txt"
    text.write_text("the cat sat on the mat, and the dog sat on the cat.\n" * 60 + "안녕 zebra\n")
    return build_corpus([text], CorpusOptions())


def run(corpus: Corpus, folder: Path, **settings: object) -> list[Event]:
    chosen = TrainSettings(**{**SMALL, **settings})  # type: ignore[arg-type]
    return list(Trainer(corpus, chosen, folder).run())


def test_a_run_learns_and_saves_a_model(corpus: Corpus, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    events = run(corpus, folder, epochs=8, learning_rate=1e-2)
    assert isinstance(events[0], Started)
    finished = events[-1]
    assert isinstance(finished, Finished)
    validations = [event for event in events if isinstance(event, ValidationEvent)]
    assert validations[-1].validation_nats < 0.8 * validations[0].validation_nats
    assert any(isinstance(event, Sample) and event.text for event in events)

    info = load_info(folder)
    assert info.alphabet == corpus.alphabet
    for name in ("validation_nats", "validation_bits", "characters_seen", "seconds",
                 "characters_per_second"):  # fmt: skip
        assert info.training[name] == finished.facts[name] > 0
    assert [entry["kind"] for entry in load_log(folder)][-1] == "finished"
    assert json.dumps([event.to_json() for event in events])

    tensors = load_tensors(folder, info.config)
    network = CharRNN(info.config).eval()
    network.load_state_dict({n: torch.from_numpy(np.array(t)) for n, t in tensors.items()})
    whole = np.concatenate([corpus.alphabet.encode("\n"), *corpus.validation]).astype(np.int64)
    with torch.no_grad():
        logits, _ = network(torch.from_numpy(whole[None, :-1]))
    loss = torch.nn.functional.cross_entropy(
        logits[0], torch.from_numpy(whole[1:]), reduction="sum"
    )
    # The saved model, all V tokens, read in one carried state, gives the loss that was reported.
    assert float(loss) / corpus.validation_characters == pytest.approx(
        finished.facts["validation_nats"], abs=1e-3
    )


@pytest.mark.parametrize("optimizer", ["adam", "adamw", "rmsprop"])
@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_every_optimizer_trains_both_cells(
    corpus: Corpus, tmp_path: Path, optimizer: str, cell: str
) -> None:
    events = run(corpus, tmp_path / "m", steps=60, optimizer=optimizer, cell=cell,
                 learning_rate=5e-3, layers=2)  # fmt: skip
    finished = events[-1]
    assert isinstance(finished, Finished)
    assert finished.facts["steps"] == 60
    assert finished.facts["validation_nats"] < 3.0  # uniform would be above 5


def test_same_seed_same_weights(corpus: Corpus, tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        run(corpus, tmp_path / name, steps=10, seed=seed)
    first, same, other = ((tmp_path / n / "weights.safetensors").read_bytes() for n in "abc")
    assert first == same != other


def test_minutes_are_kept(corpus: Corpus, tmp_path: Path) -> None:
    events = run(corpus, tmp_path / "m", minutes=0.02)
    finished = events[-1]
    assert isinstance(finished, Finished)
    assert finished.facts["seconds"] >= 1.2


def test_pause_and_stop_end_the_run_with_a_model(corpus: Corpus, tmp_path: Path) -> None:
    for wish in ("pause", "stop"):
        trainer = Trainer(corpus, TrainSettings(**SMALL, minutes=5), tmp_path / wish)
        events: list[Event] = []
        for event in trainer.run():
            events.append(event)
            if isinstance(event, Step):
                getattr(trainer, wish)()
        assert isinstance(events[-1], Paused if wish == "pause" else Finished)
        assert load_info(tmp_path / wish).training["steps"] > 0
    assert any(isinstance(event, Checkpoint) for event in events) is False


@pytest.mark.parametrize("wish", ["", "stop", "pause"])
def test_comparison_at_the_end_is_told_and_can_be_ended(
    corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wish: str
) -> None:
    monkeypatch.setattr(verbatim, "_CHUNK", 500)
    monkeypatch.setattr(trainer_module, "_TELL_SECONDS", 0.0)
    trainer = Trainer(corpus, TrainSettings(**SMALL, steps=20), tmp_path / "model")
    events: list[Event] = []
    for event in trainer.run():
        events.append(event)
        if isinstance(event, Comparing) and wish:
            getattr(trainer, wish)()
    told = [event for event in events if isinstance(event, Comparing)]
    if wish == "pause":
        assert isinstance(events[-1], Paused)
    else:
        assert isinstance(events[-1], Finished)
        assert ("verbatim" in events[-1].facts) == (not wish)
    assert all(0 < event.done <= event.total == len(corpus.train) for event in told)
    assert (len(told) == 1) == bool(wish)


def test_too_short_text_is_refused(corpus: Corpus, tmp_path: Path) -> None:
    with pytest.raises(ChartermError, match="sequence"):
        run(corpus, tmp_path / "m", steps=1, sequence_length=100_000)


def test_divergence_is_one_clear_line(corpus: Corpus, tmp_path: Path) -> None:
    with pytest.raises(ChartermError, match="learning-rate"):
        run(corpus, tmp_path / "m", minutes=1, learning_rate=1e30, clip=0)


@pytest.mark.parametrize(
    "wrong",
    [{"epochs": 1, "minutes": 1}, {"dropout": 1.0}, {"optimizer": "sgd"}, {"hidden": 0},
     {"minutes": -1}, {"cell": "rnn"}],
)  # fmt: skip
def test_settings_out_of_range(wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        TrainSettings(**wrong)  # type: ignore[arg-type]


def test_settings_survive_json() -> None:
    settings = TrainSettings(cell="lstm", minutes=3, embedding=0, dropout=0.2)
    assert TrainSettings.from_json(json.loads(json.dumps(settings.to_json()))) == settings


def test_given_choices_are_kept_and_dropout_fits_repetition() -> None:
    recipe = choose_recipe(TrainSettings(hidden=100, embedding=0, steps=5), 1000, 30)
    assert (recipe.hidden, recipe.embedding, recipe.budget, recipe.amount) == (100, 0, "steps", 5)
    assert recipe.config(30).embedding is None
    once = choose_recipe(TrainSettings(epochs=1), 10**6, 80)
    often = choose_recipe(TrainSettings(epochs=30), 10**6, 80)
    assert once.dropout == 0 < often.dropout
    for characters in (10**6, 10**7, 10**9):
        recipes = [choose_recipe(TrainSettings(minutes=m), characters, 80) for m in (2, 10, 200)]
        assert {recipe.cell for recipe in recipes} == {"lstm"}
        sizes = [recipe.hidden for recipe in recipes]
        assert sizes == sorted(sizes)
        assert sizes[0] < sizes[-1]
    assert recipes[-1].dropout < 0.5
    assert recipes[-1].batch_size > recipes[0].batch_size


def test_a_run_begun_before_there_were_projections_goes_on_without_one() -> None:
    recipe = choose_recipe(TrainSettings(steps=3), 1000, 30)
    rows = TokenRows(30, np.arange(30))
    plan = Plan(recipe, rows, 1, ProductSpeed(torch.float32, 1e9))
    values = json.loads(json.dumps(plan.to_json()))
    del values["recipe"]["projection"]
    assert Plan.from_json(values).recipe == recipe


def test_a_slow_processor_reads_less_often_in_fewer_and_longer_steps() -> None:
    settings = TrainSettings(minutes=2)
    fast, slow = (choose_recipe(settings, 10**6, 80, speed) for speed in (3e11, 5e10))
    assert slow.dropout < fast.dropout
    assert slow.learning_rate > fast.learning_rate
    given = TrainSettings(minutes=2, learning_rate=1e-3)
    assert choose_recipe(given, 10**6, 80, 5e10).learning_rate == 1e-3


@pytest.mark.parametrize("schedule", ["cosine", "linear", "wsd"])
def test_schedules_rise_stay_bounded_and_fall(schedule: str) -> None:
    factors = [
        learning_rate_factor(schedule, part / 100, warmup=0.1, final=0.05)  # type: ignore[arg-type]
        for part in range(101)
    ]
    assert factors[0] < 0.02
    assert max(factors) == pytest.approx(1.0)
    assert factors[-1] == pytest.approx(0.05)
    assert sorted(factors[10:], reverse=True) == factors[10:]


def test_streams_follow_the_text_without_gaps(corpus: Corpus) -> None:
    streams = Streams(corpus, np.arange(corpus.alphabet.size), 3, 10)
    pieces = [streams.chunk(step)[0] for step in range(2 * corpus.length // 10)]
    for reader in range(3):
        start = reader * corpus.length // 3
        seen = torch.cat([piece[:, reader] for piece in pieces]).numpy()
        assert np.array_equal(seen, corpus.read(start, start + len(seen)))
    inputs, targets = streams.chunk(7)
    assert torch.equal(inputs[1:], targets[:-1])


def test_unused_tokens_share_a_row_and_the_full_model_agrees(corpus: Corpus) -> None:
    counts = count_tokens(corpus)
    assert counts.sum() == len(corpus.train)
    rows = TokenRows(corpus.alphabet.size, np.flatnonzero(counts))
    assert rows.rows == len(set(corpus.train.tolist())) + 1
    for embedding in (0, 5):
        torch.manual_seed(3)
        recipe = choose_recipe(TrainSettings(hidden=8, embedding=embedding, steps=1), 100, 30)
        small = CharRNN(recipe.config(rows.rows)).eval()
        full = CharRNN(recipe.config(rows.size)).eval()
        full.load_state_dict(rows.expand(small.state_dict()))
        tokens = torch.from_numpy(corpus.train[:20].astype(np.int64))
        with torch.no_grad():
            little = small(torch.from_numpy(rows.row_of)[tokens][None])[0].log_softmax(-1)
            whole = full(tokens[None])[0].log_softmax(-1)
        expected = little[..., rows.row_of].clone()
        expected[..., rows.row_of == len(rows.active)] -= rows.surcharge
        torch.testing.assert_close(whole, expected)


def test_held_out_text_counts_every_token_once(corpus: Corpus) -> None:
    alphabet = Alphabet.from_text("ab\n")
    rows = TokenRows(alphabet.size, alphabet.encode("ab").astype(np.int64))
    torch.manual_seed(0)
    network = CharRNN(choose_recipe(TrainSettings(hidden=8, steps=1), 100, 3).config(rows.rows))
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.zero_()
    text = alphabet.encode("abba" * 2600 + "b")
    held = HeldOutText([text[:3], text[3:]], rows, 10401, int(alphabet.encode("\n")[0]), 10**6)
    assert held.tokens == held.characters == 10401
    assert held.nats(network) == pytest.approx(math.log(3), rel=1e-5)
    part = HeldOutText([text], rows, 10401, int(alphabet.encode("\n")[0]), 5000)
    assert 5000 <= part.tokens < 5010
    assert part.nats(network) == pytest.approx(math.log(3), rel=1e-5)
    unseen = HeldOutText([alphabet.encode("안")], rows, 1, int(alphabet.encode("\n")[0]), 100)
    assert unseen.nats(network) == pytest.approx(3 * (math.log(3) + rows.surcharge), rel=1e-5)


def test_only_a_long_text_and_much_time_are_better_without_a_starter() -> None:
    fast, slow = 1e12, 1e10
    assert not wants_own_network(TrainSettings(minutes=600), 1e6, fast)
    assert wants_own_network(TrainSettings(minutes=600), 1e7, fast)
    assert not wants_own_network(TrainSettings(minutes=10), 1e7, slow)
    assert not wants_own_network(TrainSettings(epochs=3), 1e7, fast)
    for shape in ({"cell": "gru"}, {"hidden": 64}, {"embedding": 0}, {"projection": 0}):
        assert wants_own_network(TrainSettings(**shape), 1e6, slow)


def test_a_training_of_few_steps_keeps_its_rate_until_near_the_end() -> None:
    short = choose_recipe(TrainSettings(minutes=2), 1_000_000, 100, 5e10)
    long = choose_recipe(TrainSettings(minutes=60), 1_000_000, 100, 5e10)
    assert (short.schedule, long.schedule) == ("wsd", "cosine")
    assert short.averaging < long.averaging
    assert short.validations < long.validations
    asked = TrainSettings(minutes=2, schedule="linear", averaging=0.5, validations=9)
    recipe = choose_recipe(asked, 1_000_000, 100, 5e10)
    assert (recipe.schedule, recipe.averaging, recipe.validations) == ("linear", 0.5, 9)
