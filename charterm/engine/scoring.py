"""How well a model predicts a text: bits per character, accuracy, rank and calibration."""

import math
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from charterm.engine.backend import Logits, Tokens
from charterm.engine.language_model import LanguageModel
from charterm.engine.session import Interrupted, ShouldStop, never_stop
from charterm.errors import UsageError

Protocol = Literal["stateful", "window"]
PROTOCOLS: tuple[Protocol, ...] = ("stateful", "window")
WINDOW: Final = 256
_CHUNK: Final = 1024  # tokens whose logits are held at once
_LANES: Final = 64  # windows read side by side
_BINS: Final = 10


@dataclass(frozen=True, slots=True)
class CalibrationBin:
    """Predictions whose best guess had a probability between ``low`` and ``high``.

    A calibrated model is right as often as it says: ``accuracy`` equals ``confidence``.
    """

    low: float
    high: float
    predictions: int
    confidence: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class Score:
    """Figures of a model on a text.

    A character spelt in bytes counts as one: its nats are the sum over its bytes, its rank the
    worst of theirs.

    Attributes:
        nats_per_character: mean negative natural logarithm of the characters' probabilities.
        bits_per_character: the same in bits.
        top1, top3, top5: share of the characters among the 1, 3, 5 likeliest.
        characters: characters predicted.
        mean_reciprocal_rank: mean of 1 / rank, 1 for the likeliest.
        protocol: ``"stateful"`` or ``"window"``.
        calibration: ten bins of the best guess's probability; predictions are of tokens.
    """

    nats_per_character: float
    bits_per_character: float
    top1: float
    top3: float
    top5: float
    characters: int
    mean_reciprocal_rank: float
    protocol: Protocol
    calibration: tuple[CalibrationBin, ...]

    def to_json(self) -> dict[str, Any]:
        """The object as plain JSON values."""
        return asdict(self)


def score(
    model: LanguageModel,
    text: str,
    *,
    protocol: Protocol = "stateful",
    window: int = WINDOW,
    on_progress: Callable[[float], None] | None = None,
    should_stop: ShouldStop = never_stop,
) -> Score:
    """Predict each character of ``text`` from those before it.

    ``stateful`` carries one state from the start state through the whole text and predicts every
    character. ``window`` is nanoGPT's protocol: the text is cut into windows of ``window`` tokens,
    each read from the zero state, and what follows each token is predicted; so the first character
    of the text is not, and the characters at a window's beginning are predicted from few.

    Args:
        model: the model.
        text: what to predict.
        protocol: see above.
        window: tokens of a window.
        on_progress: told the share of the text that is done, 0 to 1.
        should_stop: asked after each chunk.

    Raises:
        UsageError: an unknown protocol, a window below 1, or nothing to predict.
        Interrupted: ``should_stop`` said yes.
    """
    if protocol not in PROTOCOLS:
        raise UsageError(
            "unknown protocol {protocol!r}: choose stateful or window", protocol=protocol
        )
    if window < 1:
        raise UsageError("a window has at least 1 token, not {window}", window=window)
    tokens = model.alphabet.encode(text)
    if len(tokens) < (1 if protocol == "stateful" else 2):
        raise UsageError("the text is too short to score: give at least two characters")
    chunks = _stateful(model, tokens) if protocol == "stateful" else _windows(model, tokens, window)
    total = len(tokens)
    nats = np.zeros(total)
    ranks = np.zeros(total, np.int64)
    tally = _Calibration()
    done = 0
    for places, logits in chunks:
        nats[places], ranks[places], confidence = _judge(logits, tokens[places])
        tally.add(confidence, ranks[places] == 1)
        done += len(places)
        if on_progress is not None:
            on_progress(done / total)
        if should_stop():
            raise Interrupted
    first = 0 if protocol == "stateful" else 1  # the first token of all has nothing before it
    return _summary(model, tokens, nats, ranks, first, protocol, tally)


def _summary(
    model: LanguageModel,
    tokens: Tokens,
    nats: NDArray[np.float64],
    ranks: NDArray[np.int64],
    first: int,
    protocol: Protocol,
    tally: "_Calibration",
) -> Score:
    starts = np.flatnonzero(model.alphabet.character_starts(tokens))
    starts = starts[starts >= first]
    if not len(starts):
        raise UsageError("the text is too short to score: give at least two characters")
    worst = np.maximum.reduceat(ranks, starts)
    mean = float(nats[starts[0] :].sum() / len(starts))
    return Score(
        nats_per_character=mean,
        bits_per_character=mean / math.log(2.0),
        top1=float(np.mean(worst <= 1)),
        top3=float(np.mean(worst <= 3)),
        top5=float(np.mean(worst <= 5)),
        characters=len(starts),
        mean_reciprocal_rank=float(np.mean(1.0 / worst)),
        protocol=protocol,
        calibration=tally.bins(),
    )


Chunk = tuple[NDArray[np.intp], Logits]
"""Places of predicted tokens, shape (N,), and the logits before each, shape (N, V)."""


def _stateful(model: LanguageModel, tokens: Tokens) -> Iterator[Chunk]:
    state = model.start
    before = model.backend.logits(state)
    for start in range(0, len(tokens), _CHUNK):
        part = tokens[start : start + _CHUNK]
        after, state = model.backend.read(state, part)
        yield np.arange(start, start + len(part)), np.concatenate((before, after[:-1]))
        before = after[-1:]


def _windows(model: LanguageModel, tokens: Tokens, window: int) -> Iterator[Chunk]:
    """Windows as nanoGPT cuts them: inputs 0..W-1 predict 1..W, then W..2W-1 predict W+1..2W.

    The windows are independent and are read side by side.
    """
    starts = np.arange(0, len(tokens) - 1, window)
    for low in range(0, len(starts), _LANES):
        lanes = starts[low : low + _LANES]
        state = model.backend.initial_state(len(lanes))
        for offset in range(window):
            inside = lanes + offset < len(tokens) - 1
            if not inside.any():
                break
            lanes, state = lanes[inside], state[:, inside] if not inside.all() else state
            logits, state = model.backend.step(state, tokens[lanes + offset])
            yield lanes + offset + 1, logits


def _judge(
    logits: Logits, targets: Tokens
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float32]]:
    """Nats and rank of each target and the probability of the likeliest token, shapes (N,)."""
    highest = logits.max(axis=1)
    right = np.take_along_axis(logits, targets[:, None].astype(np.intp), axis=1)
    ranks = np.count_nonzero(logits > right, axis=1) + 1
    mass = np.exp(logits - highest[:, None]).sum(axis=1, dtype=np.float64)
    nats = np.log(mass) - (right[:, 0].astype(np.float64) - highest)
    return nats, ranks, (1.0 / mass).astype(np.float32)


class _Calibration:
    """Counts predictions by the probability of the best guess."""

    def __init__(self) -> None:
        self.count = np.zeros(_BINS, np.int64)
        self.confidence = np.zeros(_BINS)
        self.right = np.zeros(_BINS)

    def add(self, confidence: NDArray[np.float32], right: NDArray[np.bool_]) -> None:
        bins = np.minimum((confidence * _BINS).astype(np.intp), _BINS - 1)
        self.count += np.bincount(bins, minlength=_BINS)
        self.confidence += np.bincount(bins, confidence, minlength=_BINS)
        self.right += np.bincount(bins, right, minlength=_BINS)

    def bins(self) -> tuple[CalibrationBin, ...]:
        return tuple(
            CalibrationBin(
                low=i / _BINS,
                high=(i + 1) / _BINS,
                predictions=int(n),
                confidence=float(self.confidence[i] / n) if n else 0.0,
                accuracy=float(self.right[i] / n) if n else 0.0,
            )
            for i, n in enumerate(self.count)
        )
