import contextlib
import math
from pathlib import Path

import numpy as np
import pytest
import torch

from charterm.errors import UsageError
from charterm.model.folder import load_info, load_tensors
from charterm.model.network import CharRNN
from charterm.text.corpus_options import CorpusOptions
from charterm.training import trainer as trainer_module
from charterm.training.events import Event, Finished, Step
from charterm.training.fine_tuning import BaseModel, adopt, rows_of
from charterm.training.run_folder import RunFolder
from charterm.training.run_process import train_run
from charterm.training.runs import create_run
from charterm.training.settings import TrainSettings, choose_recipe

SMALL = {"batch_size": 4, "sequence_length": 16, "threads": 1, "precision": "float32",
         "sample_length": 5}  # fmt: skip
OLD = "the cat sat on the mat, and the dog sat on the cat.\n"
NEW = "Über allen Gipfeln ist Ruh, the cat in allen Wipfeln 안녕.\n"


@pytest.fixture(params=[8, 0], ids=["embedding", "onehot"])
def base(request: pytest.FixtureRequest, tmp_path: Path) -> RunFolder:
    return trained("base", tmp_path, OLD * 40, hidden=16, embedding=request.param, steps=80,
                   learning_rate=1e-2)  # fmt: skip


def trained(
    name: str,
    folder: Path,
    text: str,
    base: str = "",
    recall: tuple[Path, ...] = (),
    **chosen: object,
) -> RunFolder:
    path = folder / f"{name}.txt"
    path.write_text(text, encoding="utf-8")
    run = create_run(
        name,
        [path],
        CorpusOptions(),
        TrainSettings(**{**SMALL, **chosen}),  # type: ignore[arg-type]
        base=base,
        recall=recall,
    )
    assert isinstance(train_run(run, lambda _: None), Finished)
    return run


def test_knowledge_is_taken_over_exactly(base: RunFolder) -> None:
    model = BaseModel.load("base", base.model)
    old = model.info.alphabet
    alphabet = old.extended("안Ü")
    counts = np.zeros(alphabet.size, np.int64)
    counts[-2:] = 1
    rows = rows_of(model, alphabet, counts)
    network = CharRNN(choose_recipe(
        TrainSettings(hidden=16, embedding=model.info.config.embedding or 0), 100, rows.rows
    ).config(rows.rows)).eval()  # fmt: skip
    adopt(network, rows, model, alphabet)
    full = CharRNN(network.config.__class__(**{**network.config.to_json(),
                                               "vocabulary": alphabet.size})).eval()  # fmt: skip
    full.load_state_dict(rows.expand(network.state_dict()))
    before = CharRNN(model.info.config).eval()
    before.load_state_dict({n: torch.from_numpy(np.array(t)) for n, t in model.tensors.items()})
    tokens = torch.from_numpy(old.encode("the cat sat").astype(np.int64))[None]
    with torch.no_grad():
        known = before(tokens)[0]
        logits = full(tokens)[0]
    torch.testing.assert_close(logits[..., : old.size], known)
    share = logits.softmax(-1)[..., old.size :].sum(-1)
    assert float(share.max()) < 0.2  # the new characters leave the old ones most of the chances
    assert float(share.min()) > 0


def test_new_characters_are_learnt_and_both_sides_are_measured(
    base: RunFolder, tmp_path: Path
) -> None:
    run = trained("tuned", tmp_path, NEW * 40, base="base", steps=60, learning_rate=1e-2)
    old, new = load_info(base.model), load_info(run.model)
    assert new.alphabet.characters[: len(old.alphabet.characters)] == old.alphabet.characters
    assert {"Ü", "안", "녕"} <= set(new.alphabet.characters)
    assert (new.config.hidden, new.config.embedding) == (old.config.hidden, old.config.embedding)
    facts = new.training
    assert facts["from"] == "base"
    assert facts["after_nats"] < 0.8 * facts["before_nats"]
    assert facts["recall"] == "validation text of base"
    assert facts["recall_before_nats"] == pytest.approx(old.training["validation_nats"], rel=0.02)
    assert facts["recall_after_nats"] > facts["recall_before_nats"]
    load_tensors(run.model, new.config)
    log = (run.model / "log.jsonl").read_text()
    assert '"train_nats": null' in log  # measured before the first step
    assert "NaN" not in log


def test_training_that_only_harms_keeps_the_base(tmp_path: Path) -> None:
    base = trained("base", tmp_path, OLD * 40, hidden=16, embedding=8, steps=150,
                   learning_rate=1e-2)  # fmt: skip
    recall = tmp_path / "recall.txt"
    recall.write_text(OLD * 5)
    harmful = OLD[::-1] * 36 + OLD * 4  # the last tenth is what the base knows
    run = trained("harmed", tmp_path, harmful, base="base", recall=(recall,), steps=40,
                  learning_rate=3e-2)  # fmt: skip
    facts = load_info(run.model).training
    assert facts["kept_step"] == 0 < facts["steps"]
    assert facts["recall"] == "recall.txt"
    assert facts["recall_after_nats"] == pytest.approx(facts["recall_before_nats"])
    before = load_tensors(base.model, load_info(base.model).config)
    after = load_tensors(run.model, load_info(run.model).config)
    assert np.array_equal(before["layers.0.weight_hh"], after["layers.0.weight_hh"])


def test_an_interrupted_fine_tuning_remembers_what_was_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trainer_module, "_REPORT_SECONDS", 0.0)
    trained("base", tmp_path, OLD * 40, hidden=16, embedding=8, steps=20)
    text = tmp_path / "new.txt"
    text.write_text(NEW * 40, encoding="utf-8")
    facts, weights = [], []
    for name, deaths in (("whole", [0]), ("killed", [9, 2, 7, 0])):
        settings = TrainSettings(**SMALL, steps=12, checkpoint_seconds=1e-6)  # type: ignore[arg-type]
        run = create_run(name, [text], CorpusOptions(), settings, base="base")
        for death in deaths:

            def die(event: Event, death: int = death) -> None:
                if death and isinstance(event, Step) and event.step >= death:
                    raise KeyboardInterrupt

            with contextlib.suppress(KeyboardInterrupt):
                train_run(run, die)
        facts.append(load_info(run.model).training)
        weights.append((run.model / "weights.safetensors").read_bytes())
    assert weights[0] == weights[1]
    for key in ("before_nats", "after_nats", "recall_before_nats", "recall_after_nats"):
        assert facts[0][key] == facts[1][key]


def test_shape_and_names_are_checked(base: RunFolder, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="hidden 16, not 99"):
        trained("wide", tmp_path, NEW * 40, base="base", hidden=99)
    with pytest.raises(UsageError, match="no model named"):
        trained("orphan", tmp_path, NEW * 40, base="nobody")
    with pytest.raises(UsageError, match="--from"):
        trained("plain", tmp_path, NEW * 40, recall=(tmp_path / "base.txt",))


def test_fine_tuning_has_a_lower_rate_by_default() -> None:
    settings = TrainSettings(steps=10)
    usual, careful = (choose_recipe(settings, 1000, 30, fine_tuning=f) for f in (False, True))
    assert careful.learning_rate < usual.learning_rate
    given = TrainSettings(steps=10, learning_rate=0.5)
    assert choose_recipe(given, 1000, 30, fine_tuning=True).learning_rate == 0.5


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_a_model_is_projected_when_it_is_trained_further(cell: str, tmp_path: Path) -> None:
    shape = {"cell": cell, "hidden": 16, "embedding": 8, "learning_rate": 1e-2}
    trained("base", tmp_path, OLD * 40, steps=80, **shape)
    run = trained("small", tmp_path, OLD * 40, base="base", projection=6, steps=60)
    info = load_info(run.model)
    assert info.config.projection == 6
    assert info.config.hidden == 16
    tensors = load_tensors(run.model, info.config)
    assert tensors["layers.0.weight_hr"].shape == (6, 16)
    assert info.training["after_nats"] < info.training["before_nats"]
    again = trained("further", tmp_path, OLD * 40, base="small", steps=5)
    assert load_info(again.model).config.projection == 6
    with pytest.raises(UsageError, match="projection 6 already"):
        trained("other", tmp_path, OLD * 40, base="small", projection=5)


@pytest.mark.parametrize("cell", ["gru", "lstm"])
@pytest.mark.parametrize("projection", [0, 6])
def test_a_model_loses_units_when_it_is_trained_further(
    cell: str, projection: int, tmp_path: Path
) -> None:
    shape = {"cell": cell, "hidden": 24, "embedding": 8, "layers": 2, "learning_rate": 1e-2}
    trained("base", tmp_path, OLD * 40, steps=80, **shape)
    run = trained("small", tmp_path, NEW * 40, base="base", hidden=16,
                  projection=projection or None, steps=30)  # fmt: skip
    info = load_info(run.model)
    assert (info.config.hidden, info.config.projection or 0) == (16, projection)
    load_tensors(run.model, info.config)
    assert info.training["after_nats"] < info.training["before_nats"]


def test_the_units_that_matter_on_the_text_stay(tmp_path: Path) -> None:
    """With a fifth of the units gone, the model still knows nearly all that it knew."""
    base = trained("base", tmp_path, OLD * 40, hidden=40, embedding=8, steps=150,
                   learning_rate=1e-2)  # fmt: skip
    run = trained("small", tmp_path, OLD * 40, base="base", hidden=32, steps=1, learning_rate=1e-9)
    known = load_info(base.model).training["validation_nats"]
    unknown = math.log(len(set(OLD)))
    before = load_info(run.model).training["before_nats"]
    assert before < known + 0.1 * (unknown - known)
