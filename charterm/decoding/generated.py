"""What a generation begins from and what it gives: contexts, characters, texts."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from charterm.decoding.filters import History
from charterm.engine.backend import Backend, State, Tokens

Alternatives = tuple[tuple[str, float], ...]
"""(character, probability) pairs, the most probable first."""


@dataclass(frozen=True, slots=True, eq=False)
class Context:
    """Where a generation begins. A value: any number of generations may begin from it.

    Attributes:
        state: the model's memory of all that came before, shape (S, 1, H).
        tokens: what the penalties on repetition look back on, shape (T,): the end of what came
            before, whole characters.
    """

    state: State
    tokens: Tokens

    def after(self, backend: Backend, tokens: Tokens) -> "Context":
        """The context when ``tokens``, shape (T,), have been read as well."""
        if len(tokens) == 0:
            return self
        state = backend.advance(self.state, tokens)
        return Context(state, np.concatenate([self.tokens, tokens]))


class Character(NamedTuple):
    """One generated character.

    Attributes:
        sequence: which of the alternatives it belongs to, from 0.
        text: the character.
        logprob: its log-probability under the model, in nats.
        filtered_logprob: the same under the distribution that was sampled from, if asked for.
        alternatives: the model's most probable characters at this place, if asked for.
    """

    sequence: int
    text: str
    logprob: float
    filtered_logprob: float | None = None
    alternatives: Alternatives = ()


class Ended(NamedTuple):
    """One of the alternatives is complete.

    Attributes:
        sequence: which.
        reason: ``"length"``, ``"stop"``, ``"word"``, ``"sentence"``, ``"paragraph"`` or
            ``"cancelled"``.
        logprob: log-probability, in nats, that the word, sentence or paragraph ends here; 0 for
            the other reasons.
        context: to go on from after the alternative's last character.
    """

    sequence: int
    reason: str
    logprob: float
    context: Context


@dataclass(frozen=True, slots=True)
class Generated:
    """One generated text.

    Attributes:
        text: all of it.
        characters: its characters with their log-probabilities.
        logprob: sum of the model's log-probabilities, that of the end included, in nats.
        score: what the texts of a search are ordered by: the log-probability divided by
            length^p, or the perturbed log-probability of a stochastic beam; ``logprob`` when
            sampled.
        reason: why it ended, as in :class:`Ended`; "" while it is still growing.
        context: to go on from after the text, where it is at hand.
    """

    text: str
    characters: tuple[Character, ...]
    logprob: float
    score: float
    reason: str
    context: Context | None = None


class Progress(NamedTuple):
    """The best texts of a search so far, the best first; some may still be growing."""

    step: int
    best: tuple[str, ...]


class Results(NamedTuple):
    """The end of a generation: all texts, the best first (in order of sequence when sampled)."""

    texts: tuple[Generated, ...]


Event = Character | Ended | Progress | Results


class HistoryBuffer:
    """The tokens of N sequences of equal length, to which a column is added at each step."""

    def __init__(self, tokens: Tokens, rows: int) -> None:
        """Every one of ``rows`` sequences begins with ``tokens``, shape (T,)."""
        self._length = len(tokens)
        self._buffer: History = np.empty((rows, 2 * self._length + 256), np.int32)
        self._buffer[:, : self._length] = tokens

    @property
    def tokens(self) -> History:
        """All tokens, shape (N, T); valid until the next change."""
        return self._buffer[:, : self._length]

    def append(self, tokens: Tokens) -> None:
        """Add one token, shape (N,), to each sequence."""
        if self._length == self._buffer.shape[1]:
            self._buffer = np.concatenate([self._buffer, np.empty_like(self._buffer)], axis=1)
        self._buffer[:, self._length] = tokens
        self._length += 1

    def select(self, rows: list[int] | Tokens) -> None:
        """Go on with these rows; one may be taken several times."""
        self._buffer = self._buffer[rows]
