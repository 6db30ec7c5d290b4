"""Dynamic evaluation learns a repetitive text and is undone as a whole."""

from pathlib import Path

import numpy as np
import pytest

from charterm.adaptation.dynamic import DynamicModel
from charterm.engine.language_model import load_language_model
from charterm.errors import UsageError
from tests.model.random_model import save_random_model

TEXT = "the cat sat on the mat é\n" * 20


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_it_gains_on_a_text_that_repeats_and_reset_undoes_it(tmp_path: Path, cell: str) -> None:
    folder = tmp_path / "model"
    save_random_model(folder, scale=0.2, cell=cell)
    trained = load_language_model(folder)
    dynamic = DynamicModel(folder, trained, rate=0.02)
    gain = dynamic.learn(TEXT)
    assert gain.dynamic < gain.static - 0.3
    assert gain.characters == len(TEXT)
    state = trained.start
    learnt = dynamic.model()
    assert not np.allclose(learnt.probabilities(learnt.start), trained.probabilities(state))
    assert dynamic.learn(TEXT).dynamic < gain.dynamic  # it goes on from what it learnt
    dynamic.reset()
    again = dynamic.model()
    np.testing.assert_allclose(
        again.probabilities(again.start), trained.probabilities(trained.start), atol=1e-6
    )
    assert dynamic.learn(TEXT).dynamic == pytest.approx(gain.dynamic, rel=1e-4)


def test_nothing_to_learn_and_a_wrong_rate(tmp_path: Path) -> None:
    save_random_model(tmp_path / "model")
    trained = load_language_model(tmp_path / "model")
    with pytest.raises(UsageError, match="empty"):
        DynamicModel(tmp_path / "model", trained).learn("")
    with pytest.raises(UsageError, match="rate"):
        DynamicModel(tmp_path / "model", trained, rate=0.0)
