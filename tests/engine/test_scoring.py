import math

import numpy as np
import pytest

from charterm.engine.scoring import score
from charterm.engine.session import Interrupted
from charterm.errors import UsageError
from tests.engine.models import random_model

MODEL = random_model("\n abc'.", scale=0.8)
TEXT = "a cab, a bad cab. é안 " * 90


def expected_nats(pairs: list[tuple[np.ndarray, int]]) -> list[float]:
    return [
        float(np.log(np.exp(row.astype(np.float64)).sum()) - row[token]) for row, token in pairs
    ]


def test_stateful_scores_every_character_after_all_before_it() -> None:
    tokens = MODEL.alphabet.encode(TEXT)
    state, rows = MODEL.start, []
    for token in tokens:
        rows.append((MODEL.backend.logits(state)[0], int(token)))
        state = MODEL.backend.advance(state, np.array([token], np.int32))
    nats = expected_nats(rows)
    result = score(MODEL, TEXT)
    assert len(tokens) > 1024  # more than one chunk
    assert result.characters == len(TEXT)
    assert result.nats_per_character == pytest.approx(sum(nats) / len(TEXT), rel=1e-4)
    assert result.bits_per_character == pytest.approx(result.nats_per_character / math.log(2))
    ranks = [int((row > row[token]).sum()) + 1 for row, token in rows]
    whole = []  # the worst rank over the bytes of each character
    for character in TEXT:
        count = len(MODEL.alphabet.encode_character(character))
        whole.append(max(ranks[:count]))
        ranks = ranks[count:]
    assert result.top1 == pytest.approx(np.mean(np.array(whole) <= 1))
    assert result.top5 == pytest.approx(np.mean(np.array(whole) <= 5))
    assert result.mean_reciprocal_rank == pytest.approx(np.mean(1 / np.array(whole)))


@pytest.mark.parametrize("window", [1, 7, 100, 5000])
def test_a_window_is_read_from_the_zero_state(window: int) -> None:
    text = "a cab, a bad cab. " * 40
    tokens = MODEL.alphabet.encode(text)
    rows = []
    for start in range(0, len(tokens) - 1, window):
        state = MODEL.backend.initial_state()
        for place in range(start, min(start + window, len(tokens) - 1)):
            logits, state = MODEL.backend.step(state, tokens[place : place + 1])
            rows.append((logits[0], int(tokens[place + 1])))
    nats = expected_nats(rows)
    result = score(MODEL, text, protocol="window", window=window)
    assert result.characters == len(text) - 1 == len(nats)
    assert result.nats_per_character == pytest.approx(sum(nats) / len(nats), rel=1e-4)


def test_calibration_counts_every_prediction_once() -> None:
    result = score(MODEL, TEXT)
    assert sum(b.predictions for b in result.calibration) == len(MODEL.alphabet.encode(TEXT))
    for b in result.calibration:
        if b.predictions:
            assert b.low - 1e-6 <= b.confidence <= b.high + 1e-6
            assert 0.0 <= b.accuracy <= 1.0


def test_progress_and_stopping() -> None:
    shares: list[float] = []
    score(MODEL, TEXT, on_progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    with pytest.raises(Interrupted):
        score(MODEL, TEXT, should_stop=lambda: True)


@pytest.mark.parametrize(("text", "protocol"), [("", "stateful"), ("a", "window"), ("ab", "x")])
def test_nothing_to_score_is_a_clear_error(text: str, protocol: str) -> None:
    with pytest.raises(UsageError):
        score(MODEL, text, protocol=protocol)  # type: ignore[arg-type]


def test_scores_are_plain_json() -> None:
    import json

    assert json.loads(json.dumps(score(MODEL, "a cab").to_json()))["characters"] == 5
