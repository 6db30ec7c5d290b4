"""What adaptation gains on a text: bits per character with it and without, as the text goes on."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from charterm.adaptation.contexts import Context
from charterm.adaptation.document import chunks
from charterm.adaptation.gates import Gates, Observation
from charterm.adaptation.memory import Memory
from charterm.adaptation.mixture import mix, shares_of
from charterm.adaptation.pieces import NEWLINE
from charterm.engine.language_model import LanguageModel, masked_softmax, token_barriers
from charterm.engine.products import Floats
from charterm.engine.session import Interrupted, ShouldStop, never_stop
from charterm.errors import UsageError

_PART: Final = 2000  # characters read at once
_CURVE_PARTS: Final = 20
_TINY: Final = 1e-30


@dataclass(frozen=True, slots=True)
class Gain:
    """Bits per character of one text, read once from its beginning.

    Attributes:
        network: of the network alone, its state carried through the text.
        adapted: with a memory that was empty at the beginning.
        characters: of the text.
        curve: (characters so far, network, adapted) of each twentieth of the text.
    """

    network: float
    adapted: float
    characters: int
    curve: tuple[tuple[int, float, float], ...]

    def to_json(self) -> dict[str, Any]:
        """The object as plain JSON values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Run:
    """A finished run of the text: what was expected of its T tokens, and what they were."""

    characters: int
    tokens: list[int]
    contexts: list[Context]
    network: Floats  # (T, V)


def measure_gain(
    model: LanguageModel,
    text: str,
    *,
    memory: Memory | None = None,
    on_progress: Callable[[float], None] | None = None,
    should_stop: ShouldStop = never_stop,
) -> Gain:
    """Predict each character of ``text`` from those before it, with adaptation and without.

    The network is read as by :func:`charterm.engine.scoring.score` with the stateful protocol.
    The memory learns each run of characters when it is finished, as in a session; the gates are
    carried through the whole text, where a session begins them anew with each context.

    Args:
        model: the model.
        text: what to predict.
        memory: what is known before, of the model's alphabet; learns the text. New if ``None``.
        on_progress: told the share of the text that is done, 0 to 1.
        should_stop: asked after each part.

    Raises:
        UsageError: the text is empty.
        Interrupted: ``should_stop`` said yes.
    """
    if not text:
        raise UsageError("the text is empty: there is nothing to predict")
    memory = memory or Memory(model.alphabet)
    gates = Gates()
    length = len(text)
    curve: list[tuple[int, float, float]] = []
    bits = np.zeros(2)
    before, then = np.zeros(2), 0
    done = 0
    for run in _runs(model, text, memory):
        adapted = run.network.copy()
        mix(adapted, run.contexts, memory, gates)
        places = np.arange(len(run.tokens)), run.tokens
        for kind, rows in enumerate((run.network, adapted)):
            bits[kind] -= np.log2(np.maximum(rows[places], _TINY), dtype=np.float64).sum()
        gates = gates.learn(list(observations(run.tokens, run.contexts, run.network, memory)))
        memory.change(run.tokens, 1, run.contexts[0])
        done += run.characters
        if done * _CURVE_PARTS >= (len(curve) + 1) * length:
            network, mixed = (bits - before) / (done - then)
            curve.append((done, float(network), float(mixed)))
            before, then = bits.copy(), done
            if on_progress is not None:
                on_progress(done / length)
            if should_stop():
                raise Interrupted
    return Gain(
        network=float(bits[0] / length),
        adapted=float(bits[1] / length),
        characters=length,
        curve=tuple(curve),
    )


def observations(
    tokens: list[int], contexts: list[Context], network: Floats, memory: Memory
) -> Iterator[Observation]:
    """What was known before each token of a run, shape (T,), (T,) and (T, V)."""
    for row, (token, context) in enumerate(zip(tokens, contexts, strict=True)):
        yield Observation(float(network[row, token]), shares_of(token, context, memory))


def observe_text(model: LanguageModel, text: str) -> list[Observation]:
    """What an empty memory and the network expected as ``text`` was typed."""
    memory = Memory(model.alphabet)
    seen: list[Observation] = []
    for run in _runs(model, text, memory):
        seen += observations(run.tokens, run.contexts, run.network, memory)
        memory.change(run.tokens, 1, run.contexts[0])
    return seen


def _runs(model: LanguageModel, text: str, memory: Memory) -> Iterator[_Run]:
    """The runs of the text with the white space after each, and the rest as the last."""
    spans = chunks(text, 0, len(text))
    if not spans or spans[-1][1] < len(text):
        spans.append((spans[-1][1] if spans else 0, len(text)))
    reader, encode = memory.reader, model.alphabet.encode
    line = reader.read(encode(NEWLINE).tolist())
    context = line
    state = model.start
    before = model.backend.logits(state)
    waiting: NDArray[np.float32] = np.empty((0, before.shape[1]), np.float32)
    read = 0  # characters
    for start, end in spans:
        if end > read:
            limit = max(end, min(len(text), read + _PART))
            tokens = encode(text[read:limit])
            after, state = model.backend.read(state, tokens)
            rows = masked_softmax(
                np.concatenate((before, after[:-1])), token_barriers(model.alphabet, tokens)
            )
            waiting = np.concatenate((waiting, rows))
            before, read = after[-1:], limit
        typed = encode(text[start:end]).tolist()
        contexts = []
        for token in typed:
            contexts.append(context)
            context = reader.extend(context, token)
        yield _Run(end - start, typed, contexts, waiting[: len(typed)])
        waiting = waiting[len(typed) :]
        if text[end - 1] == NEWLINE:
            context = line
