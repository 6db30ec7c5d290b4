"""A model ready to read and predict: its description, its alphabet and a backend."""

import warnings
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from charterm.engine.backend import Backend, Logits, State, Tokens
from charterm.engine.numpy_backend import NumpyBackend
from charterm.engine.products import Floats
from charterm.engine.weights import build_weights
from charterm.errors import UsageError
from charterm.model.config import ModelConfig
from charterm.model.folder import ModelInfo, load_info, load_tensors
from charterm.model.word_counts import WordCounts
from charterm.text.alphabet import BYTES, Alphabet, StreamDecoder, allowed_mask

BackendName = Literal["numpy", "torch"]
_LEAST: Final = 1e-12
_MOST: Final = 1e30
"""Between these sums of exponentials none of them leaves a float32's range."""

# an infinite exponential shows in the sum; to ask for silence at each step takes 3 µs of it
warnings.filterwarnings("ignore", "overflow encountered in exp", RuntimeWarning, __name__)

START = "\n"
"""What a model has read before the first character: text begins like a line."""


@dataclass(frozen=True)
class LanguageModel:
    """A model that reads characters and says what may follow.

    Attributes:
        name: its name in the library, or its folder's.
        info: its description.
        backend: runs its weights.
        words: those of its training text, where the model has them.
    """

    name: str
    info: ModelInfo
    backend: Backend
    words: WordCounts | None = None

    @property
    def alphabet(self) -> Alphabet:
        """The characters and their tokens."""
        return self.info.alphabet

    @property
    def config(self) -> ModelConfig:
        """The shapes."""
        return self.info.config

    @cached_property
    def start(self) -> State:
        """The state before the first character, shape (S, 1, H): that after a newline."""
        return self.backend.advance(self.backend.initial_state(), self.alphabet.encode(START))

    def advance(self, state: State, text: str) -> State:
        """The state after reading ``text`` from ``state``, shape (S, 1, H)."""
        return self.backend.advance(state, self.alphabet.encode(text))

    def probabilities(self, state: State, pending: bytes = b"") -> Floats:
        """Probability of each token after each of N sequences, shape (N, V).

        Tokens that would make the text invalid UTF-8, or spell a character of the alphabet in
        bytes, have none; the others sum to one.

        Args:
            state: shape (S, N, H).
            pending: the bytes of an incomplete character that all N sequences end in.
        """
        return masked_softmax(self.backend.logits(state), barrier(self.alphabet, pending))

    def next_characters(self, state: State, count: int) -> tuple[list[tuple[str, float]], float]:
        """The likeliest next characters and what all others together have.

        The bytes that begin a character outside of the alphabet are no characters; their
        probability is part of the rest.

        Args:
            state: shape (S, 1, H).
            count: how many characters at most.

        Returns:
            (character, probability) pairs, likeliest first, and the probability of the rest.
        """
        return self.rank_characters(self.probabilities(state)[0], count)

    def rank_characters(
        self, probabilities: Floats, count: int
    ) -> tuple[list[tuple[str, float]], float]:
        """As :meth:`next_characters`, from a distribution over the tokens, shape (V,)."""
        characters = np.where(self._is_character, probabilities, 0.0)
        best = np.argsort(-characters, kind="stable")[:count]
        listed = [(self._spelling(t), float(characters[t])) for t in best if characters[t] > 0]
        return listed, max(0.0, 1.0 - sum(p for _, p in listed))

    def _spelling(self, token: int) -> str:
        return chr(token) if token < 0x80 else self.alphabet.characters[token - 256]

    @cached_property
    def _is_character(self) -> NDArray[np.bool_]:
        """Tokens that are a whole character, shape (V,): all but bytes from 0x80 on."""
        tokens = np.arange(self.alphabet.size)
        whole: NDArray[np.bool_] = (tokens < 0x80) | (tokens >= 256)
        return whole


def barrier(alphabet: Alphabet, pending: bytes = b"") -> Floats:
    """What to add to logits so that only allowed tokens have a probability, shape (V,)."""
    allowed = allowed_mask(alphabet, pending)
    return np.where(allowed, np.float32(0), np.float32(-np.inf)).astype(np.float32)


def masked_softmax(logits: Logits, barriers: Floats) -> Floats:
    """The distribution of ``logits`` (N, V), which are overwritten, plus ``barriers``.

    A model's logits are near 0, as near as a float32 needs them: only where they are not, the
    largest is taken off first.

    Args:
        logits: (N, V).
        barriers: (V,) or (N, V).
    """
    logits += barriers
    weights = np.exp(logits)
    sums = np.add.reduce(weights, axis=1, keepdims=True)
    totals = sums[:, 0].tolist()
    if totals and not (min(totals) > _LEAST and max(totals) < _MOST):
        logits -= np.maximum.reduce(logits, axis=1, keepdims=True)
        np.exp(logits, weights)
        np.add.reduce(weights, axis=1, keepdims=True, out=sums)
    weights /= sums
    return weights


def token_barriers(alphabet: Alphabet, tokens: Tokens) -> Floats:
    """The barrier before each of T tokens of one text, shape (V,) if it is the same, or (T, V).

    The tokens begin where a character does.
    """
    if not (tokens < BYTES).any():
        return barrier(alphabet)
    barriers = np.tile(barrier(alphabet), (len(tokens), 1))
    decoder = StreamDecoder(alphabet)
    for row, token in enumerate(tokens.tolist()):
        if decoder.pending:
            barriers[row] = barrier(alphabet, decoder.pending)
        decoder.feed(token)
    return barriers


def token_probabilities(alphabet: Alphabet, logits: Logits, tokens: Tokens) -> Floats:
    """The probability of each of T tokens of one text, shape (T,); the logits are overwritten.

    Args:
        alphabet: the model's.
        logits: what the model expected before each token, shape (T, V).
        tokens: shape (T,), from the beginning of a character on.
    """
    rows = masked_softmax(logits, token_barriers(alphabet, tokens))
    expected: Floats = rows[np.arange(len(tokens)), tokens]
    return expected


def load_language_model(
    folder: Path, backend: BackendName = "numpy", *, name: str = "", device: str = "cpu"
) -> LanguageModel:
    """Load the model in ``folder``.

    Args:
        folder: a model's folder.
        backend: ``"numpy"`` for one sequence on a CPU, ``"torch"`` for large batches or a GPU.
        name: what to call it; the folder's name if empty.
        device: where the torch backend computes.

    Raises:
        ChartermError: there is no model, or its files are damaged.
        UsageError: an unknown backend or device.
    """
    info = load_info(folder)
    tensors = load_tensors(folder, info.config)
    runner: Backend
    if backend == "numpy":
        runner = NumpyBackend(build_weights(info.config, tensors))
    elif backend == "torch":
        from charterm.engine.torch_backend import TorchBackend  # imports torch: seconds, 200 MB

        runner = TorchBackend(info.config, tensors, device=device)
    else:
        raise UsageError("unknown backend {backend!r}: choose numpy or torch", backend=backend)
    return LanguageModel(name or folder.name, info, runner, WordCounts.load(folder))
